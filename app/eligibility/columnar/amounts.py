"""Exact numbers of many firms: whole steps and quotients, compared with a bound without rounding (pure).

Arithmetic is in 64-bit integers as long as the largest number at hand leaves room; beyond, in Python's own, which have
no largest number. A comparison may look at floats to tell what lies clearly on one side; whatever lies within a
billionth of the bound is decided by whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.eligibility.columnar.codes import Flags
from app.rulebooks.criteria import Bound

Whole = npt.NDArray[Any]
"""int64, or Python's integers (dtype object) where those have no room."""

ROOM = 2**62
NEAR = 1e-9


@dataclass(slots=True)
class Amount:
    """One exact number a firm: ``values`` steps of ``10**-places``, none larger than ``most`` either way."""

    values: Whole
    places: int
    most: int


@dataclass(slots=True)
class Number:
    """One exact quotient a firm, ``top / bottom``; the bottom is above zero."""

    top: Whole
    bottom: Whole
    most_top: int
    most_bottom: int

    @property
    def size(self) -> int:
        return len(self.top)

    def keeps(self, bound: Bound) -> Flags:
        """Tell for each firm whether the number keeps the bound, exactly."""
        sign = against(self, bound.exact.numerator, bound.exact.denominator)
        if bound.operator == ">=":
            return sign >= 0
        if bound.operator == "<=":
            return sign <= 0
        return sign > 0 if bound.operator == ">" else sign < 0


@dataclass(slots=True)
class Rooted:
    """What has grown to over ``years`` years; a bar is compared with it by its power, with no root taken."""

    number: Number
    years: int

    @property
    def size(self) -> int:
        return self.number.size

    def keeps(self, bound: Bound) -> Flags:
        """Tell for each firm whether the compound rate keeps the bound, exactly."""
        return self.number.keeps(Bound(bound.operator, bound.value, (1 + bound.exact) ** self.years))


@dataclass(slots=True)
class Extreme:
    """The least or the greatest of several numbers of each firm, of those that are known."""

    parts: Sequence[tuple[Flags, Number]]
    is_least: bool

    @property
    def size(self) -> int:
        return self.parts[0][1].size

    def keeps(self, bound: Bound) -> Flags:
        """The least is above a bar when all are; it is below one when any is. The greatest the other way round."""
        upwards = bound.operator in (">=", ">")
        each = [(known, number.keeps(bound)) for known, number in self.parts]
        if upwards == self.is_least:
            found: Flags = np.logical_and.reduce([fits | ~known for known, fits in each])
        else:
            found = np.logical_or.reduce([fits & known for known, fits in each])
        return found


Kept = Number | Rooted | Extreme
"""A number of every firm that can be held against a bound."""


def added(numbers: Sequence[Number]) -> Number:
    """Return the sum of quotients, over the product of their bottoms."""
    result = numbers[0]
    for one in numbers[1:]:
        most = result.most_top * one.most_bottom + one.most_top * result.most_bottom
        left, right = _roomy(result.top, most) * one.bottom, _roomy(one.top, most) * result.bottom
        bottoms = result.most_bottom * one.most_bottom
        result = Number(left + right, _roomy(result.bottom, bottoms) * one.bottom, most, bottoms)
    return result


def divided(one: Number, by: int) -> Number:
    """Return the number divided by a whole number above zero."""
    most = one.most_bottom * by
    return Number(one.top, _roomy(one.bottom, most) * by, one.most_top, most)


def less_one(one: Number) -> Number:
    """Return the number less one."""
    most = one.most_top + one.most_bottom
    return Number(_roomy(one.top, most) - one.bottom, one.bottom, most, one.most_bottom)


def nothing_where(one: Number, where: Flags) -> Number:
    """Return the number, zero where asked."""
    return Number(np.where(where, 0, one.top), np.where(where, 1, one.bottom), one.most_top, max(one.most_bottom, 1))


def amount(values: npt.NDArray[np.int64], places: int = 0) -> Amount:
    """Return the amount of an array, looking for its largest number."""
    most = max(int(values.max()), -int(values.min())) if len(values) else 0
    return Amount(values, places, most)


def scaled(one: Amount, factor: int) -> Amount:
    """Return the amount times a whole factor."""
    if factor == 1:
        return one
    most = one.most * abs(factor)
    return Amount(_roomy(one.values, most) * factor, one.places, most)


def steps_of(one: Amount, places: int) -> Amount:
    """Return the same numbers in smaller steps."""
    grown = scaled(one, int(10 ** (places - one.places)))
    return Amount(grown.values, places, grown.most)


def aligned(*amounts: Amount) -> list[Amount]:
    """Return the amounts in steps of the same size."""
    places = max(one.places for one in amounts)
    return [steps_of(one, places) for one in amounts]


def total(amounts: Sequence[Amount], signs: Sequence[int] = ()) -> Amount:
    """Return the sum; a sign of -1 takes the amount off."""
    parts = aligned(*amounts)
    most = sum(part.most for part in parts)
    values = _roomy(parts[0].values, most) * (signs[0] if signs else 1)
    for place, part in enumerate(parts[1:], start=1):
        values = values + part.values if not signs or signs[place] > 0 else values - part.values
    return Amount(values, parts[0].places, most)


def product(one: Amount, other: Amount) -> Amount:
    """Return the product, in steps of the product of both steps."""
    most = one.most * other.most
    return Amount(_roomy(one.values, most) * other.values, one.places + other.places, most)


def chosen(where: Flags, one: Amount, other: Amount) -> Amount:
    """Return the first amount where asked, the second elsewhere."""
    left, right = aligned(one, other)
    return Amount(np.where(where, left.values, right.values), left.places, max(left.most, right.most))


def plain(one: Amount) -> Number:
    """Return the amount as a number."""
    bottom = 10**one.places
    return Number(one.values, np.full(len(one.values), bottom, dtype=np.int64), one.most, bottom)


def quotient(top: Amount, bottom: Amount, where: Flags) -> Number:
    """Return the quotient; where not asked (the bottom may be zero there) it means nothing."""
    over, under = aligned(top, bottom)
    return Number(over.values, np.where(where, under.values, 1), over.most, max(under.most, 1))


def reaches_by_power(number: Number, over: int, under: int, power: int) -> Flags:
    """Tell for each firm whether the number, above zero, to a power is at least ``over / under``; no root is taken."""
    told = number.top.astype(np.float64) / number.bottom.astype(np.float64)
    bar = float((over / under) ** (1 / power))
    reached: Flags = told >= bar
    for place in np.flatnonzero(np.abs(told - bar) <= NEAR * (np.abs(told) + bar)):
        top, bottom = int(number.top[place]), int(number.bottom[place])
        reached[place] = top > 0 and top**power * under >= over * bottom**power
    return reached


def against(number: Number, over: int, under: int) -> npt.NDArray[np.int8]:
    """Return -1, 0 or 1 a firm: the number is below, at or above ``over / under``."""
    if number.most_top * under < ROOM and number.most_bottom * abs(over) < ROOM and number.top.dtype != object:
        left, right = number.top * under, number.bottom * over
        return (left > right).astype(np.int8) - (left < right).astype(np.int8)
    far_left = number.top.astype(np.float64) * float(under)
    far_right = number.bottom.astype(np.float64) * float(over)
    apart = far_left - far_right
    sign = np.sign(apart).astype(np.int8)
    for place in np.flatnonzero(np.abs(apart) <= NEAR * (np.abs(far_left) + np.abs(far_right))):
        exact = int(number.top[place]) * under - int(number.bottom[place]) * over
        sign[place] = (exact > 0) - (exact < 0)
    return sign


def _roomy(values: Whole, most: int) -> Whole:
    return values if most < ROOM or values.dtype == object else values.astype(object)
