"""Writing the log, in the same transaction as the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.changes import plain
from app.audit.models import AuditEvent
from app.core import clock
from app.core.bulk import Written, insert_rows

COLUMNS = (
    "at", "actor_id", "actor_name", "actor_role", "action", "subject_type", "subject_id", "subject_label", "firm_id",
    "changes", "note", "request_id",
)  # fmt: skip

Changes = Mapping[str, Sequence[Any]] | Written
request_id: ContextVar[str] = ContextVar("request_id", default="")


@dataclass(frozen=True)
class Subject:
    """What was acted on: ``kind`` is the table's name, ``label`` what a person calls it."""

    kind: str
    id: int | None
    label: str
    firm_id: int | None = None


def record(
    session: Session,
    by: Actor,
    action: Action,
    subject: Subject,
    *,
    changes: Mapping[str, Sequence[Any]] | None = None,
    note: str = "",
) -> AuditEvent:
    """Add one event; it is committed or lost together with the change it tells of."""
    event = AuditEvent(**_row(by, action, subject, changes, note))
    session.add(event)
    return event


def record_many(
    session: Session,
    by: Actor,
    action: Action,
    entries: Sequence[tuple[Subject, Changes]],
    *,
    note: str = "",
    notes: Sequence[str] = (),
) -> None:
    """Add many events in one statement (bulk assignments, an applied import).

    Changes that are ``Written`` are JSON already, ``{"field": [old, new]}`` with plain values. ``notes`` are those of
    the single events, where each has its own.
    """
    if entries:
        noted = zip(entries, notes or repeat(note, len(entries)), strict=True)
        rows = (_row(by, action, subject, changes, note) for (subject, changes), note in noted)
        table = AuditEvent.__table__
        insert_rows(session, table, COLUMNS, ([row[name] for name in COLUMNS] for row in rows))  # type: ignore[arg-type]


def _row(by: Actor, action: Action, subject: Subject, changes: Changes | None, note: str) -> dict[str, Any]:
    return {
        "at": clock.now(),
        "actor_id": by.id,
        "actor_name": by.name,
        "actor_role": by.role.value,
        "action": action,
        "subject_type": subject.kind,
        "subject_id": subject.id,
        "subject_label": subject.label[:200],
        "firm_id": subject.firm_id,
        "changes": changes if isinstance(changes, Written) else _plain(changes or {}),
        "note": note,
        "request_id": request_id.get(),
    }


def _plain(changes: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    return {name: [plain(old), plain(new)] for name, (old, new) in changes.items()}
