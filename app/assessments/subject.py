"""A form as the log names it."""

from __future__ import annotations

from sqlalchemy.orm import object_session

from app.assessments.models import Assessment
from app.audit.service import Subject
from app.rulebooks.models import Edition


def subject_of(form: Assessment) -> Subject:
    """Return a form as the log names it: by its title, as its own page does."""
    session = object_session(form)
    assert session is not None, "a form is told of where it was read or made"
    title = session.get_one(Edition, form.edition_id).title
    return Subject("assessment", form.id, f"{title}自评（{form.year} 年度）", form.firm_id)
