"""Numbers that are right as numbers and wrong in their unit: 元 typed into a column of 万元 (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.core.text import Message, tr
from app.imports.layouts import units
from app.imports.layouts.layout import Place
from app.sheets.numbers import Number

MONEY = "万元"
ABSURD = Decimal(100_000_000)
"""万元, that is a trillion yuan: the very largest firms of the country lie around it."""
STRANGE = Decimal(3000)
"""So many times the median of its column and a number is looked at: firms differ by less, units by 1,000 or more."""
NEAR = Decimal(1000)
FEWEST = 5
"""Fewer numbers than this say nothing about what is usual."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What looks wrong, the text that the cell should hold, and the unit in which it was probably typed."""

    message: Message
    repair: str = ""
    why: Message | None = None
    unit: str = ""


def usual(numbers: Sequence[Decimal]) -> Decimal | None:
    """Return the magnitude of a column, the median of its numbers; None when there are too few."""
    sizes = sorted(abs(number) for number in numbers if number)
    return sizes[len(sizes) // 2] if len(sizes) >= FEWEST else None


def ceiling(place: Place) -> Decimal:
    """Return from which size on a number of the column must be looked at more closely."""
    indicator = place.column.indicator
    if indicator is None or indicator.unit != MONEY:
        return units.LARGEST
    return ABSURD if place.usual is None else min(ABSURD, place.usual * STRANGE)


def suspected(number: Decimal, written: Number, place: Place, text: str) -> Suspicion | None:
    """Return why a number of money is probably in another unit than its column; a unit in the cell is believed."""
    if written.unit or abs(number) < ceiling(place):
        return None
    unit = _likely(written.value, place)
    times = number / place.usual if place.usual else None
    how = tr("约为本列常见数值的 %(times)s 倍", times=f"{times:.0f}") if times else tr("超过一万亿元")
    if not unit:
        return Suspicion(tr("“%(text)s”按%(unit)s读取%(how)s，请核对单位", text=text, unit=place.unit, how=how))
    told = tr(
        "“%(text)s”按%(unit)s读取%(how)s，可能是按%(other)s填写的，请核对单位",
        text=text,
        unit=place.unit,
        how=how,
        other=unit,
    )
    why = tr("按%(unit)s读取与本列其他数值相当", unit=unit)
    return Suspicion(told, f"{text}{unit}", why, unit)


def _likely(value: Decimal, place: Place) -> str:
    """Return the unit in which the number would be of the usual size, empty when none is."""
    middle = place.usual or Decimal(10_000)
    found: list[tuple[Decimal, str]] = []
    for unit in ("元", "千元"):
        by = units.factor(unit, MONEY)
        assert by is not None
        ratio = abs(value * by) / middle
        if 1 / NEAR <= ratio <= NEAR:
            found.append((max(ratio, 1 / ratio), unit))
    return min(found)[1] if found else ""


def ratio_of_units(one: Decimal, other: Decimal) -> int | None:
    """Return 10, 1000 or 10000 when two values of one figure differ by just about that: the mark of a unit error."""
    if not one or not other or (one < 0) != (other < 0):
        return None
    ratio = abs(max(one, other, key=abs) / min(one, other, key=abs))
    return next((step for step in (10, 1_000, 10_000) if Decimal("0.8") <= ratio / step <= Decimal("1.25")), None)
