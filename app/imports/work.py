"""Carrying an import through: what jobs and commands share. Reading stands outside of every transaction."""

from __future__ import annotations

from app.access.actor import Actor
from app.core.db import Database
from app.core.errors import Invalid
from app.files import service as files
from app.files.store import FileStore
from app.imports import queries, service
from app.imports.models import BatchState, ImportBatch
from app.imports.profile import profile
from app.imports.table import Table, read_table


def stage(database: Database, store: FileStore, batch_id: int, *, by: Actor) -> ImportBatch:
    """Read the file of a batch, keep and rehearse its rows; a file that is refused leaves its reason on the batch."""
    with database.session() as session:
        batch = queries.batch(session, batch_id, for_=by)
        content, name = files.content_of(store, batch.file), batch.file.name
    if batch.state is not BatchState.QUEUED:
        return batch  # done by an earlier attempt
    found: Table | Invalid
    try:
        found = read_table(content, name, profile(batch.profile), batch.year)
    except Invalid as error:
        found = error
    with database.transaction() as session:
        batch = queries.batch(session, batch_id, for_=by, lock=True)
        if isinstance(found, Invalid):
            service.refuse(session, batch, found.message)
        else:
            service.stage(session, batch, found, by=by)
    return batch


def apply(database: Database, batch_id: int, *, by: Actor) -> ImportBatch:
    """Apply a batch in one transaction. When the register changed meanwhile, rehearse again and raise."""
    try:
        with database.transaction() as session:
            batch = queries.batch(session, batch_id, for_=by, lock=True)
            if batch.state is not BatchState.APPLIED:  # done by an earlier attempt whose end was not noted
                service.apply(session, batch, by=by)
        return batch
    except service.RehearsalOutdated:
        with database.transaction() as session:
            service.rehearse(session, queries.batch(session, batch_id, for_=by, lock=True), by=by)
        raise
