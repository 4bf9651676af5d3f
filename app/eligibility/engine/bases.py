"""Measures against a base year and paths from it, in numbers and in one sentence (pure)."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

from app.core.rounding import decimals, grouped, telling_places
from app.eligibility.engine import wording
from app.eligibility.engine.check import Check, exact_decimal, unknown
from app.eligibility.engine.finding import Place, plain_number
from app.eligibility.engine.outcome import Outcome
from app.eligibility.engine.reading import Reading, number_of
from app.eligibility.engine.setting import Setting
from app.rulebooks.bases import GEOMETRIC, Change, Multiple, OnPath


def multiple(setting: Setting, measure: Multiple) -> Reading:
    """Return the multiple. A base of zero or less is as good as none: it is asked for again, nothing is divided."""
    reading = _both(setting, measure)
    if reading.to is not None and reading.to <= 0:
        place = Place(measure.key, measure.base_year)
        amount = wording.amount(reading.to, setting.catalogue.get(measure.key).unit)
        reading.missing = tuple(dict.fromkeys((place, *reading.missing)))
        reading.note = f"{place.label}为 {amount}，不能作基数，须核实"
    elif reading.of is not None and reading.to is not None:
        reading.value = reading.of / reading.to
    return reading


def change(setting: Setting, measure: Change) -> Reading:
    """Return the difference; a negative base is a base like any other."""
    reading = _both(setting, measure)
    if reading.of is not None and reading.to is not None:
        reading.value = reading.of - reading.to
    return reading


def _both(setting: Setting, measure: Multiple | Change) -> Reading:
    reading = Reading(span=(measure.base_year, setting.last_year))
    now, base = (setting.sheet.get(measure.key, year) for year in (setting.last_year, measure.base_year))
    reading.used = tuple(fact for fact in (base, now) if fact is not None)
    known = [(measure.base_year, base), (setting.last_year, now)]
    reading.missing = tuple(Place(measure.key, year) for year, fact in known if fact is None)
    reading.of = number_of(now) if now is not None else None
    reading.to = number_of(base) if base is not None else None
    return reading


def said(setting: Setting, measure: Multiple | Change, reading: Reading, shown: str) -> str:
    """Return both years and what they make."""
    assert reading.of is not None
    assert reading.to is not None
    indicator = setting.catalogue.get(measure.key)
    now, base = wording.amount(reading.of, indicator.unit), wording.amount(reading.to, indicator.unit)
    head = f"{setting.last_year} 年{indicator.short} {now}"
    if isinstance(measure, Multiple):
        return f"{head}，是 {measure.base_year} 年 {base}的 {shown}"
    return f"{head}，{measure.base_year} 年 {base}，增加 {shown}"


def times(value: Fraction, bar: Fraction) -> str:
    """Return a multiple with as many decimals as keep it on its side of the bar."""
    return f"{grouped(value, telling_places(value, min(2, decimals(value)), bar))} 倍"


# --- a path from the base year to the target -----------------------------------------------------------------------

_CENT = Decimal("0.01")


def on_path(setting: Setting, test: OnPath) -> Check:
    """Return whether the year keeps up with the path: the last fiscal year, but never one after the target year."""
    year = min(setting.last_year, test.base_year + test.years)
    step = year - test.base_year
    if step < 1:
        return Check(Outcome.NOT_APPLICABLE, f"{test.base_year} 年为基期，尚无完整的考核年度")
    now, base = setting.sheet.get(test.key, year), setting.sheet.get(test.key, test.base_year)
    facts = tuple(fact for fact in (base, now) if fact is not None)
    missing = [Place(test.key, at) for at, fact in ((test.base_year, base), (year, now)) if fact is None]
    if base is not None and number_of(base) <= 0:
        missing.insert(0, Place(test.key, test.base_year))
        check = unknown(tuple(missing), facts)
        amount = wording.amount(number_of(base), setting.catalogue.get(test.key).unit)
        check.sentence = f"{missing[0].label}为 {amount}，不能作基数，须核实，无法判定"
        return check
    if now is None or base is None:
        return unknown(tuple(missing), facts)
    check = _stood(setting, test, number_of(base), number_of(now), step)
    check.used = facts
    return check


def _stood(setting: Setting, test: OnPath, base: Fraction, now: Fraction, step: int) -> Check:
    indicator = setting.catalogue.get(test.key)
    goal = _goal(test, base, step)
    fits = _reaches(test, base, now, step)
    asked, year = wording.amount(goal, indicator.unit), test.base_year + step
    share = "" if test.share == 1 else f"当年目标 {grouped(test.share * 100)}% 即 "
    check = Check(Outcome.MET if fits else Outcome.UNMET, "", actual=plain_number(now), actual_exact=str(now))
    check.actual_text, check.operator = wording.amount(now, indicator.unit), ">="
    check.required, check.required_text = plain_number(goal), f"不低于 {share}{asked}（含 {asked}）"
    from_base = f"{test.base_year} 年 {wording.amount(base, indicator.unit)}"
    told = f"{year} 年{indicator.short}为 {check.actual_text}（{from_base}，第 {step} 年）"
    if not fits:
        check.gap, check.gap_unit = exact_decimal(goal - now), indicator.unit
        check.gap_text = f"差 {wording.amount(goal - now, indicator.unit)}{indicator.short}"
    verdict = f"{'达到' if fits else '未达到'}{share or '当年目标 '}{asked}"
    check.sentence = f"{told}，{verdict}" + (f"，{check.gap_text}" if check.gap_text else "")
    return check


def _reaches(test: OnPath, base: Fraction, now: Fraction, step: int) -> bool:
    """Compare exactly: a rate that is a root is compared by its power, with no root taken."""
    if test.shape != GEOMETRIC:
        return now >= _linear(test, base, step)
    return now > 0 and (now / (Fraction(test.share) * base)) ** test.years >= Fraction(test.multiple) ** step


def _linear(test: OnPath, base: Fraction, step: int) -> Fraction:
    return Fraction(test.share) * base * (1 + (Fraction(test.multiple) - 1) * Fraction(step, test.years))


def _goal(test: OnPath, base: Fraction, step: int) -> Fraction:
    """Return the amount to reach; on a geometric path between its ends the least amount in cents that reaches it."""
    if test.shape != GEOMETRIC:
        return _linear(test, base, step)
    if step == test.years:
        return Fraction(test.share) * base * Fraction(test.multiple)
    with localcontext() as context:
        context.prec = 50
        factor = test.multiple ** (Decimal(step) / Decimal(test.years)) * test.share
        near = (factor * base.numerator / base.denominator).quantize(_CENT)
    # rounding goes at most half a cent up, so the cent below never reaches it
    while not _reaches(test, base, Fraction(near), step):
        near += _CENT
    return Fraction(near)
