"""Tests that lead to another test or to a person: cases told apart, demands in principle, gaps, industries (pure)."""

from __future__ import annotations

from collections.abc import Callable

from app.core.errors import Invalid
from app.core.text import tr
from app.eligibility.engine.check import Check, unknown
from app.eligibility.engine.finding import Place, plain
from app.eligibility.engine.outcome import Outcome
from app.eligibility.engine.setting import Setting
from app.facts.sheet import FactValue
from app.firms.industries import WORDS, Industry, find
from app.rulebooks import criteria

Checked = Callable[[Setting, criteria.Test], Check]
_SETTLED = (Outcome.MET, Outcome.UNMET)


def when(setting: Setting, test: criteria.When, checked: Checked) -> Check:
    """Follow the condition. Where it is not known, both branches must agree; else it stays as open as the condition."""
    condition = checked(setting, test.condition)
    if condition.outcome in (*_SETTLED, Outcome.NOT_APPLICABLE):
        holds = condition.outcome is Outcome.MET
        check = checked(setting, test.then if holds else test.otherwise)
        check.sentence = f"{test.said[0] if holds else test.said[1]}：{check.sentence}"
        check.used = _together(condition.used, check.used)
        return check
    branches = [checked(setting, test.then), checked(setting, test.otherwise)]
    facts = _together(condition.used, *(branch.used for branch in branches))
    first, second = branches
    if first.outcome is second.outcome and first.outcome in _SETTLED:
        # the demand that is harder to pass, or easier to fail, is the one to tell
        first.sentence = f"{first.sentence}；{second.sentence}" if first.sentence != second.sentence else first.sentence
        first.used = facts
        return first
    if condition.outcome is Outcome.NEEDS_REVIEW and Outcome.UNKNOWN not in (first.outcome, second.outcome):
        return Check(Outcome.NEEDS_REVIEW, condition.sentence, facts)
    places = (*condition.missing, *first.missing, *second.missing)
    return unknown(tuple(dict.fromkeys(places)), facts)


def _together(*parts: tuple[FactValue, ...]) -> tuple[FactValue, ...]:
    return tuple(dict.fromkeys(fact for part in parts for fact in part))


def _decided(setting: Setting, item: str) -> tuple[FactValue, Outcome] | None:
    """Return what a person has decided under this item, if so. Raises Invalid when it is neither 1 nor 0."""
    given = setting.sheet.expert(item)
    if given is None:
        return None
    if given.value not in (0, 1):
        raise Invalid(given.key, tr("%(item)s：人工认定只能填 1（符合）或 0（不符合），请更正。", item=item))
    return given, Outcome.MET if given.value == 1 else Outcome.UNMET


def by_expert(setting: Setting, test: criteria.ByExpert) -> Check:
    found = [(key, setting.find(key)) for key in test.looks_at]
    facts = tuple(fact for _key, fact in found if fact is not None)
    missing = tuple(setting.place(key) for key, fact in found if fact is None)
    decided = _decided(setting, test.item)
    if decided is not None:
        given, outcome = decided
        said = "符合" if outcome is Outcome.MET else "不符合"
        check = Check(outcome, f"经人工认定{said}本条要求", (*facts, given), actual_text=said)
    elif missing:
        check = unknown(missing, facts)
    else:
        check = Check(Outcome.NEEDS_REVIEW, "本条没有量化界限，须由专家或人工认定", facts)
    check.required_text = "由专家或人工认定"
    return check


def in_principle(setting: Setting, test: criteria.InPrinciple, checked: Checked) -> Check:
    check = checked(setting, test.test)
    if check.outcome is not Outcome.UNMET:
        return check
    decided = _decided(setting, test.item)
    if decided is None:
        check.outcome, tail = Outcome.NEEDS_REVIEW, "原文为“原则上”，须人工认定"
    else:
        given, outcome = decided
        check.outcome, check.used = outcome, (*check.used, given)
        tail = f"原文为“原则上”，经人工认定{'符合' if outcome is Outcome.MET else '不符合'}"
    check.sentence += f"；{tail}"
    return check


def undefined(_setting: Setting, test: criteria.Undefined) -> Check:
    return Check(Outcome.NEEDS_REVIEW, f"{test.why}（未定义），须人工认定")


# --- industries --------------------------------------------------------------------------------------------------


def by_industry(setting: Setting, test: criteria.ByIndustry, checked: Checked) -> Check:
    """Follow the row of the industry; an industry that is not known leaves it open, another one is not defined."""
    fact = setting.find(test.key)
    if fact is None:
        return unknown((Place(test.key),))
    text = str(fact.value)
    found = find(text)
    places = [(row, *placed(found, text, criteria.InIndustry(test.key, row.codes, row.said))) for row in test.rows]
    for row, outcome, _told in places:
        if outcome is Outcome.MET:
            check = checked(setting, row.test)
            check.sentence = f"{row.said}：{check.sentence}"
            check.used = _together((fact,), check.used)
            return check
    unclear = [told for _row, outcome, told in places if outcome is Outcome.NEEDS_REVIEW]
    name = setting.catalogue.get(test.key).short
    why = unclear[0] if unclear else f"{test.otherwise}（未定义），须人工认定"
    return Check(Outcome.NEEDS_REVIEW, f"{name}为“{text}”，{why}", (fact,))


def in_industry(setting: Setting, test: criteria.InIndustry) -> Check:
    fact = setting.find(test.key)
    name = setting.catalogue.get(test.key).short
    if fact is None:
        check = unknown((Place(test.key),))
    else:
        text = str(fact.value)
        found = find(text)
        outcome, told = placed(found, text, test)
        check = Check(outcome, f"{name}为“{text}”，{told}", (fact,), actual=plain(fact.value), actual_text=text)
    check.operator, check.required, check.required_text = "in", list(test.codes), test.said
    return check


def placed(found: Industry | None, text: str, test: criteria.InIndustry) -> tuple[Outcome, str]:
    """Return where an industry lies; a word of everyday is looked at in every entry that it stands for."""
    entries = [found] if found is not None else [find(code) for code in WORDS.get(text, ())]
    places = [_entry(entry, test) for entry in entries if entry is not None]
    if text == test.said or (places and all(outcome is Outcome.MET for outcome, _told in places)):
        return Outcome.MET, f"属于{test.said}"
    if not places:
        return Outcome.NEEDS_REVIEW, "在国民经济行业分类中找不到，须人工核定"
    if all(outcome is Outcome.UNMET for outcome, _told in places):
        return Outcome.UNMET, f"不属于{test.said}"
    unclear = [told for outcome, told in places if outcome is Outcome.NEEDS_REVIEW]
    return Outcome.NEEDS_REVIEW, unclear[0] if unclear else f"分类不够细，是否属于{test.said}须人工核定"


def _entry(found: Industry, test: criteria.InIndustry) -> tuple[Outcome, str]:
    """An entry above a wanted one (only the section is told) may or may not be it; a person must say."""
    for code in test.codes:
        if code == found.section or found.code.startswith(code):
            return Outcome.MET, f"属于{test.said}"
    if any(_section_of(code) == found.code for code in test.codes):
        return Outcome.NEEDS_REVIEW, f"只到门类，是否属于{test.said}须人工核定"
    if any(code.startswith(found.code) for code in test.codes):
        return Outcome.NEEDS_REVIEW, f"分类不够细，是否属于{test.said}须人工核定"
    return Outcome.UNMET, f"不属于{test.said}"


def _section_of(code: str) -> str:
    entry = find(code)
    assert entry is not None  # the codes of an edition are looked up when it is read
    return entry.section
