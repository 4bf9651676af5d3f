"""Sums, means, the worst and the best year, growth: measures over a run of fiscal years (pure).

While a year is missing the reading says what the value can be at least and at most: one year below the bar is enough
to fail "in each of two years", whatever the other one was, and a sum that is high enough already cannot fall.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.eligibility.engine.finding import Place
from app.eligibility.engine.reading import Reading, number_of
from app.eligibility.engine.setting import Setting
from app.facts.sheet import FactValue
from app.rulebooks import spans
from app.rulebooks.spans import GrowthRate, OverYears


@dataclass(frozen=True, slots=True)
class _Year:
    """One year: its number, or the figures missing, or why a person must look; ``before`` the firm was there."""

    year: int
    value: Fraction | None = None
    of: Fraction | None = None
    to: Fraction | None = None
    used: tuple[FactValue, ...] = ()
    missing: tuple[Place, ...] = ()
    review: str = ""
    before: bool = False


def over_years(setting: Setting, measure: OverYears) -> Reading:
    """Return the sum, mean, least or greatest of the yearly numbers."""
    last = setting.as_of.year if measure.this_year else setting.last_year
    span = tuple(range(last - measure.years + 1, last + 1))
    years = [_year(setting, measure, year) for year in span]
    reading = Reading(missing=_missing(years), review=_reviews(measure, years), span=span)
    # that the firm was not there yet follows from the figure which tells its first year
    reading.used = _used(years) + (setting.operating.facts if any(one.before for one in years) else ())
    known = [one for one in years if one.value is not None]
    reading.series = tuple((one.year, one.value) for one in known if one.value is not None)
    if measure.how in (spans.LEAST, spans.MOST):
        _take_extreme(measure, known, reading)
    else:
        _take_sum(setting, measure, reading)
    if not reading.missing and not reading.review:
        reading.value = reading.floor if reading.floor is not None else reading.ceiling
    return reading


def _take_extreme(measure: OverYears, known: Sequence[_Year], reading: Reading) -> None:
    """The least known number is the most the least can be, and the other way round."""
    if not known:
        return
    pick = min if measure.how == spans.LEAST else max
    chosen = pick(known, key=lambda one: one.value or Fraction(0))
    reading.of, reading.to = chosen.of, chosen.to
    if measure.how == spans.LEAST:
        reading.ceiling = chosen.value
    else:
        reading.floor = chosen.value


def _take_sum(setting: Setting, measure: OverYears, reading: Reading) -> None:
    """What is known of amounts that are never negative is the least their sum can be."""
    total = sum((value for _year, value in reading.series), Fraction(0))
    signed = any(setting.catalogue.get(key).signed for key in (*measure.of, *measure.to))
    if not signed or not reading.missing:
        reading.floor = total / measure.years if measure.how == spans.MEAN else total


def _year(setting: Setting, measure: OverYears, year: int) -> _Year:
    of, to = _amount(setting, measure.of, year), _amount(setting, measure.to, year)
    used, missing = (*of.used, *to.used), (*of.missing, *to.missing)
    if missing:
        before = _is_before(setting, year)
        return _Year(year, used=used, missing=() if before else missing, before=before)
    if not measure.to:
        return _Year(year, of.value, of.value, used=used)
    if to.value <= 0:
        what = "为零" if to.value == 0 else "为负数"
        return _Year(year, used=used, review=f"{year} 年分母{what}，无法计算比例，须人工核实")
    return _Year(year, of.value / to.value, of.value, to.value, used=used)


def _reviews(measure: OverYears, years: Iterable[_Year]) -> str:
    """Before the firm was there nothing can have been paid in; a mean or a worst year is for a person to read."""
    told = [one.review for one in years if one.review]
    if measure.how != spans.SUM:
        told += [f"{one.year} 年企业尚未成立，条文未规定如何计算，须人工判定" for one in years if one.before]
    return "；".join(told)


@dataclass(slots=True)
class _Amount:
    value: Fraction
    used: tuple[FactValue, ...]
    missing: tuple[Place, ...]


def _amount(setting: Setting, keys: Iterable[str], year: int) -> _Amount:
    found = _Amount(Fraction(0), (), ())
    for key in keys:
        fact = setting.sheet.get(key, year)
        if fact is None:
            found.missing += (Place(key, year),)
        else:
            found.used += (fact,)
            found.value += number_of(fact)
    return found


def _is_before(setting: Setting, year: int) -> bool:
    """Tell whether the firm is known not to have been there yet in that year."""
    return setting.operating.first is not None and year < setting.operating.first


def _used(years: Iterable[_Year]) -> tuple[FactValue, ...]:
    return tuple(dict.fromkeys(fact for one in years for fact in one.used))


def _missing(years: Iterable[_Year]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(place for one in years for place in one.missing))


# --- growth ------------------------------------------------------------------------------------------------------


def growth_rate(setting: Setting, measure: GrowthRate) -> Reading:
    """Return the mean of the yearly rates, or the compound rate as what the amount has grown to (``root`` years)."""
    span = tuple(range(setting.last_year - measure.years, setting.last_year + 1))
    asked = span if measure.how == spans.MEAN else (span[0], span[-1])
    found = [(year, _amount(setting, measure.of, year)) for year in asked]
    reading = Reading(span=span)
    reading.used = tuple(dict.fromkeys(fact for _year, one in found for fact in one.used))
    lacking = [(year, one) for year, one in found if one.missing]
    early = [year for year, _one in lacking if _is_before(setting, year)]
    reading.missing = tuple(place for year, one in lacking if year not in early for place in one.missing)
    if early:
        reading.used += setting.operating.facts
        reading.review = f"{early[0]} 年企业尚未成立，条文未规定如何计算增长率，须人工判定"
    elif not lacking:
        _grow(measure, [(year, one.value) for year, one in found], reading)
    return reading


def _grow(measure: GrowthRate, amounts: list[tuple[int, Fraction]], reading: Reading) -> None:
    reading.series = tuple(amounts)
    for year, base in amounts[:-1]:
        if base <= 0:
            what = "为零" if base == 0 else "为负数"
            reading.review = f"{year} 年基数{what}，无法计算增长率，条文未规定算法，须人工判定"
            return
    steps = [after / base for (_y, base), (_z, after) in zip(amounts, amounts[1:], strict=False)]
    if measure.how == spans.COMPOUND:
        reading.value, reading.root = steps[0], measure.years
    else:
        reading.value = sum(steps, Fraction(0)) / len(steps) - 1
