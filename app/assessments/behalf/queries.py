"""Reading what is written for firms: which forms, by which consent, what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.assessments import consents
from app.assessments.models import OPEN_STATES, Answer, Assessment, Consent
from app.assessments.queries import Form
from app.core.errors import NotFound
from app.eligibility.gap.models import Intake
from app.files.models import StoredFile
from app.firms import queries as firms
from app.firms.models import Firm
from app.rulebooks.models import Edition


@dataclass(frozen=True)
class Draft:
    """A form that is being written, with the consent by which staff may write in it today."""

    form: Form
    consent: Consent | None


def drafts(session: Session, *, for_: Actor, most: int = 200) -> list[Draft]:
    """Return the forms within reach that are being written, those with a consent first; nothing of their contents."""
    rows = session.execute(
        select(Assessment, Edition, Intake, Firm.name)
        .join(Edition, Edition.id == Assessment.edition_id)
        .join(Firm, Firm.id == Assessment.firm_id)
        .outerjoin(Intake, Intake.id == Assessment.intake_id)
        .where(Assessment.state.in_(OPEN_STATES), firms.visible_to(for_))
        .order_by(Assessment.id.desc())
        .limit(most)
    )
    found = [Form(*row) for row in rows]
    live = consents.by_forms(session, [one.row.id for one in found])
    return sorted((Draft(one, live.get(one.row.id)) for one in found), key=lambda one: one.consent is None)


def written(session: Session, assessment_id: int) -> Sequence[Answer]:
    """Return what stands in a form and was written by staff, the newest first; the caller has checked whose it is."""
    return session.scalars(
        select(Answer)
        .where(Answer.assessment_id == assessment_id, Answer.consent_id.is_not(None), Answer.text != "")
        .order_by(Answer.saved_at.desc(), Answer.id.desc())
    ).all()


def proof(session: Session, assessment_id: int, consent_id: int) -> StoredFile:
    """Return the paper of a consent of a form that the caller reached. Raises NotFound."""
    found = session.scalars(
        select(StoredFile)
        .join(Consent, Consent.file_id == StoredFile.id)
        .where(Consent.id == consent_id, Consent.assessment_id == assessment_id)
    ).first()
    if found is None:
        raise NotFound
    return found
