"""Carrying an import through: what jobs and commands share. Reading stands outside of every transaction."""

from __future__ import annotations

from collections.abc import Callable

from app.access.actor import Actor
from app.core import collector
from app.core.bulk import roomy
from app.core.db import Database
from app.core.errors import Invalid
from app.core.text import tr
from app.files import service as files
from app.files.service import Infected
from app.files.store import FileStore
from app.imports import applying, confirmation, queries, service, staging
from app.imports.applying import RehearsalOutdated
from app.imports.models import BatchState, ImportBatch
from app.imports.reading import Reading, how

Report = Callable[[int, int], None]
"""Says how many rows of how many are done; raises when somebody asked to stop."""


def _silent(_done: int, _total: int) -> None:
    return None


def stage(database: Database, store: FileStore, batch_id: int, *, by: Actor, report: Report = _silent) -> ImportBatch:
    """Read the file of a batch, keep and rehearse its rows; a file that is refused leaves its reason on the batch."""
    with database.transaction() as session:
        batch = queries.batch(session, batch_id, for_=by, lock=True)
        if batch.state is not BatchState.QUEUED:
            return batch  # done by an earlier attempt
        attempt = staging.begin(session, batch)
        file = batch.file
        wanted = how(session, batch)
    try:
        reading = Reading(files.content_of(store, file), file.name, wanted)
        with collector.paused():
            return _read_and_keep(database, batch, attempt, reading, by, report)
    except (Invalid, Infected) as error:
        with database.transaction() as session:
            batch = queries.batch(session, batch_id, for_=by, lock=True)
            service.refuse(session, batch, error.message)
        return batch


def _read_and_keep(
    database: Database, batch: ImportBatch, attempt: staging.Staging, reading: Reading, by: Actor, report: Report
) -> ImportBatch:
    for rows in staging.chunks(reading.rows()):
        with database.transaction() as session:
            batch = queries.batch(session, batch.id, for_=by, lock=True)
            batch.profile, batch.year = reading.profile_id, reading.year  # recognised, where nobody said so
            staging.keep(session, batch, attempt, rows, by)
        report(attempt.rows, max(attempt.rows, reading.expected))
    with database.transaction() as session:
        batch = queries.batch(session, batch.id, for_=by, lock=True)
        staging.finish(session, batch, attempt, reading, by)
    return batch


def apply(database: Database, batch_id: int, *, by: Actor, alone: bool = False) -> ImportBatch:
    """Apply a submitted batch in one transaction. When the register changed meanwhile, rehearse again and raise.

    ``alone`` submits a rehearsed batch first and lifts the rule of the second person.
    """
    if alone:
        with database.transaction() as session:
            batch = queries.batch(session, batch_id, for_=by, lock=True)
            if batch.state is BatchState.STAGED:
                confirmation.submit(session, batch, by=by)
    try:
        with collector.paused(), database.transaction() as session:
            batch = queries.batch(session, batch_id, for_=by, lock=True)
            if batch.state is not BatchState.APPLIED:  # done by an earlier attempt whose end was not noted
                with roomy(session, batch.report.get("stated", 0)):
                    applying.apply(session, batch, by=by, alone=alone)
        return batch
    except RehearsalOutdated as error:
        with database.transaction() as session:
            changed = service.rehearse(session, queries.batch(session, batch_id, for_=by, lock=True), by=by)
        raise RehearsalOutdated(
            tr("预检之后企业库有了变化，有 %(n)s 行的结果不同。已重新预检，请再看一遍后导入；本次没有写入。", n=changed)
        ) from error
