"""A mark of the state of the whole database: while it is the same, nothing has been committed in between.

What was read may be kept under the mark read *before* it and given out again while the mark is unchanged.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

_SNAPSHOT = text("SELECT pg_current_snapshot()::text")
_names = itertools.count(1)
T = TypeVar("T")


class Kept(Generic[T]):
    """What was read, kept while nothing at all was committed since; at most ``most`` answers, the longest unused go.

    ``key`` must hold everything the answer depends on beside the database: above all whose reach it is.
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, session: Session, key: Hashable, make: Callable[[], T]) -> T:
        """Return the kept answer, or make it; for sessions that only read."""
        mark = revision(session)  # before reading: what is kept may be newer than its mark, never older
        if mark is None:
            return make()
        with self._lock:
            if (mark, key) in self._answers:
                self._answers.move_to_end((mark, key))
                return self._answers[mark, key]
        answer = make()
        with self._lock:
            self._answers[mark, key] = answer
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return answer


def revision(session: Session) -> Hashable | None:
    """Return the mark, or None where the session holds changes of its own (what it sees is nobody else's).

    For sessions that only read. SQLite counts the commits of other connections (``data_version``) and this
    connection's own changes, so the mark holds for one connection. PostgreSQL's snapshot names the transactions that
    are finished.
    """
    if session.new or session.dirty or session.deleted:
        return None
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return (connection.engine.url.database, session.scalar(_SNAPSHOT))
    raw = connection.connection.dbapi_connection
    if raw is None:
        return None
    cursor = raw.execute("PRAGMA data_version")
    # a number of our own: the address of a closed connection may come again
    name = connection.info.setdefault("yuqi_name", next(_names))
    return (name, cursor.fetchone()[0], raw.total_changes)
