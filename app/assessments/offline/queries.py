"""Reading workbooks of a form: those taken out, those brought back, how they stand to the form now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.access.actor import SYSTEM, Actor
from app.assessments import queries
from app.assessments.offline.differences import Difference, differences
from app.assessments.offline.found import Found
from app.assessments.offline.models import BroughtBack, ReturnState, TakenOut
from app.assessments.queries import Form
from app.assessments.questions import declarations
from app.assessments.saving import asks
from app.core.errors import NotFound
from app.jobs.models import Job
from app.rulebooks import queries as rulebooks

OPEN = (ReturnState.READING, ReturnState.WAITING)


def taken_out(session: Session, assessment_id: int, *, most: int = 20) -> Sequence[TakenOut]:
    """Return the workbooks of a form that the caller reached, the newest first."""
    return session.scalars(
        select(TakenOut).where(TakenOut.assessment_id == assessment_id).order_by(TakenOut.id.desc()).limit(most)
    ).all()


def brought_back(session: Session, assessment_id: int, *, most: int = 50) -> Sequence[BroughtBack]:
    """Return what was uploaded for a form that the caller reached, the newest first."""
    return session.scalars(
        select(BroughtBack)
        .where(BroughtBack.assessment_id == assessment_id)
        .options(joinedload(BroughtBack.file))
        .order_by(BroughtBack.id.desc())
        .limit(most)
    ).all()


def waiting(session: Session, assessment_id: int) -> Sequence[BroughtBack]:
    """Return the uploads of a form that are being read or that nobody has decided about."""
    return session.scalars(
        select(BroughtBack)
        .where(BroughtBack.assessment_id == assessment_id, BroughtBack.state.in_(OPEN))
        .options(joinedload(BroughtBack.file))
        .order_by(BroughtBack.id)
    ).all()


def upload(session: Session, assessment_id: int, upload_id: int) -> BroughtBack:
    """Return one upload of a form that the caller reached. Raises NotFound."""
    found = session.scalars(
        select(BroughtBack)
        .where(BroughtBack.assessment_id == assessment_id, BroughtBack.id == upload_id)
        .options(joinedload(BroughtBack.file), joinedload(BroughtBack.workbook))
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    return found


def being_read(session: Session, upload_id: int) -> BroughtBack | None:
    """Return an upload that waits to be read, with its file; None when it is over."""
    return session.scalars(
        select(BroughtBack)
        .where(BroughtBack.id == upload_id, BroughtBack.state == ReturnState.READING)
        .options(joinedload(BroughtBack.file))
    ).first()


def form_of(session: Session, brought: BroughtBack) -> Form:
    """Return the form of an upload, for the job that reads it: who brought it was allowed to."""
    return queries.form(session, brought.assessment_id, for_=SYSTEM)


def job_of(session: Session, brought: BroughtBack) -> Job | None:
    """Return the job that reads an upload that the caller reached; jobs may be cleared away."""
    return session.get(Job, brought.job_id) if brought.job_id is not None else None


def compared(session: Session, form: Form, brought: BroughtBack, *, for_: Actor) -> list[Difference]:
    """Return how an upload differs from the form as it stands now, with what this person may take over of it."""
    if brought.workbook is None:
        return []
    given = {name: (text, version) for name, text, version in brought.workbook.cells}
    found = [Found.from_json(one) for one in brought.found]
    asked = asks(form.edition, form.row.year)
    declared = frozenset() if for_.is_firm else declarations(rulebooks.rulebook_of(form.edition))
    return differences(found, given, queries.answers(session, form.row.id), asked, declared)
