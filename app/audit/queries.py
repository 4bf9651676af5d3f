"""Reading the log: entries in words, and the whole log for the auditor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.roles import Role
from app.audit import labels
from app.audit.models import AuditEvent
from app.core.clock import BUSINESS_ZONE
from app.core.paging import PAGE_SIZE, Page, SortKey, read_page
from app.core.text import Message

MOST_COUNTED = 10_000
LARGEST_ID = 2**31 - 1
# reading leaves no trace in the log, so it is no filter either
LOGGED = tuple(
    sorted((one for one in Action if not one.value.endswith((":read", ":preview"))), key=lambda one: one.label)
)


@dataclass(frozen=True)
class Change:
    """One field: msgid of its label, old and new value in words (empty: there was none)."""

    label: str
    old: Message | str
    new: Message | str


@dataclass(frozen=True)
class Entry:
    """One line of the log in words. ``action``, ``role`` and ``kind`` are msgids; ``at`` is an aware moment."""

    id: int
    at: datetime
    who: str
    role: str
    action: str
    kind: str
    subject: str
    firm_id: int | None
    changes: Sequence[Change]
    note: str
    request_id: str


@dataclass(frozen=True)
class LogFilter:
    """What an auditor asks for. ``who`` and ``subject`` are parts of names; days are of the district's calendar."""

    who: str = ""
    subject: str = ""
    action: Action | None = None
    firm_id: int | None = None
    since: date | None = None
    until: date | None = None


def log(
    session: Session, wanted: LogFilter, *, after: str = "", before: str = "", size: int = PAGE_SIZE
) -> Page[Entry]:
    """Return one page of the log, newest first. The total is counted up to 10,000."""
    conditions = _conditions(wanted)
    some = select(AuditEvent.id).where(*conditions).limit(MOST_COUNTED + 1).subquery()
    total = session.scalar(select(func.count()).select_from(some)) or 0
    found = read_page(
        session,
        select(AuditEvent).where(*conditions),
        [SortKey(AuditEvent.id, "id", descending=True, parse=_id)],
        key_of=lambda row: (row[0].id,),
        total=min(total, MOST_COUNTED),
        after=after,
        before=before,
        size=size,
    )
    entries = [entry(row[0]) for row in found.items]
    return Page(entries, found.total, found.after, found.before, is_capped=total > MOST_COUNTED)


def entry(event: AuditEvent) -> Entry:
    """Return an event in words."""
    kind = event.subject_type
    return Entry(
        id=event.id,
        at=event.at,
        who=event.actor_name,
        role=_role(event.actor_role),
        action=event.action.label,
        kind=labels.subject_label(kind),
        subject=event.subject_label,
        firm_id=event.firm_id,
        changes=[
            Change(labels.field_label(kind, field), labels.shown(kind, field, old), labels.shown(kind, field, new))
            for field, (old, new) in event.changes.items()
        ],
        note=event.note,
        request_id=event.request_id,
    )


def _conditions(wanted: LogFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.firm_id is not None:
        found.append(AuditEvent.firm_id == wanted.firm_id)
    if wanted.action is not None:
        found.append(AuditEvent.action == wanted.action)
    if wanted.who:
        found.append(AuditEvent.actor_name.contains(wanted.who, autoescape=True))
    if wanted.subject:
        found.append(AuditEvent.subject_label.contains(wanted.subject, autoescape=True))
    if wanted.since is not None:
        found.append(AuditEvent.at >= _midnight(wanted.since))
    if wanted.until is not None:
        found.append(AuditEvent.at < _midnight(wanted.until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, BUSINESS_ZONE)


def _role(value: str) -> str:
    return next((role.label for role in Role if role.value == value), value)


def _id(value: Any) -> int:
    if not isinstance(value, int) or not 0 < value <= LARGEST_ID:
        raise ValueError("no id")
    return value
