"""One verdict of a list beside what judging it again gave: the same to the last sign, or every difference (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.choices import Choice
from app.core.digest import sha256_hex
from app.core.text import N_
from app.eligibility.engine.finding import Judgement, used
from app.eligibility.engine.outcome import Outcome
from app.eligibility.replay.models import Difference
from app.facts import display
from app.facts.keeping import indicator_of
from app.facts.moments import Past
from app.facts.sheet import FactSheet, FactValue


class Reason(Choice):
    """Why a figure or a result is not the one of then."""

    GONE = "gone", N_("这条核定值的记录已不在该企业名下")
    CORRECTING = "correcting", N_("判定时这项数据正在被更正")
    ACCEPTING = "accepting", N_("核定与判定同时进行，判定时还没有读到")
    CONTENT = "content", N_("同一条核定值的内容与当时不同")
    SOURCE = "source", N_("同一条核定值的来源说明与当时不同")
    ENGINE = "engine", N_("数据和规则都相同，判定程序与当时不同")
    FOLLOWS = "follows", N_("随数据不同而不同")
    SEALED = "sealed", N_("内容与封存时的校验码不符")
    REGISTER = "register", N_("登记记录所载当时的状态与清单不符")


JUDGEMENT, EVIDENCE, WHOLE = N_("判定"), N_("判定凭据"), N_("判定全文")
RESULT, SCORE, REASON, LISTED = N_("判定结果"), N_("综合得分"), N_("理由"), N_("列入清单")


@dataclass(frozen=True, slots=True)
class Kept:
    """A verdict as it was kept: its texts as they were first written, with their hashes."""

    id: int
    firm_id: int
    judged_at: datetime
    judgement: str
    digest: str
    sheet: str
    sheet_digest: str


@dataclass(frozen=True, slots=True)
class Found:
    """In what a verdict differs: the kind, and rows for people."""

    kind: Difference
    told: list[dict[str, Any]]


def compare(kept: Kept, text: str, sheet: FactSheet, past: Past) -> Found | None:
    """Return what differs between a kept verdict and the judgement's text made again, None when nothing does."""
    if sha256_hex(kept.judgement) != kept.digest or sha256_hex(kept.sheet) != kept.sheet_digest:
        return Found(Difference.EVIDENCE, [row(EVIDENCE, kept.digest, sha256_hex(kept.judgement), Reason.SEALED)])
    same_figures = kept.sheet == sheet.canonical_json()
    if same_figures and kept.judgement == text:
        return None
    then, again = Judgement.from_json(json.loads(kept.judgement)), Judgement.from_json(json.loads(text))
    figures = [] if same_figures else list(_figures(kept, sheet, past))
    why = Reason.ENGINE if same_figures else Reason.FOLLOWS
    outcomes = list(_outcomes(then, again, why))
    if figures:
        return Found(Difference.FIGURES, figures + outcomes)
    if outcomes:
        return Found(Difference.OUTCOME, outcomes)
    return Found(Difference.WORDING, list(_wording(then, again)) or [row(WHOLE, kept.digest, sha256_hex(text), why)])


def _figures(kept: Kept, sheet: FactSheet, past: Past) -> Iterator[dict[str, Any]]:
    old = {(one.key, one.year): one for one in FactSheet.from_canonical(kept.sheet).facts()}
    new = {(one.key, one.year): one for one in sheet.facts()}
    for spot in sorted(old.keys() | new.keys(), key=lambda one: (one[0], one[1] or 0)):
        then, again = old.get(spot), new.get(spot)
        if then != again:
            some = then or again
            assert some is not None
            yield row(used(some).label, _said(then), _said(again), _reason(kept, then, again, past))


def _reason(kept: Kept, then: FactValue | None, again: FactValue | None, past: Past) -> Reason:
    if then is not None and again is not None and then.fact_id == again.fact_id:
        return Reason.SOURCE if then.value == again.value else Reason.CONTENT
    held = None if then is None else past.fact(kept.firm_id, then.fact_id or 0)
    if then is not None and held is None:
        return Reason.GONE
    if held is not None and held.superseded_at is not None and held.superseded_at <= kept.judged_at:
        return Reason.CORRECTING
    return Reason.ACCEPTING if held is None or held.accepted_at > kept.judged_at else Reason.GONE


def _outcomes(then: Judgement, again: Judgement, why: Reason) -> Iterator[dict[str, Any]]:
    if then.decision is not again.decision:
        yield row(RESULT, then.decision.label, again.decision.label, why)
    if then.score is not None and again.score is not None:
        old, new = (f"{one.low}—{one.high}" for one in (then.score, again.score))
        if old != new:
            yield row(SCORE, old, new, why)
    former = {one.clause: one for one in then.findings}
    for finding in again.findings:
        old_outcome = former[finding.clause].outcome if finding.clause in former else Outcome.NOT_APPLICABLE
        if old_outcome is not finding.outcome:
            yield row(f"{finding.article}（{finding.clause}）", old_outcome.label, finding.outcome.label, why)


def _wording(then: Judgement, again: Judgement) -> Iterator[dict[str, Any]]:
    if then.reason != again.reason:
        yield row(REASON, then.reason, again.reason, Reason.ENGINE)
    for old, new in zip(then.findings, again.findings, strict=False):
        if old.explanation != new.explanation:
            yield row(f"{new.article}（{new.clause}）", old.explanation, new.explanation, Reason.ENGINE)


def _said(value: FactValue | None) -> str:
    if value is None:
        return ""
    return f"{display.with_unit(indicator_of(value.key), value.value)}（{value.source}）"


def row(what: str, then: str, again: str, why: Reason) -> dict[str, Any]:
    """Return one difference as it is kept."""
    return {"what": what, "then": then, "again": again, "why": why.value}
