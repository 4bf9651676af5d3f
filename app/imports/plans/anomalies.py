"""Figures beside last year's and beside other sources': unit errors, large swings, changes of sign (pure).

Nothing is refused here: real firms do such things. A person mends the cell, or writes the reason, which is kept
with the figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.core.text import Message, tr
from app.facts import display
from app.facts.catalogue import Indicator
from app.facts.keeping import indicator_of
from app.facts.sheet import decimal_text
from app.imports.cells.entry import Figure
from app.imports.problem import Kind, Level, Problem

SWING = Decimal("0.5")
SHARE_SWING = Decimal("0.2")
"""Shares swing by points, not by a part of themselves: a debt ratio from 30 % to 55 % is asked for."""
SMALL = {"万元": Decimal(50), "人": Decimal(10)}
"""Below such a difference a large part of a small figure is nothing to ask about: 2 → 4 patents, 8 → 15 persons."""
SMALLEST = Decimal(5)
_MONEY = ((Decimal(10_000), Decimal("0.3"), Decimal(3)), (Decimal(1_000), Decimal("0.3"), Decimal(3)),
          (Decimal(10), Decimal("0.9"), Decimal("1.1")))  # fmt: skip
"""Factors between units of money, and how far from the factor still counts: a tenfold must be nearly exact."""
_SHARES = ((Decimal(100), Decimal("0.3"), Decimal(3)),)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is odd about a figure; ``before`` is the value it was compared with."""

    problem: Problem
    key: str
    before: Decimal


def compared(row: int, figure: Figure, last: Decimal | None, others: Sequence[Decimal]) -> Finding | None:
    """Look at one figure beside last year's value and the values of other sources of the same year."""
    indicator = indicator_of(figure.key, figure.year)
    if not isinstance(figure.value, Decimal):
        return None
    for other in others:
        if (factor := unit_factor(figure.value, other, indicator)) is not None:
            return _unit(row, figure, other, factor, indicator, tr("其他来源的同年数值"))
    if last is None:
        return None
    if (factor := unit_factor(figure.value, last, indicator)) is not None:
        return _unit(row, figure, last, factor, indicator, tr("上年数值"))
    if not swings(figure.value, last, indicator):
        return None
    return Finding(Problem(Level.WARNING, Kind.SWING, _swing(row, figure, last, indicator), figure.cell, alike="swing"),
                   figure.key, last)  # fmt: skip


def unit_factor(value: Decimal, before: Decimal, indicator: Indicator) -> Decimal | None:
    """Return what the value must be divided by to be near the one before, when a wrong unit explains it."""
    if not value or not before or (value < 0) != (before < 0):
        return None
    ratio = value / before
    factors: tuple[tuple[Decimal, Decimal, Decimal], ...]
    if indicator.is_ratio:
        factors = _SHARES
    elif indicator.unit == "万元":
        factors = _MONEY
    else:
        return None
    for factor, low, high in factors:
        if factor * low <= ratio <= factor * high:
            return factor
        if factor * low <= 1 / ratio <= factor * high:
            return 1 / factor
    return None


def swings(value: Decimal, before: Decimal, indicator: Indicator) -> bool:
    """Tell whether a change is so large, or turns the sign, that a person should say why."""
    change = abs(value - before)
    if indicator.is_ratio:
        return change > SHARE_SWING
    if change <= SMALL.get(indicator.unit, SMALLEST):
        return False
    return (value < 0) != (before < 0) or change > abs(before) * SWING


def _unit(row: int, figure: Figure, before: Decimal, factor: Decimal, indicator: Indicator, what: Message) -> Finding:
    assert isinstance(figure.value, Decimal)
    mended = (figure.value / factor).normalize()
    repair = f"{decimal_text(mended * 100)}%" if indicator.is_ratio else f"{decimal_text(mended)}{indicator.unit}"
    told = tr(
        "%(value)s 约为%(what)s %(before)s 的 %(times)s，很可能是单位填错；请改正，确实如此的请写明原因",
        value=display.with_unit(indicator, figure.value),
        what=what,
        before=display.with_unit(indicator, before),
        times=_times(factor),
    )
    why = tr("除以 %(by)s 后与%(what)s相当", by=decimal_text(factor), what=what) if factor > 1 else tr(
        "乘以 %(by)s 后与%(what)s相当", by=decimal_text(1 / factor), what=what)  # fmt: skip
    problem = Problem(
        Level.WARNING, Kind.UNIT_SUSPECT, _placed(row, indicator, told), figure.cell, repair=repair, why=why,
        alike=f"unit:{decimal_text(factor)}",
    )  # fmt: skip
    return Finding(problem, figure.key, before)


def _times(factor: Decimal) -> Message:
    if factor >= 1:
        return tr("%(n)s 倍", n=f"{factor:,f}")
    return tr("%(n)s 分之一", n=f"{1 / factor:,f}")


def _swing(row: int, figure: Figure, before: Decimal, indicator: Indicator) -> Message:
    assert isinstance(figure.value, Decimal)
    told = tr(
        "%(value)s，上年 %(before)s，%(change)s；请核对，无误的请写明原因",
        value=display.with_unit(indicator, figure.value),
        before=display.with_unit(indicator, before),
        change=_change(figure.value, before, indicator),
    )
    return _placed(row, indicator, told)


def _change(value: Decimal, before: Decimal, indicator: Indicator) -> Message:
    if indicator.is_ratio:
        return tr("变动 %(n)s 个百分点", n=f"{(value - before) * 100:+.1f}")
    if (value < 0) != (before < 0):
        return tr("由负转正") if value >= 0 else tr("由正转负")
    if not before:
        return tr("上年为 0")
    return tr("变动 %(n)s%%", n=f"{(value - before) / abs(before) * 100:+,.0f}")


def _placed(row: int, indicator: Indicator, told: Message) -> Message:
    place = tr("第 %(row)s 行『%(header)s』", row=row, header=indicator.short)
    return tr("%(place)s：%(problem)s", place=place, problem=told)
