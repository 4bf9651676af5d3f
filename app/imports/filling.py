"""What a table knows and the register lacks: empty fields of firms, the roster of the year; filled in and taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record_many
from app.core import clock
from app.core.bulk import insert_rows
from app.core.text import tr
from app.firms.models import Firm, RosterEntry
from app.firms.taxonomy import Town
from app.imports import queries
from app.imports.models import ImportBatch
from app.imports.plans.plan import ROSTER
from app.imports.plans.planned import Planned

CHUNK = 500
EMPTY_IS_NULL = frozenset({"town", "registered_on"})
Filled = tuple[int, Planned]
"""A firm and what its row would do."""


def fill(session: Session, batch: ImportBatch, rows: Sequence[Filled], source: str, by: Actor) -> None:
    """Write what the records of firms lacked; the plan made sure that nothing stands there."""
    entries: list[tuple[Subject, dict[str, list[Any]]]] = []
    listed: dict[tuple[int, int], str] = {}
    for firm_id, one in rows:
        fields = {name: value for name, value in one.fills.items() if name != ROSTER}
        if fields:
            _fill_fields(session, firm_id, fields)
        if ROSTER in one.fills:
            listed[firm_id, int(one.fills[ROSTER])] = roster_source(batch, source)
        if one.fills:
            changes = {name: [None, value] for name, value in one.fills.items()}
            entries.append((Subject("firm", firm_id, one.entry.named.shown, firm_id), changes))
    table = RosterEntry.__table__
    insert_rows(session, table, ("firm_id", "year", "source"), ((*at, said) for at, said in listed.items()))  # type: ignore[arg-type]
    note = f"表格导入批次 {batch.id}：补充企业档案中的空白项"
    record_many(session, by, Action.FIRM_EDIT, entries, note=note)


def roster_source(batch: ImportBatch, source: str) -> str:
    """Return the source by which entries of the roster are known to be of this import."""
    return f"{source[:150]}（导入批次 {batch.id}）"


def _fill_fields(session: Session, firm_id: int, fields: Mapping[str, str]) -> None:
    filled = {name: _typed(name, value) for name, value in fields.items()}
    empty = [getattr(Firm, name).is_(None) if name in EMPTY_IS_NULL else getattr(Firm, name) == "" for name in filled]
    session.execute(
        update(Firm)
        .where(Firm.id == firm_id, *empty)
        .values(**filled, version=Firm.version + 1, updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _typed(name: str, value: str) -> object:
    if name == "town":
        return Town(value)
    return date.fromisoformat(value) if name == "registered_on" else value


def empty_again(session: Session, batch: ImportBatch, by: Actor) -> int:
    """Take out of firms' records what this import filled in; what somebody changed since stays as it is."""
    entries: list[tuple[Subject, dict[str, list[Any]]]] = []
    marked = f"（导入批次 {batch.id}）"
    for rows in queries.data_chunks(session, batch.id, CHUNK):
        filled: dict[int, list[Mapping[str, str]]] = {}
        for row in rows:
            if row.fills and row.firm_id is not None and not row.created_firm:
                filled.setdefault(row.firm_id, []).append(row.fills)
        for firm in queries.firms_by_id(session, sorted(filled)):
            changes: dict[str, list[Any]] = {}
            for fills in filled[firm.id]:  # several years of a firm are several rows; the first one filled
                changes = {**_emptied(firm, fills), **changes}
                if ROSTER in fills:
                    changes.setdefault(ROSTER, [fills[ROSTER], None])
            if changes:
                firm.updated_at = clock.now()
                entries.append((Subject("firm", firm.id, firm.name, firm.id), changes))
        session.flush()
    session.execute(delete(RosterEntry).where(RosterEntry.source.endswith(marked, autoescape=True)))
    record_many(session, by, Action.IMPORT_UNDO, entries, note=str(tr("撤销导入批次 %(id)s", id=batch.id)))
    return sum(len(changes) for _subject, changes in entries)


def _emptied(firm: Firm, fills: Mapping[str, str]) -> dict[str, list[Any]]:
    """Empty the fields of a firm that still hold what was filled in; return the changes."""
    changes: dict[str, list[Any]] = {}
    for name, value in fills.items():
        if name != ROSTER and str(getattr(firm, name) or "") == value:
            setattr(firm, name, None if name in EMPTY_IS_NULL else "")
            changes[name] = [value, None]
    return changes
