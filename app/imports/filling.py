"""What a table knows and the register lacks: empty fields of firms, the roster of the year; filled in and taken out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, delete, select, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record_many
from app.core import clock
from app.core.bulk import insert_rows
from app.core.text import Message, tr
from app.firms.models import Firm, RosterEntry
from app.firms.taxonomy import Town
from app.imports import queries
from app.imports.models import ImportBatch, ImportRow
from app.imports.plans.plan import FIELD_LABELS, ROSTER
from app.imports.plans.planned import Planned

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


def marked(batch: ImportBatch) -> str:
    """Return the words by which what this import brought ends."""
    return f"（导入批次 {batch.id}）"


def roster_source(batch: ImportBatch, source: str) -> str:
    """Return the source by which entries of the roster are known to be of this import."""
    return source[:150] + marked(batch)


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


def of_batch(batch: ImportBatch) -> ColumnElement[bool]:
    """Return the condition on entries of the roster that this import brought."""
    return RosterEntry.source.endswith(marked(batch), autoescape=True)


def filled_firms(batch: ImportBatch) -> Select[int | None]:
    """Return the firms that were there before and that a batch filled something in of, as a query of their ids."""
    return select(ImportRow.firm_id).where(
        ImportRow.batch_id == batch.id, ~ImportRow.created_firm, cast(ImportRow.fills, Text) != "{}"
    )


def of_firms(session: Session, batch: ImportBatch, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return what a batch filled in of some firms that were there before, by firm."""
    rows = session.execute(
        select(ImportRow.firm_id, ImportRow.fills)
        .where(ImportRow.id.in_(filled_firms(batch).with_only_columns(ImportRow.id)), ImportRow.firm_id.in_(ids))
        .order_by(ImportRow.id.desc())
    )
    found: dict[int, dict[str, str]] = {}
    for firm_id, fills in rows:  # several years of a firm are several rows; the first one filled
        found.setdefault(firm_id, {}).update(fills)
    return found


@dataclass(slots=True)
class _Filled:
    """A firm, what was filled in of it, and the years for which it stands on the roster because of that."""

    firm: Firm
    fills: Mapping[str, str]
    years: Collection[int]

    def still(self) -> list[str]:
        """Return the fields that hold what was filled in."""
        return [name for name, value in self.fills.items() if self._holds(name, value)]

    def _holds(self, name: str, value: str) -> bool:
        return int(value) in self.years if name == ROSTER else str(getattr(self.firm, name) or "") == value


def _all_filled(session: Session, batch: ImportBatch) -> Iterator[_Filled]:
    ids = sorted({firm_id for firm_id in session.scalars(filled_firms(batch)).all() if firm_id is not None})
    for part in queries.portions(ids):
        fills = of_firms(session, batch, part)
        years: dict[int, list[int]] = {}
        entries = select(RosterEntry.firm_id, RosterEntry.year).where(RosterEntry.firm_id.in_(part), of_batch(batch))
        for firm_id, year in session.execute(entries):
            years.setdefault(firm_id, []).append(year)
        for firm in queries.firms_by_id(session, part):
            yield _Filled(firm, fills[firm.id], years.get(firm.id, ()))


def changed_since(session: Session, batch: ImportBatch) -> list[Message]:
    """Return, one sentence each, what this import filled in and somebody changed since: it stays as it is now."""
    told = []
    for one in _all_filled(session, batch):
        gone = [name for name in one.fills if name not in one.still()]
        if gone:
            named = "、".join(str(tr(FIELD_LABELS[name])) for name in gone)
            told.append(tr("“%(firm)s”的%(fields)s导入后已由人改动", firm=one.firm.name, fields=named))
    return told


def empty_again(session: Session, batch: ImportBatch, by: Actor) -> int:
    """Take out of firms' records what this import filled in; what somebody changed since stays as it is."""
    entries: list[tuple[Subject, dict[str, list[Any]]]] = []
    for one in _all_filled(session, batch):
        changes: dict[str, list[Any]] = {name: [one.fills[name], None] for name in one.still()}
        for name in changes:
            if name != ROSTER:
                setattr(one.firm, name, None if name in EMPTY_IS_NULL else "")
        if changes:
            one.firm.updated_at = clock.now()
            entries.append((Subject("firm", one.firm.id, one.firm.name, one.firm.id), changes))
    session.flush()
    session.execute(delete(RosterEntry).where(of_batch(batch)).execution_options(synchronize_session=False))
    record_many(session, by, Action.IMPORT_UNDO, entries, note=str(tr("撤销导入批次 %(id)s", id=batch.id)))
    return sum(len(changes) for _subject, changes in entries)
