"""A form as the log names it."""

from __future__ import annotations

from app.assessments.models import Assessment
from app.audit.service import Subject


def subject_of(form: Assessment) -> Subject:
    """Return a form as the log names it."""
    return Subject("assessment", form.id, f"{form.year} 年度自评 · {form.programme}", form.firm_id)
