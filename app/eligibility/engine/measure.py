"""Measures: what number a test looks at, exactly, with every figure used and every figure missing (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from app.eligibility.engine.answers import count_at_level
from app.eligibility.engine.bases import change, multiple
from app.eligibility.engine.dates import years_after
from app.eligibility.engine.finding import Place
from app.eligibility.engine.reading import Reading, number_of
from app.eligibility.engine.setting import Setting
from app.eligibility.engine.spans import growth_rate, over_years
from app.facts.sheet import FactValue
from app.rulebooks.answers import CountAtLevel
from app.rulebooks.bases import Change, Multiple
from app.rulebooks.criteria import DaysSince, Figure, Growth, Measure, PerYear, Ratio, Total, YearsSince
from app.rulebooks.spans import GrowthRate, OverYears

YOUNG = "企业尚无完整会计年度，无法按年度数据计算"


def measured(setting: Setting, measure: Measure) -> Reading:
    """Return the reading of any measure but the score."""
    return _READERS[type(measure)](setting, measure)


def _figure(setting: Setting, measure: Figure) -> Reading:
    fact = setting.find(measure.key)
    if fact is None:
        return Reading(missing=(setting.place(measure.key),))
    return Reading(number_of(fact), (fact,))


def _total(setting: Setting, measure: Total) -> Reading:
    found = [(key, setting.find(key)) for key in measure.keys]
    used = tuple(fact for _key, fact in found if fact is not None)
    missing = tuple(setting.place(key) for key, fact in found if fact is None)
    value = sum((number_of(fact) for fact in used), Fraction(0))
    if missing:
        # counts are never negative: what is known already is the least there can be
        return Reading(used=used, missing=missing, floor=value)
    return Reading(value, used)


@dataclass(slots=True)
class _Sum:
    value: Fraction
    used: list[FactValue]
    missing: list[Place]


def _summed(setting: Setting, keys: Iterable[str], span: tuple[int, ...]) -> _Sum:
    result = _Sum(Fraction(0), [], [])
    for key in keys:
        # a figure that has no fiscal year stands for the one year of the ratio
        by_year = setting.catalogue.get(key).by_year
        for year in span:
            fact = setting.sheet.get(key, year) if by_year else setting.find(key)
            if fact is None:
                result.missing.append(Place(key, year) if by_year else setting.place(key))
            else:
                result.used.append(fact)
                result.value += number_of(fact)
    return result


def _ratio(setting: Setting, measure: Ratio) -> Reading:
    span = setting.window(measure.years) if measure.years > 1 else (setting.last_year,)
    young = setting.operating.facts if measure.years > 1 and setting.is_shortened(measure.years) else ()
    if not span:
        return Reading(used=young, review=YOUNG)
    of, to = _summed(setting, measure.of, span), _summed(setting, measure.to, span)
    less = _summed(setting, measure.to_less, span)
    used = tuple(dict.fromkeys((*of.used, *to.used, *less.used, *young)))
    missing = tuple(dict.fromkeys((*of.missing, *to.missing, *less.missing)))
    if missing:
        return Reading(used=used, missing=missing, span=span)
    bottom = to.value - less.value
    if bottom <= 0:
        what = "为零" if bottom == 0 else "为负数"
        return Reading(used=used, review=f"分母{what}，无法计算比例，须人工核实", span=span)
    if measure.share and of.value > bottom:
        return Reading(used=used, review="分子大于分母，数据互相矛盾，须人工核实", span=span, of=of.value, to=bottom)
    return Reading(of.value / bottom, used, of=of.value, to=bottom, span=span)


def _days_since(setting: Setting, measure: DaysSince) -> Reading:
    fact = setting.sheet.get(measure.key)
    if fact is None:
        return Reading(missing=(Place(measure.key),))
    assert isinstance(fact.value, date)
    used = (fact,) if setting.application is None else (fact, setting.application)
    return Reading(Fraction((setting.applied_on - fact.value).days), used)


def _years_since(setting: Setting, measure: YearsSince) -> Reading:
    """Anniversaries, not days: a firm of 29 February is a year older on 1 March."""
    fact = setting.sheet.get(measure.key)
    if fact is None:
        return Reading(missing=(Place(measure.key),))
    if not isinstance(fact.value, date):
        return Reading(Fraction(-1), (fact,), absent=f"{setting.catalogue.get(measure.key).short}：没有")
    until = setting.until(measure.until)
    years = until.year - fact.value.year
    if years_after(fact.value, years) > until:
        years -= 1
    used = (fact, setting.application) if measure.until == "application" and setting.application else (fact,)
    return Reading(Fraction(years), used)


def _per_year(setting: Setting, measure: PerYear) -> Reading:
    fact = setting.find(measure.key)
    if fact is None:
        return Reading(missing=(setting.place(measure.key),))
    count, known = number_of(fact), setting.operating.years
    used = (fact, *setting.operating.facts)
    if known is None:
        if count == 0:
            return Reading(count, used)
        return Reading(
            used=used,
            missing=(Place("registration_date"),),
            candidates=tuple(count / years for years in range(1, measure.years + 1)),
        )
    years = min(known, measure.years)
    if years == 0:
        return Reading(used=used, review=YOUNG)
    return Reading(count / years, used, note=f"{fact_text(count)} 项，按 {years} 年平均")


def fact_text(number: Fraction) -> str:
    """Return a whole number without a fraction sign."""
    return str(number.numerator) if number.denominator == 1 else str(float(number))


# --- growth ----------------------------------------------------------------------------------------------------


def growth(setting: Setting, measure: Growth) -> Reading:
    """Return the mean yearly growth over the last three fiscal years (fewer where the firm is younger).

    The edges follow the edition: first year zero → the last two years; second year zero → no points; a negative base
    → a person decides; one year of operation → no points.
    """
    span = setting.window(3)
    young = setting.operating.facts if setting.is_shortened(3) else ()
    if not span:
        return Reading(used=young, review=YOUNG)
    if len(span) == 1:
        return Reading(
            used=young,
            no_points="实际经营仅一个会计年度，没有增长率，按 0 分计",
            flags=("待核：经营满一年按 0 分计，依据为二手解释",),
            span=span,
        )
    result = Reading(used=young, span=span)
    series = [_yearly(setting, measure, year, result) for year in span]
    known = [value for value in series if value is not None]
    if result.missing or len(known) != len(span):
        return result
    return _grown(known, measure, result)


def _yearly(setting: Setting, measure: Growth, year: int, result: Reading) -> Fraction | None:
    """Return the amount of one year; what is used and missing is added to ``result``."""
    direct = setting.sheet.get(measure.direct, year) if measure.direct else None
    of, less = _summed(setting, measure.of, (year,)), _summed(setting, measure.less, (year,))
    missing = of.missing + less.missing
    if missing:
        if direct is not None:
            result.used += (direct,)
            return number_of(direct)
        result.used += (*of.used, *less.used)
        result.missing += tuple(missing)
        return None
    result.used += (*of.used, *less.used)
    value = of.value - less.value
    if direct is not None and number_of(direct) != value:
        result.used += (direct,)
        result.flags += (f"{year} 年{measure.label}直接填报数与资产减负债的结果不一致，按后者计算",)
    return value


def _grown(series: list[Fraction], measure: Growth, result: Reading) -> Reading:
    bases = series[:-1]
    if any(base < 0 for base in bases):
        year = result.span[next(index for index, base in enumerate(bases) if base < 0)]
        result.review = f"{year} 年{measure.label}为负数，指引未规定算法，须人工判定"
        return result
    if bases[-1] == 0 and len(bases) == 2:
        result.no_points = f"{result.span[1]} 年{measure.label}为零，按 0 分计"
        return result
    if bases[0] == 0 and len(bases) == 1:
        result.review = f"{result.span[0]} 年{measure.label}为零，无法计算增长率，须人工判定"
        return result
    if bases[0] == 0:
        value = series[2] / series[1] - 1
        result.note = f"{result.span[0]} 年{measure.label}为零，按后两年计算"
    elif len(bases) == 1:
        value = series[1] / series[0] - 1
    else:
        value = Fraction(1, 2) * (series[1] / series[0] + series[2] / series[1]) - 1
    if series[-1] < 0 < value:
        result.review = f"{result.span[-1]} 年{measure.label}为负数而公式得出正增长，须人工判定"
        return result
    result.value = value
    return result


_READERS: dict[type, Callable[[Setting, Any], Reading]] = {
    Figure: _figure,
    Total: _total,
    Ratio: _ratio,
    DaysSince: _days_since,
    YearsSince: _years_since,
    PerYear: _per_year,
    Growth: growth,
    Multiple: multiple,
    Change: change,
    CountAtLevel: count_at_level,
    OverYears: over_years,
    GrowthRate: growth_rate,
}
