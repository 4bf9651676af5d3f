"""Writing many rows of one table at the speed of the driver: ids reserved beforehand, values turned once a column.

The ORM's insert spends most of its time on asking for ids and on compiling; tens of thousands of figures at once
need neither. Rows are tuples in the order of ``columns``; types are the table's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

ROWS_AT_ONCE = 5_000
_NOTHING = object()


def reserve_ids(session: Session, table: Table, count: int) -> Sequence[int]:
    """Return ids that nobody else will use. On SQLite the session must hold the write lock already."""
    if count == 0:
        return range(0)
    if session.get_bind().dialect.name == "postgresql":
        asked = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
        return session.scalars(asked, {"table": table.name, "count": count}).all()
    last = session.scalar(text(f"SELECT coalesce(max(id), 0) FROM {table.name}")) or 0  # noqa: S608 - our own table
    return range(last + 1, last + 1 + count)


def insert_rows(session: Session, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows that hold a value for each of ``columns``; return how many. Defaults are not filled in."""
    connection = session.connection()
    dialect = connection.dialect
    turns = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns]
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join([mark] * len(columns))})'  # noqa: S608
    turned = _turned(rows, turns)
    count = 0
    while part := list(islice(turned, ROWS_AT_ONCE)):
        connection.exec_driver_sql(statement, part)
        count += len(part)
    return count


def _turned(rows: Iterable[Sequence[Any]], turns: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Turn values as their columns keep them; a column that repeats one object is turned once for it."""
    needed = [[place, turn, _NOTHING, None] for place, turn in enumerate(turns) if turn is not None]
    for row in rows:
        values = list(row)
        for held in needed:
            place, turn, last, turned = held
            value = values[place]
            if value is not last:
                turned = held[3] = turn(value)
                held[2] = value
            values[place] = turned
        yield tuple(values)
