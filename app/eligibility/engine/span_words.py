"""Measures over a run of years in one sentence, and how much the last or the worst year is short (pure)."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

from app.eligibility.engine import wording
from app.eligibility.engine.reading import Reading
from app.eligibility.engine.setting import Setting
from app.rulebooks import spans
from app.rulebooks.criteria import Bound
from app.rulebooks.spans import GrowthRate, OverYears

_HOW = {spans.SUM: "合计", spans.MEAN: "年均", spans.LEAST: "最低", spans.MOST: "最高"}


def unit_of(setting: Setting, measure: OverYears | GrowthRate) -> str:
    """Return the unit in which the measure and its bound are told."""
    is_ratio = isinstance(measure, GrowthRate) or bool(measure.to)
    return "比例" if is_ratio else setting.catalogue.get(measure.of[0]).unit


def said(setting: Setting, measure: OverYears | GrowthRate, reading: Reading, shown: str) -> str:
    """Return what was found, year by year."""
    if isinstance(measure, GrowthRate):
        return _growth_said(setting, measure, reading, shown)
    name = "、".join(setting.catalogue.get(key).short for key in measure.of)
    unit = unit_of(setting, measure)
    if measure.to:
        name = f"{name}占{'、'.join(setting.catalogue.get(key).short for key in measure.to)}的比例"
    if len(reading.span) == 1:
        return f"{reading.span[0]} 年{name}为 {shown}"
    told = "、".join(f"{year} 年 {_amount(value, unit)}" for year, value in reading.series)
    known = "" if not reading.missing else "（另有年度缺数）"
    limit = "至少 " if reading.missing and measure.how in (spans.SUM, spans.MEAN) else " "
    return f"{name}：{told}{known}，{_HOW[measure.how]}{limit}{shown}"


def _amount(value: Fraction, unit: str) -> str:
    return wording.percent(value) if unit == "比例" else wording.amount(value, unit)


def _growth_said(setting: Setting, measure: GrowthRate, reading: Reading, shown: str) -> str:
    name = "、".join(setting.catalogue.get(key).short for key in measure.of)
    unit = setting.catalogue.get(measure.of[0]).unit
    told = "、".join(f"{year} 年 {wording.amount(value, unit)}" for year, value in reading.series)
    rate = "增长率"
    if measure.years > 1:
        kind = "复合增长率" if measure.how == spans.COMPOUND else "平均增长率"
        rate = f"近 {measure.years} 年{kind}"
    return f"{name} {told}，{rate}为 {shown}"


def growth_shown(reading: Reading, bound: Bound) -> str:
    """Return a compound rate as a percentage that stays on its side of the bound; exact roots are shown exactly."""
    assert reading.value is not None
    return "负数（由正转负）" if reading.value < 0 else wording.percent(rate_of(reading), bound.exact)


def rate_of(reading: Reading) -> Fraction:
    """Return a compound rate: exact where the root is a fraction, else to fifty digits (nothing is decided by it).

    Where the amount has turned negative there is no root; the rate is told as a loss of everything.
    """
    value, root = reading.value, reading.root
    assert value is not None
    if value < 0:
        return Fraction(-1)
    near = Fraction(round(_near(Fraction(value.numerator), root)), round(_near(Fraction(value.denominator), root)))
    return (near if near**root == value else _near(value, root)) - 1


def _near(value: Fraction, root: int) -> Fraction:
    """Return the root to fifty digits, for showing only."""
    with localcontext() as context:
        context.prec = 50
        if value == 0:
            return Fraction(0)
        number = Decimal(value.numerator) / Decimal(value.denominator)
        return Fraction(number ** (Decimal(1) / Decimal(root)))


def gap(setting: Setting, measure: OverYears | GrowthRate, reading: Reading, bound: Bound) -> tuple[Fraction, str, str]:
    """Return how much is short, its unit and what of: the worst year's amount, or the last year's for growth."""
    noun = "、".join(setting.catalogue.get(key).short for key in measure.of)
    unit = setting.catalogue.get(measure.of[0]).unit
    assert reading.value is not None
    if isinstance(measure, GrowthRate):
        return _growth_gap(measure, reading, bound), unit, f"（{reading.span[-1]} 年{noun}）"
    if measure.to and measure.how in (spans.LEAST, spans.MOST):
        assert reading.of is not None
        assert reading.to is not None
        year = next(year for year, value in reading.series if value == reading.value)
        return bound.exact * reading.to - reading.of, unit, f"（{year} 年{noun}）"
    if measure.to:
        return bound.exact - reading.value, "比例", ""
    years = f"（近 {measure.years} 年合计差 {wording.amount((bound.exact - reading.value) * measure.years, unit)}）"
    return bound.exact - reading.value, unit, noun + (years if measure.how == spans.MEAN else "")


def _growth_gap(measure: GrowthRate, reading: Reading, bound: Bound) -> Fraction:
    """The last year's amount that would reach the bar, with the years before as they are, less what it is."""
    amounts = [value for _year, value in reading.series]
    if measure.how == spans.COMPOUND:
        return amounts[0] * (1 + bound.exact) ** measure.years - amounts[-1]
    before = sum((after / base for base, after in zip(amounts[:-2], amounts[1:-1], strict=False)), Fraction(0))
    return (measure.years * (1 + bound.exact) - before) * amounts[-2] - amounts[-1]
