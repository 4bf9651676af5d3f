"""The rules, and what each of them leaves to a person (pure).

A rule never decides between sources, never takes what the reviewer said himself, and never takes what somebody found
odd. The first figure of an indicator has nothing to be held against, so there is no rule for it (decision 0014).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.core.choices import Choice
from app.core.text import N_, Message, tr
from app.facts.keeping import Columns, Place, are_same
from app.facts.trust import SHEET

PERCENTS = (5, 10, 20, 30)
"""Changes against last year that a person may call small, in per cent."""


class Rule(Choice):
    """What may be accepted without looking at each figure."""

    STEADY = "steady", N_("来源与上一年核定值的来源相同，且变动小于 %(percent)s%%")
    SAME = "same", N_("与现核定值相同（只作确认，核定值不变）")


class Why(Choice):
    """Why a rule leaves a claim to a person, the gravest first."""

    OWN = "own", N_("由您本人填报，须由另一位审核人核定")
    EVIDENCE = "evidence", N_("佐证材料已被认定有误或已过有效期")
    ODD = "odd", N_("填报时附有异常说明，须由人阅看")
    RIVALS = "rivals", N_("待审核数据中有来源不一致")
    DIFFERS = "differs", N_("与现核定值不同，改动核定值须逐条写明理由")
    NOT_HELD = "not_held", N_("还没有核定值可以比较")
    NO_NUMBER = "no_number", N_("不是数值，无法计算变动")
    NO_LAST_YEAR = "no_last_year", N_("上一年没有核定值")
    UNKNOWN_SOURCE = "unknown_source", N_("来源未识别，不能认定与上一年相同")
    OTHER_SOURCE = "other_source", N_("来源与上一年核定值的来源不同")
    NO_BASE = "no_base", N_("上一年为零或负数，变动没有意义")
    NEGATIVE = "negative", N_("本年为负数")
    TOO_MUCH = "too_much", N_("变动达到或超过所选比例")
    OVERTAKEN = "overtaken", N_("执行时已被他人办理或情况有变")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pending claim as a rule sees it. ``odd``: somebody wrote why it is unusual; ``doubted``: its evidence fails."""

    id: int
    place: Place
    columns: Columns
    source: str
    stated_by: int | None
    odd: bool
    doubted: bool


@dataclass(frozen=True, slots=True)
class Around:
    """What stands about a claim: others that wait and differ, the current fact, last year's with its source."""

    rivals: bool
    current: Columns | None
    last_year: Columns | None
    last_source: str


def written(rule: Rule, percent: int) -> Message:
    """Return the rule as a sentence."""
    return tr(rule.label, percent=percent) if rule is Rule.STEADY else Message(rule.label)


def leaves(rule: Rule, percent: int, claim: Candidate, around: Around, *, reviewer: int | None) -> Why | None:
    """Return why the rule leaves the claim to a person, or None when it may be accepted."""
    if claim.stated_by is not None and claim.stated_by == reviewer:
        return Why.OWN
    if claim.doubted:
        return Why.EVIDENCE
    if claim.odd:
        return Why.ODD
    if around.rivals:
        return Why.RIVALS
    if around.current is not None and not are_same(claim.columns, around.current):
        return Why.DIFFERS
    if rule is Rule.SAME:
        return Why.NOT_HELD if around.current is None else None
    return _not_steady(percent, claim, around)


def _not_steady(percent: int, claim: Candidate, around: Around) -> Why | None:
    now = claim.columns[0]
    if now is None:
        return Why.NO_NUMBER
    if around.last_year is None or around.last_year[0] is None:
        return Why.NO_LAST_YEAR
    if claim.source in ("", SHEET):
        return Why.UNKNOWN_SOURCE
    if claim.source != around.last_source:
        return Why.OTHER_SOURCE
    return _changed(percent, now, around.last_year[0])


def _changed(percent: int, now: Decimal, before: Decimal) -> Why | None:
    """Compare exactly: 20 % of the year before is not “smaller than 20 %”."""
    if before <= 0:
        return Why.NO_BASE
    if now < 0:
        return Why.NEGATIVE
    return None if abs(now - before) * 100 < before * percent else Why.TOO_MUCH
