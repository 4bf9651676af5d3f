"""What a measure found: the exact number, or what keeps it open (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.eligibility.engine.finding import Place
from app.facts.sheet import FactValue
from app.rulebooks.criteria import Bound


@dataclass(slots=True)
class Reading:
    """What a measure found.

    One of: ``value``; ``missing`` (unknown); ``review`` (why a person must decide); ``no_points`` (why the rule gives
    none). ``candidates`` are the only values possible while something is missing; ``floor`` and ``ceiling`` the least
    and the most the value can be then. ``of`` over ``to`` is the ratio; ``series`` the number of each year. With
    ``root`` the value is what has grown to over that many years, and a bar is compared with it exactly.
    ``absent`` says that what is measured is known not to be: it is counted as less than nothing.
    """

    value: Fraction | None = None
    used: tuple[FactValue, ...] = ()
    missing: tuple[Place, ...] = ()
    review: str = ""
    no_points: str = ""
    candidates: tuple[Fraction, ...] = ()
    flags: tuple[str, ...] = ()
    of: Fraction | None = None
    to: Fraction | None = None
    span: tuple[int, ...] = ()
    note: str = ""
    floor: Fraction | None = None
    ceiling: Fraction | None = None
    series: tuple[tuple[int, Fraction], ...] = ()
    root: int = 0
    absent: str = ""

    def fits(self, bound: Bound) -> bool:
        """Tell whether the value keeps the bound, exactly."""
        assert self.value is not None
        return self.admitted(bound, self.value)

    def admitted(self, bound: Bound, value: Fraction) -> bool:
        """Tell whether a value of this kind keeps the bound: a compound rate by its power, with no root taken."""
        if not self.root:
            return bound.admits(value)
        return Bound(bound.operator, bound.value, (1 + bound.exact) ** self.root).admits(value)

    def settled(self, bound: Bound) -> Fraction | None:
        """Return the end of the interval that settles the bound although something is missing, or None."""
        upwards = bound.operator in (">=", ">")
        passing, failing = (self.floor, self.ceiling) if upwards else (self.ceiling, self.floor)
        if passing is not None and self.admitted(bound, passing):
            return passing
        return failing if failing is not None and not self.admitted(bound, failing) else None


def number_of(fact: FactValue) -> Fraction:
    """Return the exact number of a figure."""
    assert isinstance(fact.value, (Decimal, int))  # noqa: UP038 - a union would be made anew for each figure
    return Fraction(fact.value)
