"""Tests about lists and registers: valid honours, certificates held, ranks in a yearly contest (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from app.eligibility.engine import wording
from app.eligibility.engine.check import Check, unknown
from app.eligibility.engine.dates import within, years_after
from app.eligibility.engine.finding import Place
from app.eligibility.engine.outcome import Outcome, any_of
from app.eligibility.engine.setting import Setting
from app.facts.sheet import FactValue
from app.facts.values import Record
from app.rulebooks import criteria


def any_listed(setting: Setting, test: criteria.AnyListed) -> Check:
    """Return whether a list names anything; an empty list is a statement, too."""
    fact = setting.find(test.key)
    label = setting.catalogue.get(test.key).short
    if fact is None:
        check = unknown((setting.place(test.key),))
    else:
        assert isinstance(fact.value, tuple)
        names = "、".join(str(item) for item in fact.value)
        said = f"{label}：{names}，符合要求" if names else f"没有{label}，不符合要求"
        check = Check(Outcome.MET if names else Outcome.UNMET, said, (fact,))
        check.actual, check.actual_text = len(fact.value), names or "无"
    check.operator, check.required, check.required_text = ">=", 1, "至少 1 项"
    return check


def record_valid(setting: Setting, test: criteria.RecordValid) -> Check:
    """Return whether one of the named honours is valid on the day; a valid one of another name is for a person."""
    fact = setting.find(test.key)
    label = setting.catalogue.get(test.key).short
    if fact is None:
        check = unknown((setting.place(test.key),))
    else:
        assert isinstance(fact.value, tuple)
        records = [item for item in fact.value if isinstance(item, Record)]
        check = _valid_among(setting, test, fact, records)
    check.operator, check.required = ">=", 1
    check.required_text = f"{'、'.join(test.named)}等在有效期内的至少 1 项"
    if fact is not None and not check.sentence:
        check.sentence = f"{label}中没有在有效期内的所列荣誉"
    return check


def _valid_among(setting: Setting, test: criteria.RecordValid, fact: FactValue, records: Iterable[Record]) -> Check:
    states = [(record, validity(setting, test, record)) for record in records]
    outcome = any_of([*(state for _record, state in states), Outcome.UNMET])
    names = "、".join(str(record.get("name") or "名称未填") for record, state in states if state is outcome)
    told = {
        Outcome.MET: f"“{names}”在有效期内",
        Outcome.UNKNOWN: f"“{names}”的名称或到期日未填全，无法判定是否有效",
        Outcome.NEEDS_REVIEW: f"“{names}”在有效期内，是否属于所列荣誉须人工核定",
    }.get(outcome, "")
    places = (setting.place(test.key),) if outcome is Outcome.UNKNOWN else ()
    count = sum(state is Outcome.MET for _record, state in states)
    return Check(outcome, told, (fact,), places, actual=count, actual_text=f"{count} 项")


def validity(setting: Setting, test: criteria.RecordValid, record: Record) -> Outcome:
    expiry, name = record.get("expiry"), str(record.get("name") or "")
    lasts = _lasts(expiry, setting.as_of)
    if lasts is Outcome.UNMET or any(word in name for word in test.named):
        return lasts
    return Outcome.NEEDS_REVIEW if lasts is Outcome.MET and name else Outcome.UNKNOWN


def _lasts(expiry: object, day: date) -> Outcome:
    """Where only the year is told, the answer must hold for every day of it."""
    if isinstance(expiry, date):
        return Outcome.MET if expiry >= day else Outcome.UNMET
    if not isinstance(expiry, str) or not expiry.isdigit() or int(expiry) == day.year:
        return Outcome.UNKNOWN
    return Outcome.MET if int(expiry) > day.year else Outcome.UNMET


def record_named(setting: Setting, test: criteria.RecordNamed) -> Check:
    """Return whether an entry of the name and of one of the levels is held; one without name or level may be it."""
    fact = setting.find(test.key)
    label = setting.catalogue.get(test.key).short
    named = "、".join(test.named)
    if fact is None:
        check = unknown((setting.place(test.key),))
    else:
        assert isinstance(fact.value, tuple)
        outcome = any_of([Outcome.UNMET, *(is_named(test, item) for item in fact.value if isinstance(item, Record))])
        told = {
            Outcome.MET: f"{label}中有{named}",
            Outcome.UNMET: f"{label}中没有{'、'.join(test.levels)}的{named}",
        }.get(outcome, f"{label}的名称或级别未填全，无法判定有无{named}")
        places = (setting.place(test.key),) if outcome is Outcome.UNKNOWN else ()
        check = Check(outcome, told, (fact,), places, actual_text="有" if outcome is Outcome.MET else "")
    check.required_text = f"{'、'.join(test.levels)}的{named}"
    return check


def is_named(test: criteria.RecordNamed, record: Record) -> Outcome:
    name, level = record.get("name"), record.get("level")
    if name is not None and not any(word in str(name) for word in test.named):
        return Outcome.UNMET
    if level is not None and level not in test.levels:
        return Outcome.UNMET
    return Outcome.UNKNOWN if name is None or level is None else Outcome.MET


def ranked(setting: Setting, test: criteria.Ranked) -> Check:
    """Return whether a good enough rank falls into the last years; a rank without a year was asked for within them."""
    facts, none = _ranks(setting, test.key)
    label = setting.catalogue.get(test.key).short
    earliest = years_after(setting.as_of, -test.years)
    good = [fact for fact in facts if isinstance(fact.value, Decimal) and fact.value <= test.at_most]
    states = [(fact, _in_window(fact, earliest, setting.as_of)) for fact in good]
    outcome = any_of([*(state for _fact, state in states), Outcome.UNMET])
    if not facts and not none:
        check = unknown((Place(test.key),))
    else:
        told = "、".join(_rank_said(fact) for fact in facts) or "没有参加"
        tail = {
            Outcome.MET: f"近 {test.years} 年内进入前 {test.at_most} 名",
            Outcome.UNMET: f"近 {test.years} 年内没有进入前 {test.at_most} 名",
        }.get(outcome, f"须知道具体日期才能判定是否在近 {test.years} 年内")
        places = (Place(test.key),) if outcome is Outcome.UNKNOWN else ()
        check = Check(outcome, f"{label}：{told}，{tail}", (*facts, *none), places)
        best = min((fact.value for fact in facts if isinstance(fact.value, Decimal)), default=None)
        check.actual, check.actual_text = (None, "无") if best is None else (int(best), f"{best:f} 名")
    check.operator, check.required = "<=", test.at_most
    check.required_text = f"近 {test.years} 年内前 {test.at_most} 名（含第 {test.at_most} 名）"
    return check


def _ranks(setting: Setting, key: str) -> tuple[tuple[FactValue, ...], tuple[FactValue, ...]]:
    """Return the ranks told, and the statements that there is none."""
    places = (None, *setting.sheet.years(key))
    found = [fact for year in places if (fact := setting.sheet.get(key, year)) is not None]
    ranks = tuple(fact for fact in found if isinstance(fact.value, Decimal))
    return ranks, tuple(fact for fact in found if fact not in ranks)


def _in_window(fact: FactValue, earliest: date, latest: date) -> Outcome:
    if fact.year is None:
        return Outcome.MET
    if fact.year == latest.year:
        # what is known on the day has happened by the day
        return Outcome.MET
    return within(str(fact.year), earliest, latest)


def _rank_said(fact: FactValue) -> str:
    year = f"{fact.year} 年" if fact.year is not None else ""
    return f"{year}第 {wording.amount(fact.value, '名') if isinstance(fact.value, Decimal) else fact.value}"
