"""Exact rounding and plain number text. Half goes away from zero, as a bureau rounds; no float takes part."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

Exact = int | Decimal | Fraction


def scaled(value: Exact, places: int) -> int:
    """Return ``value`` × 10^places rounded half away from zero, as an integer."""
    top, bottom = value.as_integer_ratio()
    whole: int = (abs(top) * 2 * 10**places + bottom) // (bottom * 2)
    return -whole if top < 0 else whole


def rounded(value: Exact, places: int) -> Decimal:
    """Return ``value`` rounded half away from zero to ``places`` decimals."""
    return Decimal(scaled(value, places)).scaleb(-places)


def decimals(value: Exact, limit: int = 12) -> int:
    """Return how many decimals ``value`` needs to be written exactly, at most ``limit``."""
    top, bottom = value.as_integer_ratio()
    for places in range(limit):
        if top * 10**places % bottom == 0:
            return places
    return limit


def grouped(value: Exact, places: int | None = None) -> str:
    """Return ``value`` with thousands separators: 1,234.50 for ``places=2``; as many as needed for None."""
    if places is None:
        places = decimals(value)
    return pointed(scaled(value, places), places)


def pointed(digits: int, places: int) -> str:
    """Return a whole number of steps of 10^-places with thousands separators: 1,234.50 for (123450, 2)."""
    whole, part = divmod(abs(digits), 10**places)
    sign = "-" if digits < 0 else ""
    return f"{sign}{whole:,}" + (f".{part:0{places}d}" if places else "")


def telling_places(value: Exact, places: int, against: Exact, limit: int = 12) -> int:
    """Return the fewest decimals, at least ``places``, that keep ``value`` on its side of ``against``.

    4.996 % beside a threshold of 5 % needs three decimals: with two it would read 5.00 %.
    """
    (top, bottom), (bar, whole) = value.as_integer_ratio(), against.as_integer_ratio()
    side = top * whole - bar * bottom
    for wanted in range(places, limit + 1):
        shown = scaled(value, wanted) * whole - bar * 10**wanted
        if (shown > 0) == (side > 0) and (shown < 0) == (side < 0):
            return wanted
    return limit
