"""Exact rounding and plain number text. Half goes away from zero, as a bureau rounds; no float takes part."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

Exact = int | Decimal | Fraction


def scaled(value: Exact, places: int) -> int:
    """Return ``value`` × 10^places rounded half away from zero, as an integer."""
    number = Fraction(value) * 10**places
    doubled = abs(number) * 2 + 1
    whole: int = doubled.numerator // (doubled.denominator * 2)
    return -whole if number < 0 else whole


def rounded(value: Exact, places: int) -> Decimal:
    """Return ``value`` rounded half away from zero to ``places`` decimals."""
    return Decimal(scaled(value, places)).scaleb(-places)


def decimals(value: Exact, limit: int = 12) -> int:
    """Return how many decimals ``value`` needs to be written exactly, at most ``limit``."""
    number = Fraction(value)
    for places in range(limit):
        if (number * 10**places).denominator == 1:
            return places
    return limit


def grouped(value: Exact, places: int | None = None) -> str:
    """Return ``value`` with thousands separators: 1,234.50 for ``places=2``; as many as needed for None."""
    if places is None:
        places = decimals(value)
    digits = scaled(value, places)
    whole, part = divmod(abs(digits), 10**places)
    sign = "-" if digits < 0 else ""
    return f"{sign}{whole:,}" + (f".{part:0{places}d}" if places else "")


def telling_places(value: Exact, places: int, against: Exact, limit: int = 12) -> int:
    """Return the fewest decimals, at least ``places``, that keep ``value`` on its side of ``against``.

    4.996 % beside a threshold of 5 % needs three decimals: with two it would read 5.00 %.
    """
    exact, bar = Fraction(value), Fraction(against)
    for wanted in range(places, limit + 1):
        shown = Fraction(scaled(value, wanted), 10**wanted)
        if (shown > bar) == (exact > bar) and (shown < bar) == (exact < bar):
            return wanted
    return limit
