"""Killed at fifty random points of staging and applying, and at some of accepting and undoing: all or nothing.

The next try ends as an undisturbed one would have.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.db import Database
from app.facts import service as facts
from app.facts.models import Claim, ClaimState, Fact
from app.files.store import FileStore
from app.firms.models import Firm
from app.imports import confirmation, queries, service, staging, undo, work
from app.imports.models import BatchState, ImportBatch, ImportRow
from config import Settings
from tests.factories.imports import FIGURES, PROFILE, applied, listed_csv, listed_row

KILLS, KILLS_AFTER = 25, 6
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

    steps = statements(database, unfinished(applies))
    for point in (chance.randint(1, steps) for _ in range(KILLS)):
        assert killed(settings.database_url, applies, point)
        assert counted(database) == (0, 0, 0)
    batch = work.apply(database, batch_id, by=reviewer)
    assert batch.state is BatchState.APPLIED
    assert counted(database) == (ROWS, ROWS * FIGURES, 0)


def test_accepting_and_undoing_are_all_or_nothing(
    database: Database, settings: Settings, store: FileStore, importer: Actor, reviewer: Actor
) -> None:
    chance = random.Random(3)  # noqa: S311 - points of a test
    batch = applied(database, store, CONTENT, by=importer)
    full = (ROWS, ROWS * FIGURES, 0)

    def accepts(there: Database) -> object:
        with there.transaction() as session:
            ids = session.scalars(select(Claim.id).limit(100)).all()
            return facts.accept_many(session, ids, by=reviewer, reason="整批核定")

    def undoes(there: Database) -> object:
        with there.transaction() as session:
            mine = queries.batch(session, batch.id, for_=importer, lock=True)
            return undo.undo(session, mine, by=importer, reason="传错了文件")

    for act in (accepts, undoes):
        steps = statements(database, unfinished(act))
        for point in (chance.randint(1, steps) for _ in range(KILLS_AFTER)):
            assert killed(settings.database_url, act, point)
            assert counted(database) == full
    with database.session() as session:
        assert session.scalars(select(Claim.state).distinct()).all() == [ClaimState.PENDING]
        assert session.get_one(ImportBatch, batch.id).state is BatchState.APPLIED
    undoes(database)
    assert counted(database) == (0, 0, 0)


class _Enough(Exception):
    """The work was seen to its end; nothing of it shall stay."""


def unfinished(act: Act) -> Act:
    """Do something but for committing it."""

    def tries(there: Database) -> object:
        def stop(_session: Session) -> None:
            raise _Enough

        event.listen(Session, "before_commit", stop)
        try:
            act(there)
        except _Enough:
            return None
        finally:
            event.remove(Session, "before_commit", stop)
        raise AssertionError("nothing was committed")

    return tries


def counted(database: Database) -> tuple[int, int, int]:
    """Return how many firms, claims and facts there are."""
    with database.session() as session:
        firms, claims, held = (
            session.scalar(select(func.count()).select_from(model)) or 0 for model in (Firm, Claim, Fact)
        )
        return firms, claims, held
