"""How figures, amounts and dates are written. Pure functions; the filters of documents and of pages are these.

Nothing here turns an unknown value into a number: None is written as the dash that ``UNKNOWN`` holds.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from app.core import clock
from app.core.rounding import Exact, grouped, rounded, telling_places

UNKNOWN = "—"
YUAN = {"元": Fraction(1), "千元": Fraction(1000), "万元": Fraction(10_000), "亿元": Fraction(10**8)}


def number(value: Exact | None, places: int | None = None, *, against: Exact | None = None) -> str:
    """Write 1,234.5; with ``places`` decimals, or more where fewer would blur on which side of ``against`` it is."""
    if value is None:
        return UNKNOWN
    if places is not None and against is not None:
        places = telling_places(value, places, against)
    return grouped(value, places)


def money(
    value: Exact | None,
    unit: str = "万元",
    *,
    given_in: str = "万元",
    places: int | None = 2,
    against: Exact | None = None,
) -> str:
    """Write an amount with its unit: ``money(Decimal("1234.5"))`` is 1,234.50 万元.

    ``given_in`` is the unit of ``value`` and of ``against``, ``unit`` the one to be shown.
    """
    if value is None:
        return UNKNOWN
    factor = YUAN[given_in] / YUAN[unit]
    bar = None if against is None else Fraction(against) * factor
    return f"{number(Fraction(value) * factor, places, against=bar)} {unit}"


def percent(value: Exact | None, places: int = 2, *, against: Exact | None = None) -> str:
    """Write a fraction as a percentage: 0.04996 is 5.00%, and 4.996% when 0.05 is the bar it is held against."""
    if value is None:
        return UNKNOWN
    bar = None if against is None else Fraction(against) * 100
    return number(Fraction(value) * 100, places, against=bar) + "%"


def date_text(value: date | None) -> str:
    """Write 2026年11月23日; a moment is written as the day in the district."""
    if value is None:
        return UNKNOWN
    day = clock.local(value).date() if isinstance(value, datetime) else value
    return f"{day.year}年{day.month}月{day.day}日"


def moment_text(value: datetime | None) -> str:
    """Write an aware moment as 2026年11月23日 15:04 in the district's time."""
    if value is None:
        return UNKNOWN
    there = clock.local(value)
    return f"{date_text(there.date())} {there:%H:%M}"


def year_text(value: int | None) -> str:
    """Write 2025年."""
    return UNKNOWN if value is None else f"{value}年"


def yes_no(value: bool | None) -> str:
    """Write 是 or 否; unknown is neither."""
    return UNKNOWN if value is None else "是" if value else "否"


def file_size(octets: int | None) -> str:
    """Write a size: 512 字节, 1.5 KB, 20.0 MB (steps of 1024)."""
    if octets is None:
        return UNKNOWN
    if octets < 1024:
        return f"{octets} 字节"
    size = Fraction(octets)
    for unit in ("KB", "MB", "GB", "TB"):
        size /= 1024
        if rounded(size, 1) < Decimal(1024) or unit == "TB":
            return f"{grouped(size, 1)} {unit}"
    raise AssertionError("the loop ends at TB")
