"""Reading workbooks of a form: those taken out, those brought back, how they stand to the form now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.assessments import queries
from app.assessments.offline.differences import Difference, differences
from app.assessments.offline.found import Found
from app.assessments.offline.models import BroughtBack, ReturnState, TakenOut
from app.assessments.queries import Form
from app.assessments.saving import asks
from app.core.errors import NotFound


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
    """Return the uploads of a form that nobody has decided about."""
    return session.scalars(
        select(BroughtBack)
        .where(BroughtBack.assessment_id == assessment_id, BroughtBack.state == ReturnState.WAITING)
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


def compared(session: Session, form: Form, brought: BroughtBack) -> list[Difference]:
    """Return how an upload differs from the form as it stands now."""
    given = {name: (text, version) for name, text, version in brought.workbook.cells}
    found = [Found.from_json(one) for one in brought.found]
    return differences(found, given, queries.answers(session, form.row.id), asks(form.edition, form.row.year))
