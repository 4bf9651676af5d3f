"""Writing many rows of one table at the speed of the driver: ids reserved beforehand, values turned once a column.

The ORM's insert spends most of its time on asking for ids and on compiling; tens of thousands of figures at once
need neither. Rows are tuples in the order of ``columns``; types are the table's own. Who turns values himself
(``turner``), once for many rows, says which columns are ``ready``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, text
from sqlalchemy.orm import Session

ROWS_AT_ONCE = 5_000
LONG_RUN = 50
BOUND = 2_000
CACHE_KIB = 128 * 1024
_NOTHING = object()
Turn = Callable[[Any], Any]


class Written(str):
    """JSON that is text already; a JSON column takes it as it is."""

    __slots__ = ()


def reserve_ids(session: Session, table: Table, count: int) -> Sequence[int]:
    """Return ids that nobody else will use. On SQLite the session must hold the write lock already."""
    if count == 0:
        return range(0)
    if session.get_bind().dialect.name == "postgresql":
        asked = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
        return session.scalars(asked, {"table": table.name, "count": count}).all()
    last = session.scalar(text(f"SELECT coalesce(max(id), 0) FROM {table.name}")) or 0  # noqa: S608 - our own table
    return range(last + 1, last + 1 + count)


def turner(session: Session, table: Table, name: str) -> Turn | None:
    """Return what turns a value as the column keeps it in the database; None where it is kept as it is."""
    dialect = session.connection().dialect
    turn: Turn | None = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    return turn


def insert_rows(
    session: Session,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    ready: Collection[str] = frozenset(),
) -> int:
    """Insert rows that hold a value for each of ``columns``; return how many. Defaults are not filled in.

    A JSON column takes ``Written`` too, a text that is JSON already. The columns that are ``ready`` hold what the
    database keeps: nothing is turned.
    """
    connection = session.connection()
    dialect = connection.dialect
    turns = [None if name in ready else turner(session, table, name) for name in columns]
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    names = ", ".join(f'"{name}"' for name in columns)
    opening = f'INSERT INTO "{table.name}" ({names}) VALUES '  # noqa: S608 - our own table
    row = f"({', '.join([mark] * len(columns))})"
    waiting = iter(rows)
    count = 0
    while part := list(islice(waiting, ROWS_AT_ONCE)):
        values = _turned(part, turns) if any(turns) else part
        if dialect.name == "sqlite":
            _insert_packs(connection, opening, row, values)
        else:
            connection.exec_driver_sql(opening + row, values)
        count += len(part)
    return count


def _insert_packs(connection: Connection, opening: str, row: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows with few statements: SQLite takes a fifth less time than for one statement a row."""
    most = BOUND // len(rows[0])
    for start in range(0, len(rows), most):
        pack = rows[start : start + most]
        connection.exec_driver_sql(opening + ", ".join([row] * len(pack)), tuple(chain.from_iterable(pack)))


def _turned(part: Sequence[Sequence[Any]], turns: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Turn values as their columns keep them, a column at a time."""
    columns: list[Sequence[Any]] = list(zip(*part, strict=True))
    for place, turn in enumerate(turns):
        if turn is not None:
            columns[place] = _column(columns[place], turn)
    return list(zip(*columns, strict=True))


def _column(values: Sequence[Any], turn: Turn) -> list[Any]:
    """Turn the values of one column; one object that is repeated is turned once for all."""
    result: list[Any] = []
    last: Any = _NOTHING
    turned: Any = None
    for value in values:
        if value is not last:
            last = value
            turned = value if type(value) is Written else turn(value)
        result.append(turned)
    return result


@contextmanager
def roomy(session: Session, rows: int) -> Iterator[None]:
    """Give SQLite memory to hold the indexes that very many rows go into; without it pages go back and forth."""
    connection = session.connection()
    if rows < ROWS_AT_ONCE or connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


def runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Cut rising numbers into runs without a gap: 1 2 3 7 8 → (1, 3), (7, 8)."""
    if numbers and numbers[-1] - numbers[0] + 1 == len(numbers):
        yield numbers[0], numbers[-1]
        return
    first = last = None
    for number in numbers:
        if first is None or last is None:
            first = number
        elif number != last + 1:
            yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


def among(column: Any, numbers: Iterable[int]) -> Iterator[ColumnElement[bool]]:
    """Return conditions that together mean each of the numbers once: long runs as a span, the rest in portions."""
    rest: list[int] = []
    for first, last in runs(sorted(set(numbers))):
        if last - first < LONG_RUN:
            rest.extend(range(first, last + 1))
        else:
            yield and_(column >= first, column <= last)  # not BETWEEN: the ORM would fetch the rows that it means
    for start in range(0, len(rest), ROWS_AT_ONCE):
        yield column.in_(rest[start : start + ROWS_AT_ONCE])
