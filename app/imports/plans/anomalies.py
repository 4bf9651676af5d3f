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
from app.facts.swings import change, swings, times, unit_factor
from app.imports.cells.entry import Figure
from app.imports.problem import Kind, Level, Problem


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


def _unit(row: int, figure: Figure, before: Decimal, factor: Decimal, indicator: Indicator, what: Message) -> Finding:
    assert isinstance(figure.value, Decimal)
    mended = (figure.value / factor).normalize()
    repair = f"{decimal_text(mended * 100)}%" if indicator.is_ratio else f"{decimal_text(mended)}{indicator.unit}"
    told = tr(
        "%(value)s 约为%(what)s %(before)s 的 %(times)s，很可能是单位填错；请改正，确实如此的请写明原因",
        value=display.with_unit(indicator, figure.value),
        what=what,
        before=display.with_unit(indicator, before),
        times=times(factor),
    )
    why = tr("除以 %(by)s 后与%(what)s相当", by=decimal_text(factor), what=what) if factor > 1 else tr(
        "乘以 %(by)s 后与%(what)s相当", by=decimal_text(1 / factor), what=what)  # fmt: skip
    problem = Problem(
        Level.WARNING, Kind.UNIT_SUSPECT, _placed(row, indicator, told), figure.cell, repair=repair, why=why,
        alike=f"unit:{decimal_text(factor)}",
    )  # fmt: skip
    return Finding(problem, figure.key, before)


def _swing(row: int, figure: Figure, before: Decimal, indicator: Indicator) -> Message:
    assert isinstance(figure.value, Decimal)
    told = tr(
        "%(value)s，上年 %(before)s，%(change)s；请核对，无误的请写明原因",
        value=display.with_unit(indicator, figure.value),
        before=display.with_unit(indicator, before),
        change=change(figure.value, before, indicator),
    )
    return _placed(row, indicator, told)


def _placed(row: int, indicator: Indicator, told: Message) -> Message:
    place = tr("第 %(row)s 行『%(header)s』", row=row, header=indicator.short)
    return tr("%(place)s：%(problem)s", place=place, problem=told)
