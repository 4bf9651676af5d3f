"""Copies of a PostgreSQL database. Making one takes the server a fifth of a second; emptying one takes a tenth of that.

So a copy is used again: its rows are taken out, the original's put back, its counters set back. Where anything else has
changed (a table, a trigger, a function), where somebody holds a lock, and after a while, it is made anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

OFTEN = 25
"""So often a copy is emptied; what was taken out is still in its files, and slows it down."""
_STATE = """
SELECT (SELECT sum(xmin::text::bigint) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
       (SELECT sum(a.xmin::text::bigint) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace),
       (SELECT sum(xmin::text::bigint) FROM pg_trigger), (SELECT sum(xmin::text::bigint) FROM pg_constraint),
       (SELECT sum(xmin::text::bigint) FROM pg_proc WHERE pronamespace = 'public'::regnamespace)
"""
"""A mark of the definitions: every change of one gives its row in the catalogue a new ``xmin``."""


@dataclass(slots=True)
class Copy:
    """A copy, the connection that empties it, what does so, and the mark of what it was made like."""

    original: str
    connection: psycopg.Connection
    emptying: sql.Composed
    state: tuple[object, ...]
    left: int = OFTEN


_copies: dict[str, Copy] = {}


def copy(server: psycopg.Connection, at: str, original: str, name: str) -> None:
    """Let ``name`` be like ``original``. ``at`` is the address of the server."""
    forget(original)  # which may have been a copy itself
    known = _copies.pop(name, None)
    if known is not None and known.original == original and known.left and _emptied(known):
        known.left -= 1
        _copies[name] = known
        return
    if known is not None:
        known.connection.close()
    made, model = sql.Identifier(name), sql.Identifier(original)
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(made))
    server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(made, model))
    address = f"{at}/{name}".replace("postgresql+psycopg://", "postgresql://")
    connection = psycopg.connect(address, autocommit=True)
    _copies[name] = Copy(original, connection, _emptying(connection), _state(connection))


def forget(name: str) -> None:
    """Let a copy be as it is, and be copied in turn."""
    known = _copies.pop(name, None)
    if known is not None:
        known.connection.close()


def let_go() -> None:
    """Close the connections."""
    for name in tuple(_copies):
        forget(name)


def _emptied(known: Copy) -> bool:
    try:
        if _state(known.connection) != known.state:
            return False
        with known.connection.transaction():
            known.connection.execute(known.emptying)
    except psycopg.Error:  # a lock, a connection that was cut: it is made anew
        return False
    return True


def _state(connection: psycopg.Connection) -> tuple[object, ...]:
    return connection.execute(_STATE).fetchone() or ()


def _emptying(connection: psycopg.Connection) -> sql.Composed:
    """Return what brings a fresh copy back to how it is now; rows of the original are kept in a schema beside it."""
    steps: list[sql.Composable] = [
        sql.SQL("SET LOCAL lock_timeout = '2s'"),
        sql.SQL("SET LOCAL session_replication_role = replica"),
    ]
    connection.execute("DROP SCHEMA IF EXISTS kept CASCADE")
    connection.execute("CREATE SCHEMA kept")
    for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
        table, kept = sql.Identifier("public", name), sql.Identifier("kept", name)
        steps.append(sql.SQL("DELETE FROM {}").format(table))
        if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(table)).fetchone():
            connection.execute(sql.SQL("CREATE TABLE {} AS TABLE {}").format(kept, table))
            steps.append(sql.SQL("INSERT INTO {} SELECT * FROM {}").format(table, kept))
    counters = "SELECT sequencename, COALESCE(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
    for name, value, is_called in connection.execute(f"{counters} WHERE schemaname = 'public'").fetchall():
        place = sql.Literal(f'public."{name}"')
        steps.append(sql.SQL("SELECT setval({}, {}, {})").format(place, sql.Literal(value), sql.Literal(is_called)))
    return sql.SQL("; ").join(steps)
