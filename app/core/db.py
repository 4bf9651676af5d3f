"""The database: engine, sessions, and the one base class of all tables."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


# Pages are read where the system keeps them, not copied one by one: a look at a firm here and there costs half.
MAPPED = f"mmap_size={2**31 - 2**16}"


# Pages ask for little: starting helpers or compiling for it takes longer than the answer.
ASKED = "-c statement_timeout=60000 -c timezone=UTC -c jit=off -c max_parallel_workers_per_gather=0"

# How long who wants to write waits on SQLite, in ms; how long and how often it looks again at first, in seconds.
PATIENCE = 15_000
SOON, LOOK_AGAIN = 1.0, 0.001


class Base(DeclarativeBase):
    """Base of all tables; constraints are named, so that migrations can name them too."""

    metadata = MetaData(naming_convention=NAMING)


class Database:
    """An engine and its sessions.

    On SQLite every session that may write begins IMMEDIATE: a deferred transaction that turns into a writer
    fails at once when another wrote since it began to read, whatever the busy timeout.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._writing = self.engine.execution_options(yuqi_write=True)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def session(self) -> Session:
        """Return a new session; the caller closes it."""
        return self._sessions()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that commits on leaving, or rolls back on any error (for commands and jobs).

        What is begun in it after a commit on the way is a writing transaction too.
        """
        with self._sessions(bind=self._writing) as session:
            session.connection()  # takes SQLite's write lock now
            yield session
            session.commit()

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """Give a connection for migrations, committed at the end.

        SQLite changes a table by copying and dropping it; with foreign keys on, dropping deletes what hangs on its
        rows. They are off meanwhile and looked at before the end. Raises ``IntegrityError`` when a row hangs on none.
        """
        with self._writing.connect() as connection:
            if not self.is_sqlite:
                yield connection
                connection.commit()
                return
            _foreign_keys(connection, "OFF")
            try:
                yield connection
                if lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise IntegrityError("PRAGMA foreign_key_check", None, ValueError(f"{lost[0]}: row {lost[1]}"))
                connection.commit()
            finally:
                connection.rollback()
                _foreign_keys(connection, "ON")

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _foreign_keys(connection: Connection, state: str) -> None:
    """Turn foreign keys of SQLite on or off; it takes no notice of this inside a transaction."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys={state}")
    cursor.close()


def begin_write(session: Session) -> None:
    """Take SQLite's write lock now, if no transaction is open; on PostgreSQL do nothing."""
    bind = session.get_bind()
    if bind.dialect.name == "sqlite" and not session.in_transaction():
        session.connection(execution_options={"yuqi_write": True})


def _engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": 15}, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=5,
        hide_parameters=True,  # the log must not hold what was typed: phones, figures, password hashes
        connect_args={"connect_timeout": 5, "options": ASKED},
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy emits BEGIN itself, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={PATIENCE}", "synchronous=NORMAL", MAPPED):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("yuqi_write")
    if not writes:
        connection.exec_driver_sql("BEGIN")
    elif not _begun_soon(connection.connection.driver_connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begun_soon(driver: sqlite3.Connection) -> bool:
    """Begin to write as soon as whoever writes has done; False when that takes long, or cannot be.

    SQLite itself looks again after 1, 2, 5, 10, 15, 20, 25, 50 and 100 ms: with fifty people who save, most of a
    save's time would be sleep.
    """
    driver.execute("PRAGMA busy_timeout=0")
    try:
        ends = time.monotonic() + SOON
        while time.monotonic() < ends:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    return False
                time.sleep(LOOK_AGAIN)
            else:
                return True
        return False
    finally:
        driver.execute(f"PRAGMA busy_timeout={PATIENCE}")
