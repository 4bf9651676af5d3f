"""Killed at fifty random points of staging and applying: the next try ends as an undisturbed one would have."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, func, select

from app.access.actor import Actor
from app.core.db import Database, begin_write
from app.facts.models import Claim
from app.files.store import FileStore
from app.firms.models import Firm
from app.imports import applying, confirmation, queries, service, staging, work
from app.imports.models import BatchState, ImportRow
from config import Settings
from tests.factories.imports import FIGURES, PROFILE, listed_csv, listed_row

KILLS = 25
ROWS = 30
CONTENT = listed_csv(listed_row(number) for number in range(1, ROWS + 1))
Act = Callable[[Database], object]


def killed(url: str, act: Act, point: int) -> bool:
    """Do something in a child process that kills itself before its ``point``-th statement; tell whether it died."""
    child = os.fork()
    if child == 0:
        database = Database(url)
        left = point

        def dies(*_arguments: Any) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(database.engine, "before_cursor_execute", dies)
        try:
            act(database)
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def statements(database: Database, act: Act) -> int:
    """Return how many statements something takes."""
    count = 0

    def counts(*_arguments: Any) -> None:
        nonlocal count
        count += 1

    event.listen(database.engine, "before_cursor_execute", counts)
    act(database)
    event.remove(database.engine, "before_cursor_execute", counts)
    return count


def content_of(database: Database, batch_id: int) -> list[Any]:
    """Return what a batch holds, as far as it does not depend on ids."""
    with database.session() as session:
        rows = session.scalars(select(ImportRow).where(ImportRow.batch_id == batch_id).order_by(ImportRow.id)).all()
        marks = sorted(queries.marks(session, batch_id).marks.tolist())
        told = [(row.sheet, row.row, row.outcome, row.values, row.problems, row.stated) for row in rows]
        return [marks, told]


def received(database: Database, store: FileStore, by: Actor) -> int:
    with database.transaction() as session:
        batch = service.receive(session, store, name="表.csv", content=CONTENT, profile_id=PROFILE, year=2025, by=by)
        return batch.id


def test_nothing_is_lost_doubled_or_half_written(
    database: Database, settings: Settings, store: FileStore, importer: Actor, reviewer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(staging, "CHUNK", 8)
    chance = random.Random(20261126)  # noqa: S311 - points of a test
    undisturbed = received(database, store, importer)
    steps = statements(database, lambda there: work.stage(there, store, undisturbed, by=importer))
    batch_id = received(database, store, importer)

    def stages(there: Database) -> object:
        return work.stage(there, store, batch_id, by=importer)

    died = sum(killed(settings.database_url, stages, chance.randint(1, steps)) for _ in range(KILLS))
    assert died >= KILLS - 5
    batch = work.stage(database, store, batch_id, by=importer)
    assert content_of(database, batch_id) == content_of(database, undisturbed)
    assert sum(batch.counts.values()) == ROWS + 1

    with database.transaction() as session:
        confirmation.submit(session, queries.batch(session, batch_id, for_=importer, lock=True), by=importer)

    def applies(there: Database) -> object:
        return work.apply(there, batch_id, by=reviewer)

    def tries(there: Database) -> object:
        with there.session() as session:
            begin_write(session)
            applying.apply(session, queries.batch(session, batch_id, for_=reviewer, lock=True), by=reviewer)
            session.rollback()
        return None

    steps = statements(database, tries)
    for point in (chance.randint(1, steps) for _ in range(KILLS)):
        assert killed(settings.database_url, applies, point)
        with database.session() as session:
            assert session.scalar(select(func.count()).select_from(Firm)) == 0
            assert session.scalar(select(func.count()).select_from(Claim)) == 0
    batch = work.apply(database, batch_id, by=reviewer)
    assert batch.state is BatchState.APPLIED
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(Firm)) == ROWS
        assert session.scalar(select(func.count()).select_from(Claim)) == ROWS * FIGURES
