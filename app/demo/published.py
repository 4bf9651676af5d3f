"""Real firms of Jiangmen with published figures, taken in through the import as an office would do it."""

from __future__ import annotations

from pathlib import Path

from app.access.actor import Actor
from app.core.db import Database
from app.facts import queue
from app.facts import service as facts
from app.files.store import FileStore
from app.imports import confirmation, work
from app.imports import queries as imports_queries
from app.imports import service as imports

FILE = Path(__file__).parent / "data" / "jiangmen_listed_fy2025.csv"
YEAR = 2025


def load(database: Database, store: FileStore, *, by: Actor, reviewer: Actor) -> None:
    """Import the sixteen rows, as one person submits and another confirms, and accept them."""
    with database.transaction() as session:
        batch = imports.receive(
            session, store, name=FILE.name, content=FILE.read_bytes(), profile_id="annual-firms", year=YEAR, by=by
        )
    work.stage(database, store, batch.id, by=by)
    with database.transaction() as session:
        confirmation.submit(session, imports_queries.batch(session, batch.id, for_=by, lock=True), by=by)
    work.apply(database, batch.id, by=reviewer)
    with database.transaction() as session:
        claims = queue.ids_of_batch(session, batch.id, for_=reviewer)
        facts.accept_many(session, claims, by=reviewer, reason="上市公司年度报告公开数据")
