"""Staging: the rows of a file stream into the table chunk by chunk, each chunk planned against the register.

Every chunk is a transaction of its own, so that no lock is held while a large file is read. A try that was killed
leaves rows behind that the next try clears away; a try that was overtaken by another one writes nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.bulk import reserve_ids
from app.core.errors import Conflict
from app.core.text import tr
from app.imports import carried, rehearsal
from app.imports.cells.entry import Entry
from app.imports.cells.kept import written
from app.imports.cells.rows import NoData
from app.imports.models import BatchState, ImportBatch, ImportRow
from app.imports.plans import doubles
from app.imports.plans.tally import Tally
from app.imports.reading import Reading
from app.imports.rehearsal import Said, Work
from app.imports.table import TableRow

CHUNK = 2_000


class Overtaken(Conflict):
    """Another try stages the batch, or somebody gave it up."""


@dataclass
class Staging:
    """What one try carries from chunk to chunk: its number, the sums, the marks by row."""

    attempt: int
    tally: Tally = field(default_factory=Tally)
    marked: dict[int, tuple[str, ...]] = field(default_factory=dict)
    rows: int = 0


def begin(session: Session, batch: ImportBatch) -> Staging:
    """Clear away what an earlier try left and begin a new one."""
    if batch.state is not BatchState.QUEUED:
        raise _overtaken(batch)
    session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    batch.attempt += 1
    session.flush()
    return Staging(batch.attempt)


def chunks(rows: Iterator[TableRow]) -> Iterator[list[TableRow]]:
    """Cut a stream of rows into chunks."""
    while part := list(islice(rows, CHUNK)):
        yield part


def keep(session: Session, batch: ImportBatch, staging: Staging, rows: Sequence[TableRow], by: Actor) -> None:
    """Keep a chunk of rows with what each would do by itself."""
    _check(batch, staging)
    work = Work(rehearsal.speaker(session, batch, by), staging.tally)
    data = [Said(row.content) for row in rows if isinstance(row.content, Entry)]
    matches = rehearsal.matches_of(session, data, work.by)
    planned = iter(zip(rehearsal.planned_alone(session, batch, data, matches, work.by), matches, strict=True))
    kept: list[dict[str, Any]] = []
    ids = reserve_ids(session, ImportRow.__table__, len(rows))  # type: ignore[arg-type]
    marked: dict[int, tuple[str, ...]] = {}
    unwritten = _unwritten(batch)
    for number, row in zip(ids, rows, strict=True):
        if isinstance(row.content, NoData):
            told = rehearsal.nothing(row.content)
        else:
            one, found = next(planned)
            told = {**rehearsal.read_columns(row.content), **rehearsal.columns_of(one)}
            marked[number] = doubles.marks(row.content, found.firm_id)
        staging.tally.add({"sheet": row.sheet, **told})
        told.update({name: written(told[name]) for name in _JSON})
        place = {"id": number, "sheet": row.sheet, "row": row.row, "cells": row.written or written(row.cells)}
        kept.append({**unwritten, **place, **told})
    rehearsal.insert_planned(session, kept)
    rehearsal.keep_marks(session, batch.id, marked)
    staging.marked.update(marked)
    staging.rows += len(rows)


_JSON = ("values", "stated", "problems", "fills")


def _unwritten(batch: ImportBatch) -> dict[str, Any]:
    """Return what the rows of a batch hold before a person wrote anything."""
    nothing = written({})
    return {
        "batch_id": batch.id, "created_firm": False, "edited": nothing, "decision": None, "decided_firm_id": None,
        "decided_by_name": "", "decided_why": "", "reasons": nothing, "version": carried.first_version(batch.attempt),
    }  # fmt: skip


def finish(session: Session, batch: ImportBatch, staging: Staging, reading: Reading, by: Actor) -> None:
    """Settle the doubles and show the batch as rehearsed."""
    _check(batch, staging)
    known = {"sheets": reading.sheets, "columns": reading.columns, "understood": reading.understood}
    made = {name: batch.report[name] for name in carried.STAYS if name in batch.report}
    batch.report = staging.tally.into({**known, **made})
    batch.profile, batch.year = reading.profile_id, reading.year
    batch.layouts = dict(reading.layouts)
    work = Work(rehearsal.speaker(session, batch, by), staging.tally)
    rehearsal.settle_doubles(session, batch, staging.marked, work)
    batch.report, batch.counts = staging.tally.into(batch.report), staging.tally.counts()
    carried.put_back(session, batch, by)
    batch.state = BatchState.STAGED
    session.flush()


def _check(batch: ImportBatch, staging: Staging) -> None:
    if batch.state is not BatchState.QUEUED or batch.attempt != staging.attempt:
        raise _overtaken(batch)


def _overtaken(batch: ImportBatch) -> Overtaken:
    return Overtaken(tr("批次 %(id)s 已由另一个任务预检，或已被放弃，请刷新页面查看。", id=batch.id))
