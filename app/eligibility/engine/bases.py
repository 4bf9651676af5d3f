"""Measures against a base year, in numbers and in one sentence (pure)."""

from __future__ import annotations

from fractions import Fraction

from app.core.rounding import decimals, grouped, telling_places
from app.eligibility.engine import wording
from app.eligibility.engine.finding import Place
from app.eligibility.engine.reading import Reading, number_of
from app.eligibility.engine.setting import Setting
from app.rulebooks.bases import Change, Multiple


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
