"""Compare a measure with its bound, exactly, and say it in one sentence with the gap (pure)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.eligibility.engine import answers, bases, span_words, wording
from app.eligibility.engine.check import Check, exact_decimal, unknown
from app.eligibility.engine.dates import years_after
from app.eligibility.engine.finding import GroupScore, Place, ScoreResult, plain_number
from app.eligibility.engine.measure import measured
from app.eligibility.engine.outcome import Outcome
from app.eligibility.engine.reading import Reading
from app.eligibility.engine.setting import Setting
from app.rulebooks.answers import CountAtLevel
from app.rulebooks.bases import Change, Multiple
from app.rulebooks.criteria import (
    Bound,
    Compare,
    DaysSince,
    Figure,
    Growth,
    PerYear,
    Ratio,
    Score,
    Told,
    Total,
    YearsSince,
)
from app.rulebooks.spans import GrowthRate, OverYears


def compared(setting: Setting, test: Compare) -> Check:
    """Return the check of a comparison with one bound."""
    bound = test.bounds[0]
    if isinstance(test.measure, Score):
        return _scored(setting, test.measure, bound)
    reading = measured(setting, test.measure)
    unit = unit_of(setting, test)
    check = _outcome(setting, test, reading, bound, unit)
    check.used, check.flags = reading.used, reading.flags
    check.operator, check.required = bound.operator, plain_number(bound.value)
    check.required_text = wording.threshold(bound, unit)
    if reading.absent:
        check.actual_text = "无"
    elif reading.value is not None:
        exact = _exact(reading)
        check.actual, check.actual_exact = plain_number(exact), str(exact)
        check.actual_text = _shown(reading, bound, unit)
    return check


def told(setting: Setting, test: Told) -> Check:
    """Return the number, or the interval in which it lies; nothing is asked of it."""
    reading = measured(setting, test.measure)
    unit = unit_of(setting, test)
    check = Check(Outcome.NOT_APPLICABLE, "", reading.used)
    if reading.value is None and (reading.floor is None or reading.ceiling is None):
        check.missing = reading.missing
        check.sentence = f"{wording.wanting(reading.missing)}；{test.why}" if reading.missing else test.why
        return check
    low, high = (reading.value, reading.value) if reading.value is not None else (reading.floor, reading.ceiling)
    assert low is not None
    assert high is not None
    check.actual = plain_number(low) if low == high else {"low": plain_number(low), "high": plain_number(high)}
    check.actual_exact = str(low) if low == high else f"{low}—{high}"
    shown = _number(low, unit) if low == high else f"{_number(low, unit)}—{_number(high, unit)}"
    check.actual_text = shown if unit in ("", "比例") else f"{shown} {unit}"
    check.missing = reading.missing
    check.sentence = f"{_TELLERS[type(test.measure)](setting, test.measure, reading, check.actual_text)}；{test.why}"
    return check


def _number(value: Fraction, unit: str) -> str:
    return wording.percent(value) if unit == "比例" else wording.amount(value, "")


def unit_of(setting: Setting, test: Compare | Told) -> str:
    """Return the unit in which the measure and its bound are told."""
    measure = test.measure
    if isinstance(measure, OverYears | GrowthRate):
        return span_words.unit_of(setting, measure)
    named = _UNITS.get(type(measure))
    if named is not None:
        return named
    assert isinstance(measure, Figure | Change | PerYear | Total)
    key = measure.keys[0] if isinstance(measure, Total) else measure.key
    return setting.catalogue.get(key).unit


_UNITS = {Ratio: "比例", Growth: "比例", DaysSince: "天", YearsSince: "年", Multiple: "倍", CountAtLevel: "个"}


def _outcome(setting: Setting, test: Compare, reading: Reading, bound: Bound, unit: str) -> Check:
    if reading.absent:
        met = reading.fits(bound)
        told = f"{reading.absent}，{'符合' if met else '不符合'}{wording.demand(bound, unit)}的要求"
        return Check(Outcome.MET if met else Outcome.UNMET, told)
    if reading.missing or reading.review:
        settled = reading.settled(bound)
        if settled is None and reading.missing:
            check = unknown(reading.missing, reading.used)
            check.sentence = f"{reading.note}，无法判定" if reading.note else check.sentence
            return check
        reading.value = settled
    if reading.value is None:
        return Check(Outcome.NEEDS_REVIEW, reading.review or reading.no_points)
    fits = reading.fits(bound)
    check = Check(Outcome.MET if fits else Outcome.UNMET, "")
    if not fits:
        _add_gap(setting, test, reading, bound, unit, check)
    said = _said(setting, test, reading, bound, unit)
    verdict = f"符合{wording.demand(bound, unit)}的要求" if fits else f"不符合{wording.demand(bound, unit)}的要求"
    check.sentence = f"{said}，{verdict}" + (f"，{check.gap_text}" if check.gap_text else "")
    return check


def _add_gap(setting: Setting, test: Compare, reading: Reading, bound: Bound, unit: str, check: Check) -> None:
    """Say how much is short or too much, with the other figures as they are."""
    measure, value = test.measure, reading.value
    assert value is not None
    if isinstance(measure, YearsSince):
        _add_days(setting, measure, bound, check, reading)
        return
    amount, noun = bound.exact - value, ""
    if isinstance(measure, OverYears | GrowthRate):
        amount, unit, noun = span_words.gap(setting, measure, reading, bound)
    elif isinstance(measure, Change):
        noun = setting.catalogue.get(measure.key).short
    elif isinstance(measure, Ratio | Multiple):
        assert reading.of is not None
        assert reading.to is not None
        amount = bound.exact * reading.to - reading.of
        keys = measure.of if isinstance(measure, Ratio) else (measure.key,)
        unit, noun = setting.catalogue.get(keys[0]).unit, _names(setting, keys)
    short = bound.operator in (">=", ">")
    amount = amount if short else -amount
    check.gap, check.gap_unit = exact_decimal(amount), unit
    more = "以上" if bound.operator in (">", "<") else ""
    verb = "差" if short else "超出"
    check.gap_text = f"{verb} {wording.distance(amount, unit)}{more}{noun}"


def _exact(reading: Reading) -> Fraction:
    """Return the number to be told; a compound rate by its root, exact where that is a fraction."""
    assert reading.value is not None
    if not reading.root:
        return reading.value
    return span_words.rate_of(reading)


def _shown(reading: Reading, bound: Bound, unit: str) -> str:
    assert reading.value is not None
    if reading.root:
        return span_words.growth_shown(reading, bound)
    if unit == "倍":
        return bases.times(reading.value, bound.exact)
    return wording.percent(reading.value, bound.exact) if unit == "比例" else wording.amount(reading.value, unit)


def _add_days(setting: Setting, measure: YearsSince, bound: Bound, check: Check, reading: Reading) -> None:
    """Years that are not yet full are short by days: say how many, and the day on which they are full."""
    start = reading.used[0].value
    assert isinstance(start, date)
    full = years_after(start, int(bound.exact))
    days = (full - setting.until(measure.until)).days
    check.gap, check.gap_unit = Decimal(days), "天"
    check.gap_text = f"差 {days:,} 天（{wording.day(full)}满 {bound.value:f} 年）"


def _names(setting: Setting, keys: tuple[str, ...]) -> str:
    return "、".join(setting.catalogue.get(key).short for key in keys)


def _said(setting: Setting, test: Compare, reading: Reading, bound: Bound, unit: str) -> str:
    """Return what was found, in the words of the measure."""
    return _TELLERS[type(test.measure)](setting, test.measure, reading, _shown(reading, bound, unit))


def _days_said(setting: Setting, measure: DaysSince, _reading: Reading, shown: str) -> str:
    return f"{setting.catalogue.get(measure.key).short}至申报日 {wording.day(setting.applied_on)}共 {shown}"


def _years_said(setting: Setting, measure: YearsSince, reading: Reading, shown: str) -> str:
    label, until = setting.catalogue.get(measure.key).short, wording.day(setting.until(measure.until))
    start = reading.used[0].value
    assert isinstance(start, date)
    assert reading.value is not None
    if reading.value < 0:
        return f"{label}为 {wording.day(start)}，晚于 {until}"
    return f"{label}至 {until}满 {shown}"


def _figure_said(setting: Setting, measure: Figure, _reading: Reading, shown: str) -> str:
    indicator = setting.catalogue.get(measure.key)
    span = f"{setting.last_year} 年" if indicator.by_year else ""
    since = ""
    if indicator.period == "last_3_years":
        since = f"（{wording.day(years_after(setting.as_of, -3))}至 {wording.day(setting.as_of)}）"
    return f"{span}{indicator.short}{since}为 {shown}"


def _total_said(setting: Setting, measure: Total, reading: Reading, shown: str) -> str:
    return f"{_names(setting, measure.keys)}合计{'至少' if reading.missing else ''} {shown}"


def _per_year_said(setting: Setting, measure: PerYear, reading: Reading, shown: str) -> str:
    note = f"（{reading.note}）" if reading.note else ""
    return f"{setting.catalogue.get(measure.key).short}年平均 {shown}{note}"


def _growth_said(_setting: Setting, measure: Growth, reading: Reading, shown: str) -> str:
    note = f"（{reading.note}）" if reading.note else ""
    return f"{wording.years(reading.span)}{measure.label}增长率为 {shown}{note}"


def _ratio_said(setting: Setting, measure: Ratio, reading: Reading, shown: str) -> str:
    assert reading.of is not None
    assert reading.to is not None
    indicator = setting.catalogue.get(measure.of[0])
    total = "合计" if len(reading.span) > 1 else ""
    of = f"{_names(setting, measure.of)}{total} {wording.amount(reading.of, indicator.unit)}"
    base = _names(setting, measure.to) + (f"（扣除{_names(setting, measure.to_less)}）" if measure.to_less else "")
    unit = setting.catalogue.get(measure.to[0]).unit
    to = f"{base}{total} {wording.amount(reading.to, unit)}"
    young = "（企业实际经营不满三年，按实际年度计算）" if 1 <= len(reading.span) < measure.years else ""
    return f"{wording.years(reading.span)}{of}，占{to}的 {shown}{young}"


_TELLERS: dict[type, Callable[[Setting, Any, Reading, str], str]] = {
    OverYears: span_words.said,
    GrowthRate: span_words.said,
    PerYear: _per_year_said,
    Growth: _growth_said,
    Ratio: _ratio_said,
    DaysSince: _days_said,
    YearsSince: _years_said,
    Figure: _figure_said,
    Total: _total_said,
    Multiple: bases.said,
    Change: bases.said,
    CountAtLevel: answers.said,
}


# --- scores ------------------------------------------------------------------------------------------------------


def _scored(setting: Setting, measure: Score, bound: Bound) -> Check:
    score = setting.score
    assert score is not None
    part: ScoreResult | GroupScore = score
    name = "综合得分"
    if measure.part != "total":
        part = next(group for group in score.groups if group.id == measure.part)
        name = f"“{part.name}”得分"
    low, high = Fraction(part.low), Fraction(part.high)
    table = setting.rulebook.score
    assert table is not None
    whole = table.whole and measure.part == "total"
    check = _interval(part, name, bound, low, high, whole)
    same = part.low == part.high
    check.actual = plain_number(part.low) if same else {"low": plain_number(part.low), "high": plain_number(part.high)}
    check.actual_exact = str(part.low) if same else f"{part.low}—{part.high}"
    check.actual_text = wording.points(part.low, part.high)
    check.operator, check.required = bound.operator, plain_number(bound.value)
    check.required_text = wording.threshold(bound, "分")
    return check


def _interval(
    part: ScoreResult | GroupScore, name: str, bound: Bound, low: Fraction, high: Fraction, whole: bool
) -> Check:
    """Only a low end inside the bound is a pass, only a high end outside it a failure.

    In between missing figures count before experts: as long as a figure is missing the clause is unknown and the
    figures are named; when only experts' bands leave room it needs review.
    """
    asked = wording.demand(bound, "分")
    said = f"{name}为 {wording.points(part.low, part.high)}"
    if bound.admits(low) and bound.admits(high):
        return Check(Outcome.MET, f"{said}，符合{asked}的要求")
    if not bound.admits(high) and not bound.admits(low):
        return _short_of(said, asked, bound, low, high, whole)
    places: tuple[Place, ...] = part.missing
    if places:
        return Check(Outcome.UNKNOWN, f"{said}，要求{asked}，{wording.wanting(places)}，无法判定", missing=places)
    return Check(Outcome.NEEDS_REVIEW, f"{said}，要求{asked}，{_waits_for(part)}")


def _waits_for(part: ScoreResult | GroupScore) -> str:
    """Say who settles what is left open: experts, a person, or whoever has the text that nobody has found."""
    groups = part.groups if isinstance(part, ScoreResult) else (part,)
    items = [item for group in groups for item in group.items]
    undefined = "、".join(f"“{item.name}”" for item in items if item.open == "undefined")
    if undefined:
        return f"其中{undefined}未定义（未查到原文），须补录其得分后判定"
    review = [item for item in items if item.open == "review"]
    return f"{review[0].reason}，须人工判定" if review else "须由专家评分后判定"


def _short_of(said: str, asked: str, bound: Bound, low: Fraction, high: Fraction, whole: bool) -> Check:
    """Say how many points are lacking, or too many, at best; past a limit in whole points is one point more."""
    upwards = bound.operator in (">=", ">")
    gap = bound.exact - high if upwards else low - bound.exact
    gap += 1 if whole and bound.operator in (">", "<") else 0
    best = "" if low == high else "最高也" if upwards else "最低也"
    verb = "仍差" if upwards else "超出"
    text = f"{best}{verb} {wording.amount(gap, '分')}" if gap > 0 else "恰好等于界限，不含本数"
    return Check(
        Outcome.UNMET,
        f"{said}，不符合{asked}的要求，{text}",
        gap=exact_decimal(gap),
        gap_unit="分",
        gap_text=text,
    )
