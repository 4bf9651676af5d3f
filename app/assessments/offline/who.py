"""Who exchanges a form as a workbook: the firm, or a member of staff by the firm's recorded consent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.assessments import consents


def consent_of(session: Session, assessment_id: int, by: Actor) -> int | None:
    """Return the consent by which a member of staff acts now; None for the firm's own. Raises Refused."""
    return None if by.is_firm else consents.needed(session, assessment_id, by).id


def action_of(by: Actor) -> Action:
    """Return as what the log names it."""
    return Action.OWN_EXCHANGE if by.is_firm else Action.ASSESSMENT_FILL
