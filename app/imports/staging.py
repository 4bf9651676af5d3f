"""Staging: the rows of a file stream into the table chunk by chunk, each chunk planned against the register.

Every chunk is a transaction of its own, so that no lock is held while a large file is read. A try that was killed
leaves rows behind that the next try clears away; a try that was overtaken by another one writes nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.bulk import insert_rows, reserve_ids
from app.core.errors import Conflict
from app.core.text import tr
from app.imports import carried, rehearsal
from app.imports.cells.entry import Entry
from app.imports.cells.kept import written
from app.imports.cells.rows import NoData
from app.imports.cleaned import Cleaned
from app.imports.models import BatchMarks, BatchState, ImportBatch, ImportRow, RowOutcome
from app.imports.plans.marks import Marks
from app.imports.plans.tally import Tally
from app.imports.reading import Reading
from app.imports.rehearsal import Said, Work

CHUNK = 1_000


class Overtaken(Conflict):
    """Another try stages the batch, or somebody gave it up."""


@dataclass
class Staging:
    """What one try carries from chunk to chunk: its number, the sums, the marks as they are kept."""

    attempt: int
    tally: Tally = field(default_factory=Tally)
    marks: list[bytes] = field(default_factory=list)
    rows: int = 0


def begin(session: Session, batch: ImportBatch) -> Staging:
    """Clear away what an earlier try left and begin a new one."""
    if batch.state is not BatchState.QUEUED:
        raise _overtaken(batch)
    session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    session.execute(delete(BatchMarks).where(BatchMarks.batch_id == batch.id))
    batch.attempt += 1
    session.flush()
    return Staging(batch.attempt)


def chunks(rows: Iterator[Cleaned]) -> Iterator[list[Cleaned]]:
    """Cut a stream of rows into chunks."""
    while part := list(islice(rows, CHUNK)):
        yield part


def keep(session: Session, batch: ImportBatch, staging: Staging, rows: Sequence[Cleaned], by: Actor) -> None:
    """Keep a chunk of rows with what each would do by itself."""
    _check(batch, staging)
    work = Work(rehearsal.speaker(session, batch, by), staging.tally)
    data = [Said(row.content) for row in rows if isinstance(row.content, Entry)]
    matches = rehearsal.matches_of(session, data, work.by)
    planned = iter(zip(rehearsal.planned_alone(session, batch, data, matches, work.by), matches, strict=True))
    unwritten = _unwritten(batch)
    columns = _COLUMNS + tuple(unwritten)
    fixed = tuple(unwritten.values())
    kept: list[tuple[Any, ...]] = []
    marked: dict[int, tuple[int, ...]] = {}
    ids = reserve_ids(session, ImportRow.__table__, len(rows))  # type: ignore[arg-type]
    for number, row in zip(ids, rows, strict=True):
        if isinstance(row.content, NoData):
            told = rehearsal.nothing(row.content)
        else:
            one, found = next(planned)
            told = rehearsal.columns_of(one)
            told["name"] = row.content.named.shown[:160]
            marked[number] = rehearsal.with_firm(row.marks, row.content, found.firm_id)
        told["sheet"] = row.sheet
        staging.tally.add(told)
        kept.append((number, row.row, row.cells, row.values, *_told(told), *fixed))
    insert_rows(session, ImportRow.__table__, columns, kept, ready=columns)  # type: ignore[arg-type]
    staging.marks.append(rehearsal.keep_marks(session, batch.id, marked))
    staging.rows += len(rows)


_TOLD = ("sheet", "name", "missing", "kinds", "asks", "firm_id", "outcome", "stated", "problems", "fills")
_COLUMNS = ("id", "row", "cells", "values", *_TOLD)
_OUTCOMES = {outcome: str(outcome.value) for outcome in RowOutcome}
_picked = itemgetter(*_TOLD)


def _told(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what ``_TOLD`` names as the database keeps it."""
    *plain, outcome, stated, problems, fills = _picked(told)
    return (*plain, _OUTCOMES[outcome], str(written(stated)), str(written(problems)), str(written(fills)))


def _unwritten(batch: ImportBatch) -> dict[str, Any]:
    """Return what the rows of a batch hold before a person wrote anything."""
    return {
        "batch_id": batch.id, "created_firm": False, "edited": "{}", "decision": None, "decided_firm_id": None,
        "decided_by_name": "", "decided_why": "", "reasons": "{}", "version": carried.first_version(batch.attempt),
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
    rehearsal.settle_doubles(session, batch, Marks.of(staging.marks), work)
    batch.report, batch.counts = staging.tally.into(batch.report), staging.tally.counts()
    carried.put_back(session, batch, by)
    batch.state = BatchState.STAGED
    session.flush()


def _check(batch: ImportBatch, staging: Staging) -> None:
    if batch.state is not BatchState.QUEUED or batch.attempt != staging.attempt:
        raise _overtaken(batch)


def _overtaken(batch: ImportBatch) -> Overtaken:
    return Overtaken(tr("批次 %(id)s 已由另一个任务预检，或已被放弃，请刷新页面查看。", id=batch.id))
