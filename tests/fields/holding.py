"""A database that forgets what a request did to it, so that the same door can be tried a thousand times.

Everything runs on one connection inside a transaction that is never committed; what the program commits is a savepoint
of it. Nothing else differs: its statements, constraints and triggers are the database's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, sessionmaker

from app.core.db import Database


class Held:
    """A database on one connection; ``forgotten()`` takes back what happens inside."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")

    @contextmanager
    def forgotten(self) -> Iterator[None]:
        mark = self.connection.begin_nested()
        try:
            yield
        finally:
            mark.rollback()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that sees what the last request left."""
        with self.sessions() as opened:
            yield opened


@contextmanager
def held(database: Database) -> Iterator[Held]:
    """Keep the database on one connection meanwhile; at the end it is as it was."""
    usual = database._sessions
    with database._writing.connect() as connection:
        outermost = connection.begin()
        made = Held(connection)

        def opened(bind: Any = None) -> Session:
            return made.sessions()

        database._sessions = opened  # type: ignore[assignment]
        try:
            yield made
        finally:
            database._sessions = usual
            outermost.rollback()
