"""The verdict as a dossier prints it: every clause with its text, what is asked, what is there, and why."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.core.rounding import grouped
from app.dossiers.context import FindingPart, JudgementPart, ScoreGroup, ScoreItem, ScorePart
from app.dossiers.history import Figures
from app.eligibility import shown
from app.eligibility.engine.finding import Finding, Judgement, ScoreResult
from app.eligibility.models import Verdict
from app.rulebooks.models import Edition
from app.rulebooks.schema import Clause, Rulebook

KINDS = {"new": "初次申请（含期满重新申请）", "review": "复核"}
UNCHECKED = "本版规则尚未经人工与官方文本逐条核对，判定结果仅供内部参考，不得作为正式依据。"


def judgement_part(verdict: Verdict, edition: Edition, rulebook: Rulebook, figures: Figures) -> JudgementPart:
    """Return the verdict in full, in the words of the sealed edition."""
    judgement = Judgement.from_json(verdict.judgement)
    return JudgementPart(
        edition=rulebook.title,
        code=rulebook.id,
        policies=tuple(f"《{policy.name}》（{policy.number}）" for policy in rulebook.policies),
        notes=_notes(edition, rulebook),
        as_of=verdict.as_of,
        kind=KINDS.get(verdict.kind, verdict.kind),
        state=verdict.state.value,
        state_label=verdict.state.label,
        reason=verdict.reason,
        judged_at=verdict.judged_at,
        edition_digest=edition.digest,
        sheet_digest=verdict.sheet_digest,
        findings=tuple(_finding(one, rulebook.clause(one.clause), figures) for one in judgement.findings),
        score=None if judgement.score is None else _score(judgement, judgement.score, rulebook),
    )


def _notes(edition: Edition, rulebook: Rulebook) -> tuple[str, ...]:
    notes = [] if edition.is_checked else [UNCHECKED]
    if rulebook.has_unverified:
        notes.append("标有“待核”的条款或定义尚未与原文核对，引用前须人工核实。")
    if edition.is_checked and edition.checked_on is not None:
        notes.append(f"本版规则由{edition.checked_by}于 {edition.checked_on.isoformat()} 与官方文本核对。")
    return tuple(notes)


def _finding(found: Finding, clause: Clause, figures: Figures) -> FindingPart:
    flags = found.flags if clause.status == "verified" else (*found.flags, "待核：本条文字尚未与原文核对")
    return FindingPart(
        clause=found.clause,
        article=found.article,
        text=clause.text,
        decides=found.decides,
        outcome=found.outcome.value,
        outcome_label=found.outcome.label,
        required=found.required_text or "—",
        actual=found.actual_text or "—",
        gap=found.gap_text or "—",
        explanation=found.explanation,
        used=tuple(figures.used(used) for used in found.used),
        missing=tuple(place.label for place in found.missing),
        flags=flags,
    )


def _score(judgement: Judgement, score: ScoreResult, rulebook: Rulebook) -> ScorePart:
    return ScorePart(
        low=score.low,
        high=score.high,
        total=score.total,
        line=shown.pass_line(rulebook),
        points=_points(score.low, score.high),
        required=_score_required(judgement.findings),
        groups=tuple(
            ScoreGroup(
                name=group.name,
                points=_points(group.low, group.high),
                full=grouped(group.max),
                best=group.choice == "best",
                items=tuple(
                    ScoreItem(
                        id=item.id,
                        name=item.name,
                        points=_points(item.low, item.high),
                        full=grouped(item.max),
                        band=item.band or "—",
                        reason=item.reason,
                    )
                    for item in group.items
                ),
            )
            for group in score.groups
        ),
    )


def _score_required(findings: Sequence[Finding]) -> str:
    return next((found.required_text for found in findings if found.kind == "score"), "")


def _points(low: Decimal, high: Decimal) -> str:
    return grouped(low) if low == high else f"{grouped(low)}—{grouped(high)}"
