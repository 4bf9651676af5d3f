"""Who may write begins as a writer: on SQLite a reader that turns into one fails at once when another wrote before."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.accounts.models import User
from app.core.db import Database
from tests.support import databases

pytestmark = pytest.mark.skipif(bool(databases.POSTGRES), reason="PostgreSQL has many writers at a time")


def another_may_write(database: Database) -> bool:
    """Tell whether somebody else gets the write lock at this moment."""
    other = sqlite3.connect(make_url(database.url).database or "", timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        other.close()
    return True


def test_a_writing_session_holds_the_lock_also_after_a_commit_on_the_way(database: Database) -> None:
    with database.transaction() as session:
        assert not another_may_write(database)
        session.commit()
        session.scalars(select(User)).all()  # reads first: as a reader it could not become a writer any more
        assert not another_may_write(database)
        session.add(User(login="a", name="甲", role=Role.CASEWORKER, password_hash=""))
    assert another_may_write(database)


def test_a_migration_waits_for_whoever_writes_and_is_waited_for(database: Database) -> None:
    with database.rebuilding() as connection:
        connection.execute(text("SELECT * FROM alembic_version"))
        assert not another_may_write(database)


def _reads(at: Session | Connection) -> object:
    return at.execute(text("SELECT count(*) FROM firm")).all()


@pytest.mark.parametrize("opened", [Database.session, lambda database: database.engine.connect()])
def test_who_only_reads_is_in_nobodys_way(
    database: Database, opened: Callable[[Database], Session | Connection]
) -> None:
    with opened(database) as reading:
        _reads(reading)
        assert another_may_write(database)
