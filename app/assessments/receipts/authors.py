"""Who wrote what stands in a submission, and what became of its figures: read from the log and from the claims."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assessments.models import AnswerText, Assessment, Consent, Part, Submission
from app.assessments.places import Place
from app.assessments.receipts.context import Author
from app.documents.format import date_text
from app.facts.models import Claim, ClaimState, SourceKind

OUTCOMES = {
    ClaimState.ACCEPTED: "已采信",
    ClaimState.PENDING: "与其他来源不一致，待审核选定",
    ClaimState.REJECTED: "未采信",
}


def authors(session: Session, assessment_id: int, made: Submission) -> tuple[Author, ...]:
    """Return who wrote the fields of a submission, most fields first.

    Every text that was taken is kept, so the last one of a field before the moment of signing is what was signed.
    """
    rows = session.execute(
        select(
            AnswerText.key, AnswerText.year, AnswerText.part, AnswerText.saved_by_name, AnswerText.consent_id,
            AnswerText.text != "",
        )
        .where(
            AnswerText.assessment_id == assessment_id, AnswerText.version.is_not(None),
            AnswerText.saved_at <= made.submitted_at,
        )
        .order_by(AnswerText.id)
    )  # fmt: skip
    asked = {Place(one["key"], one["year"]) for one in made.content}
    standing: dict[tuple[Place, Part], tuple[str, int | None]] = {}
    for key, year, part, name, consent_id, is_said in rows:
        field = (Place(key, year), part)
        standing.pop(field, None)
        if is_said and field[0] in asked:
            standing[field] = (name, consent_id)
    counted: dict[tuple[str, int | None], int] = {}
    for who in standing.values():
        counted[who] = counted.get(who, 0) + 1
    told = _consents(session, assessment_id)
    found = [Author(name, number, told.get(consent or 0, "")) for (name, consent), number in counted.items()]
    return tuple(sorted(found, key=lambda one: (-one.fields, one.name, one.basis)))


def _consents(session: Session, assessment_id: int) -> Mapping[int, str]:
    rows = session.scalars(select(Consent).where(Consent.assessment_id == assessment_id))
    return {
        one.id: f"主管部门代填，依据{one.person}{date_text(one.signed_on)}的同意（{one.kind.label}）" for one in rows
    }


def outcomes(session: Session, form: Assessment, made: Submission) -> dict[Place, str]:
    """Return what became of the figures of an accepted round; a claim that stood since an earlier one counts too."""
    rows = session.scalars(
        select(Claim)
        .where(Claim.firm_id == form.firm_id, Claim.source_kind == SourceKind.FIRM, Claim.state.in_(OUTCOMES))
        .order_by(Claim.id)
    )
    return {
        Place(one.key, one.year): OUTCOMES[one.state]
        for one in rows
        if one.reference.get("assessment") == form.id and one.reference.get("submission", 0) <= made.number
    }
