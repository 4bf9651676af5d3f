"""Answers of questionnaires and entries of registers: what is named, how many reach a level (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from app.eligibility.engine.check import Check, unknown
from app.eligibility.engine.outcome import Outcome
from app.eligibility.engine.reading import Reading
from app.eligibility.engine.setting import Setting
from app.facts.values import Record
from app.rulebooks.answers import CountAtLevel, Lists, NoRecord

_WORD = re.compile(r"[^\W\d_]")


def count_at_level(setting: Setting, measure: CountAtLevel) -> Reading:
    """Return how many answers reach the level; an answer that is missing may or may not."""
    found = [(key, setting.find(key)) for key in measure.keys]
    reached = 0
    for key, fact in found:
        order = [option.value for option in setting.catalogue.get(key).options]
        reached += fact is not None and order.index(str(fact.value)) >= order.index(measure.level)
    used = tuple(fact for _key, fact in found if fact is not None)
    missing = tuple(setting.place(key) for key, fact in found if fact is None)
    if not missing:
        return Reading(Fraction(reached), used)
    most = Fraction(reached + len(missing))
    return Reading(used=used, missing=missing, floor=Fraction(reached), ceiling=most)


def said(_setting: Setting, measure: CountAtLevel, reading: Reading, shown: str) -> str:
    """Return how many of how many; what is not answered is said."""
    limit = ""
    if reading.missing and reading.value is not None:
        limit = "最多" if reading.value == reading.ceiling else "至少"
    left = f"（另有 {len(reading.missing)} 项未答）" if reading.missing else ""
    return f"{len(measure.keys)} 项中达到{measure.level}及以上的{limit} {shown}{left}"


def lists(setting: Setting, test: Lists) -> Check:
    fact = setting.find(test.key)
    label = setting.catalogue.get(test.key).short
    if fact is None:
        return unknown((setting.place(test.key),))
    assert isinstance(fact.value, tuple)
    holds = test.value in fact.value
    told = f"{label}{'包括' if holds else '不包括'}“{test.value}”"
    return Check(Outcome.MET if holds else Outcome.UNMET, told, (fact,), actual=holds)


def mentioned(test: NoRecord, entries: Iterable[object]) -> tuple[Outcome, int]:
    """Return how the entries of a register come out, and how many mention one of the words."""
    texts = [_text(entry) for entry in entries]
    hits = sum(any(word in text for word in test.mentions) for text in texts)
    if hits:
        return Outcome.UNMET, hits
    return (Outcome.UNKNOWN if any(not _WORD.search(text) for text in texts) else Outcome.MET), hits


def no_record(setting: Setting, test: NoRecord) -> Check:
    """An entry that names nothing at all may be such an entry."""
    fact = setting.find(test.key)
    label = setting.catalogue.get(test.key).short
    if fact is None:
        check = unknown((setting.place(test.key),))
    else:
        assert isinstance(fact.value, tuple)
        outcome, hits = mentioned(test, fact.value)
        if outcome is Outcome.UNMET:
            check = Check(Outcome.UNMET, f"{label}中有 {hits} 条“{test.mentions[-1]}”记录", (fact,))
        elif outcome is Outcome.UNKNOWN:
            check = unknown((setting.place(test.key),), (fact,))
            check.sentence = f"{label}中有未写明名称的条目，无法判定"
        else:
            check = Check(Outcome.MET, f"{label}中没有“{test.mentions[-1]}”记录", (fact,))
        if check.outcome is not Outcome.UNKNOWN:
            check.actual, check.actual_exact, check.actual_text = hits, str(hits), f"{hits} 条"
    check.operator, check.required, check.required_text = "==", 0, f"没有“{test.mentions[-1]}”记录"
    return check


def _text(entry: object) -> str:
    assert isinstance(entry, Record)
    return " ".join(value for _name, value in entry.fields if isinstance(value, str))
