"""A thing that falls due, or has happened and is to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.core.text import Message
from app.reminders.models import DueKind


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that falls due: what, for which firm, on which day (the last on which it can be done).

    ``owner_id`` is the person whom it concerns where that is one, ``form_id`` the self-assessment it is about. What is
    told ``at_once`` has happened already: it is told once, and ``due_on`` is until when it is shown.
    """

    kind: DueKind
    subject_id: int
    firm_id: int
    firm: str
    title: Message
    due_on: date
    owner_id: int | None = None
    form_id: int | None = None
    at_once: bool = False
