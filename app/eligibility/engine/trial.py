"""Try an edition on its worked cases: what it says against what the case expects (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.core.errors import DomainError, Invalid
from app.core.text import Message, tr
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Judgement
from app.eligibility.engine.outcome import Decision, Outcome
from app.rulebooks.cases import Case
from app.rulebooks.schema import Rulebook

_LABELS = {one.value: one.label for choices in (Decision, Outcome) for one in choices}


def tried(rulebook: Rulebook, case: Case) -> list[Message]:
    """Return every difference between what the edition says and what the case expects; empty when it agrees."""
    try:
        judgement = evaluate(rulebook, case.sheet(), case.as_of, case.kind)
    except Invalid as error:
        wanted = case.expected.get("refused")
        if wanted and re.search(wanted, str(error.message)):
            return []
        return [tr("不应拒绝判定：%(why)s", why=error.message)]
    except DomainError as error:
        return [error.message]
    if "refused" in case.expected:
        return [tr("应拒绝判定（%(why)s），却作出了判定", why=case.expected["refused"])]
    try:
        return [
            _unlike(what, wanted, found) for what, wanted, found in _pairs(case.expected, judgement) if wanted != found
        ]
    except KeyError as error:
        return [tr("没有“%(name)s”这一条款、评分项或分组", name=error.args[0])]


def _unlike(what: str, wanted: Any, found: Any) -> Message:
    return tr("%(what)s：应为 %(wanted)s，实为 %(found)s", what=what, wanted=_said(wanted), found=_said(found))


def _said(value: Any) -> Message | str:
    if isinstance(value, str) and value in _LABELS:
        return Message(_LABELS[value])
    if isinstance(value, list | set | tuple):
        return "、".join(sorted(map(str, value)) if isinstance(value, set) else map(str, value)) or "—"
    return "—" if value is None else str(value)


def _pairs(expected: Mapping[str, Any], judgement: Judgement) -> Iterator[tuple[str, Any, Any]]:
    """Yield (what, expected, found) for everything that the case names."""
    for clause, outcome in expected.get("expect", {}).items():
        yield clause, outcome, judgement.finding(clause).outcome.value
    if "verdict" in expected:
        yield "verdict", expected["verdict"], judgement.decision.value
    if "obstacles" in expected:
        yield "obstacles", expected["obstacles"], [one.requirement for one in judgement.obstacles]
    for clause, places in expected.get("missing", {}).items():
        yield f"{clause} missing", set(places), {str(place) for place in judgement.finding(clause).missing}
    for clause, gap in expected.get("gap", {}).items():
        yield f"{clause} gap", Decimal(gap), judgement.finding(clause).gap
    for clause, actual in expected.get("actual", {}).items():
        yield f"{clause} actual", Fraction(Decimal(actual)), _exact(judgement.finding(clause).actual_exact)
    for clause, words in expected.get("says", {}).items():
        said = judgement.finding(clause).explanation
        yield f"{clause} says", words, words if words in said else said
    yield from _scores(expected, judgement)
    yield from _levels(expected, judgement)


def _exact(text: str) -> Fraction | None:
    return Fraction(text) if text else None


def _scores(expected: Mapping[str, Any], judgement: Judgement) -> Iterator[tuple[str, Any, Any]]:
    score = judgement.score
    if "score" in expected:
        yield "score", expected["score"], None if score is None else [score.low, score.high]
    groups = {group.id: group for group in score.groups} if score else {}
    items = {item.id: item for group in groups.values() for item in group.items}
    yield from _intervals(expected.get("groups", {}), groups)
    yield from _intervals(expected.get("items", {}), items)


def _intervals(wanted: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterable[tuple[str, Any, Any]]:
    return ((name, interval, [parts[name].low, parts[name].high]) for name, interval in wanted.items())


def _levels(expected: Mapping[str, Any], judgement: Judgement) -> Iterator[tuple[str, Any, Any]]:
    level = judgement.level
    if "level" in expected:
        yield "level", expected["level"], None if level is None else [level.low, level.high]
    if "next_level" in expected:
        yield "next_level", expected["next_level"], None if level is None else level.next
