"""Tests about dates and registers: windows, expiry, deadlines, years of operation (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.eligibility.engine import wording
from app.eligibility.engine.check import Check, unknown
from app.eligibility.engine.finding import Place
from app.eligibility.engine.outcome import Outcome, all_of, any_of
from app.eligibility.engine.setting import Setting
from app.facts.sheet import FactValue
from app.facts.values import Record
from app.rulebooks import criteria


def _said(outcome: bool) -> Outcome:
    return Outcome.MET if outcome else Outcome.UNMET


@dataclass(frozen=True, slots=True)
class _Window:
    first: date
    last: date
    text: str
    facts: tuple[FactValue, ...]


def _window(setting: Setting, test: criteria.NoneDated) -> _Window | Check:
    """Return the days that count, both ends included; a check where they cannot be told."""
    if test.calendar_years:
        first = date(setting.as_of.year - test.calendar_years + 1, 1, 1)
        return _Window(first, date(setting.as_of.year, 12, 31), f"{first.year} 年至 {setting.as_of.year} 年", ())
    if test.since:
        fact = setting.find(test.since)
        if fact is None:
            return unknown((setting.place(test.since),))
        if not isinstance(fact.value, date):
            name = setting.catalogue.get(test.since).short
            return Check(Outcome.NOT_APPLICABLE, f"{name}：没有证书，本条不适用", (fact,))
        text = f"{wording.day(fact.value)}至 {wording.day(setting.as_of)}"
        return _Window(fact.value, setting.as_of, text, (fact,))
    first, span = setting.applied_on - timedelta(days=test.days), f"{test.days} 天"
    if test.years:
        first, span = years_after(setting.applied_on, -test.years), f"{test.years} 年"
    text = f"{wording.day(first)}至 {wording.day(setting.applied_on)}（申请前 {span}内）"
    return _Window(first, setting.applied_on, text, (setting.application,) if setting.application else ())


def none_dated(setting: Setting, test: criteria.NoneDated) -> Check:
    window = _window(setting, test)
    if isinstance(window, Check):
        return window
    used = list(window.facts)
    missing: list[Place] = []
    hits: list[tuple[date, str]] = []
    for key in test.keys:
        fact = setting.sheet.get(key)
        if fact is None:
            missing.append(Place(key))
            continue
        used.append(fact)
        assert isinstance(fact.value, tuple)
        label = setting.catalogue.get(key).short
        hits += [(when, label) for when in fact.value if isinstance(when, date) and window.first <= when <= window.last]
    if hits:
        told = "；".join(f"{wording.day(when)}发生{label}" for when, label in sorted(hits))
        check = Check(Outcome.UNMET, f"{told}，在{window.text}期间内", tuple(used), tuple(missing))
    elif missing:
        check = unknown(tuple(missing), tuple(used))
        check.sentence = f"{wording.lacking(missing)}情况尚未查询，无法判定{window.text}期间是否发生"
    else:
        names = "、".join(setting.catalogue.get(key).short for key in test.keys)
        check = Check(Outcome.MET, f"{window.text}期间未发生{names}", tuple(used))
    if hits or not missing:
        check.actual, check.actual_exact, check.actual_text = len(hits), str(len(hits)), f"{len(hits)} 起"
    check.operator, check.required, check.required_text = "==", 0, "0 起"
    if hits:
        check.gap, check.gap_unit, check.gap_text = Decimal(len(hits)), "起", f"期间内发生 {len(hits)} 起"
    return check


def valid_on(setting: Setting, test: criteria.ValidOn) -> Check:
    fact = setting.find(test.key)
    label = setting.catalogue.get(test.key).short
    if fact is None:
        check = unknown((setting.place(test.key),))
    elif not isinstance(fact.value, date):
        check = Check(Outcome.UNMET, f"{label}：没有证书", (fact,), actual_text="无")
    else:
        fits = fact.value >= setting.as_of
        tail = "仍在有效期内" if fits else f"在 {wording.day(setting.as_of)}前已经到期"
        check = Check(_said(fits), f"{label}为 {wording.day(fact.value)}，{tail}", (fact,))
        check.actual, check.actual_text = fact.value.isoformat(), wording.day(fact.value)
    check.operator, check.required = ">=", setting.as_of.isoformat()
    check.required_text = f"不早于 {wording.day(setting.as_of)}"
    return check


def valid_for(setting: Setting, test: criteria.ValidFor) -> Check:
    fact = setting.find(test.key)
    label = setting.catalogue.get(test.key).short
    if fact is None:
        check = unknown((setting.place(test.key),))
    elif not isinstance(fact.value, date):
        check = Check(Outcome.NOT_APPLICABLE, f"{label}：没有证书，本条不适用", (fact,), actual_text="无")
    else:
        ends = years_after(fact.value, test.years)
        fits = setting.as_of < ends
        tail = f"有效期至 {wording.day(ends - timedelta(days=1))}，{'仍有效' if fits else '已经届满，应重新申请'}"
        check = Check(_said(fits), f"{label}为 {wording.day(fact.value)}，{tail}", (fact,))
        check.actual, check.actual_text = fact.value.isoformat(), wording.day(fact.value)
    check.operator, check.required, check.required_text = "<", test.years, f"发证之日起 {test.years} 年内"
    return check


def years_after(start: date, years: int) -> date:
    """Return the same day so many years later (or earlier); 29 February becomes 1 March."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 3, 1)


def months_after(start: date, months: int) -> date:
    """Return the same day so many months later, or the last day of that month where it has no such day."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(start.day, last))


def any_record(setting: Setting, test: criteria.AnyRecord) -> Check:
    fact = setting.find(test.key)
    label = setting.catalogue.get(test.key).short
    if fact is None:
        check = unknown((setting.place(test.key),))
    else:
        assert isinstance(fact.value, tuple)
        states = [record_state(setting, test, item) for item in fact.value if isinstance(item, Record)]
        outcome = any_of([*states, Outcome.UNMET])
        count = sum(state is Outcome.MET for state in states)
        told = {
            Outcome.MET: f"{label}中有 {count} 项符合要求",
            Outcome.UNMET: f"{label}中没有符合要求的一项",
        }.get(outcome, f"{label}的级别、名次或日期未填全，无法判定")
        places = (setting.place(test.key),) if outcome is Outcome.UNKNOWN else ()
        check = Check(outcome, told, (fact,), places, actual=count, actual_text=f"{count} 项")
    levels = "、".join(test.levels)
    check.operator, check.required = ">=", 1
    ranks = f"、排名前 {test.rank_at_most} 的" if test.rank_at_most else "的"
    check.required_text = f"近 {test.years} 年内{levels}{ranks}至少 1 项"
    return check


def record_state(setting: Setting, test: criteria.AnyRecord, record: Record) -> Outcome:
    level, rank, when = record.get("level"), record.get("rank"), record.get("date")
    earliest = years_after(setting.as_of, -test.years)
    parts = [
        Outcome.UNKNOWN if level is None else _said(level in test.levels),
        _rank_state(rank, test.rank_at_most),
        within(when, earliest, setting.as_of),
    ]
    return all_of(parts)


def _rank_state(rank: object, at_most: int) -> Outcome:
    if not at_most:
        return Outcome.MET
    return _said(rank <= at_most) if isinstance(rank, Decimal) else Outcome.UNKNOWN


def within(when: object, earliest: date, latest: date) -> Outcome:
    """Tell whether a day lies in the window, both ends included.

    Where only the year is told, the answer must hold for every day of it.
    """
    if isinstance(when, date):
        return _said(earliest <= when <= latest)
    if not isinstance(when, str) or not when.isdigit():
        return Outcome.UNKNOWN
    first, last = date(int(when), 1, 1), date(int(when), 12, 31)
    if last < earliest or first > latest:
        return Outcome.UNMET
    return Outcome.MET if earliest <= first and last <= latest else Outcome.UNKNOWN


def by_day(setting: Setting, test: criteria.ByDay) -> Check:
    year = setting.as_of.year
    fact = setting.sheet.get(test.key, year)
    label = setting.catalogue.get(test.key).short
    deadline = date(year, test.month, test.day)
    if fact is None and setting.as_of <= deadline:
        check = Check(Outcome.NOT_APPLICABLE, f"{year} 年的期限（{wording.day(deadline)}）尚未届满")
    elif fact is None:
        check = unknown((Place(test.key, year),))
    else:
        assert isinstance(fact.value, date)
        fits = fact.value <= deadline
        tail = "按期完成" if fits else f"晚于 {wording.day(deadline)}"
        check = Check(_said(fits), f"{label}为 {wording.day(fact.value)}，{tail}", (fact,))
        check.actual, check.actual_text = fact.value.isoformat(), wording.day(fact.value)
    check.operator, check.required = "<=", deadline.isoformat()
    check.required_text = f"不晚于 {wording.day(deadline)}"
    return check


def within_months(setting: Setting, test: criteria.WithinMonths) -> Check:
    start, end = setting.find(test.start), setting.find(test.end)
    names = setting.catalogue.get(test.start).short, setting.catalogue.get(test.end).short
    required = f"{names[0]}起 {test.months} 个月内（含）"
    if start is not None and not isinstance(start.value, date):
        return Check(Outcome.NOT_APPLICABLE, f"{names[0]}：没有，本条不适用", (start,), required_text=required)
    facts = tuple(fact for fact in (start, end) if fact is not None)
    if start is None or end is None:
        keys = [test.start] * (start is None) + [test.end] * (end is None)
        check = unknown(tuple(setting.place(key) for key in keys), facts)
    else:
        assert isinstance(start.value, date)
        deadline = months_after(start.value, test.months)
        if not isinstance(end.value, date):
            check = Check(Outcome.UNMET, f"{names[1]}：尚未报告", facts, actual_text="无")
        else:
            fits = end.value <= deadline
            tail = "按期报告" if fits else f"晚于期限 {wording.day(deadline)}"
            check = Check(_said(fits), f"{names[1]}为 {wording.day(end.value)}，{tail}", facts)
            check.actual, check.actual_text = end.value.isoformat(), wording.day(end.value)
    check.operator, check.required, check.required_text = "<=", test.months, required
    return check


def operating(setting: Setting, test: criteria.OperatingYears) -> Check:
    known, facts = setting.operating.years, setting.operating.facts
    if known is None:
        check = unknown((Place("registration_date"),))
    elif known >= test.years:
        check = Check(Outcome.NOT_APPLICABLE, f"实际经营已满 {test.years} 个会计年度，按 {test.years} 年计算", facts)
    else:
        check = Check(Outcome.MET, f"实际经营 {known} 个会计年度，各项按实际经营时间计算", facts)
    if known is not None:
        years = min(known, test.years)
        check.actual, check.actual_exact, check.actual_text = years, str(years), f"{years} 年"
    check.required_text = f"不满 {test.years} 年的按实际经营时间计算"
    return check
