"""A mark of the state of the whole database: while it is the same, nothing has been committed in between.

What was read may be kept under the mark read *before* it and given out again while the mark is unchanged.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable

from sqlalchemy import text
from sqlalchemy.orm import Session

_SNAPSHOT = text("SELECT pg_current_snapshot()::text")
_names = itertools.count(1)


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
