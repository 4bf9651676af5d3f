"""Which firms the register held at a moment, with the status and town they had then: the log and merges walked back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.firms.models import Firm, FirmMerge
from app.firms.taxonomy import FirmStatus

_WALKED = ("status", "town")


class Formerly(NamedTuple):
    """A firm as the register had it then."""

    name: str
    status: str
    town: str | None


class _Change(NamedTuple):
    at: datetime
    firm_id: int
    field: str
    before: Any


def register_at(session: Session, moment: datetime) -> dict[int, Formerly]:
    """Return every firm that the register held at a moment, by id; its name is the one of now."""
    rows = session.execute(select(Firm.id, Firm.name, Firm.status, Firm.town).where(Firm.created_at <= moment))
    found = {number: Formerly(name, status.value, town.value if town else None) for number, name, status, town in rows}
    seen: set[tuple[int, str]] = set()
    for change in sorted((*_logged(session, moment), *_merged(session, moment)), key=lambda one: one.at):
        # the first change after the moment tells what stood before it
        if change.firm_id in found and (change.firm_id, change.field) not in seen:
            seen.add((change.firm_id, change.field))
            found[change.firm_id] = found[change.firm_id]._replace(**{change.field: change.before})
    return found


def _logged(session: Session, moment: datetime) -> Iterator[_Change]:
    text = cast(AuditEvent.changes, Text)
    rows = session.execute(
        select(AuditEvent.at, AuditEvent.firm_id, AuditEvent.changes)
        .where(
            AuditEvent.at > moment,
            AuditEvent.subject_type.in_(("firm", "firm_event")),
            AuditEvent.firm_id.is_not(None),
            or_(*(text.contains(f'"{field}"') for field in _WALKED)),
        )
        .order_by(AuditEvent.id)
    )
    for at, firm_id, changes in rows:
        for field in _WALKED:
            if field in changes:
                yield _Change(at, firm_id, field, changes[field][0])


def _merged(session: Session, moment: datetime) -> Iterator[_Change]:
    """The log of a merge does not tell the status of the firm that went."""
    rows = session.execute(
        select(FirmMerge.loser_id, FirmMerge.before, FirmMerge.merged_at, FirmMerge.undone_at).where(
            or_(FirmMerge.merged_at > moment, FirmMerge.undone_at > moment)
        )
    )
    for loser, before, merged_at, undone_at in rows:
        if merged_at > moment:
            yield _Change(merged_at, loser, "status", before["loser"]["status"])
        if undone_at is not None and undone_at > moment:
            yield _Change(undone_at, loser, "status", FirmStatus.MERGED.value)
