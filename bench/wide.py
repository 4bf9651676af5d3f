"""The crowd as one wide table of an SQLite database: a row a firm, a column a figure and year, for generated SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.core.steps import PLACES
from app.facts.catalogue import Indicator
from app.facts.keeping import indicator_of
from app.facts.snapshot.packing import Column
from app.rulebooks.schema import Rulebook
from bench.oracle import Statement
from bench.oracle_spans import known_to

Spot = tuple[str, int]
RESULT = "place INTEGER PRIMARY KEY, decision INTEGER, outcomes TEXT, low INTEGER, high INTEGER"


def table_of(connection: sqlite3.Connection, spots: Sequence[Spot]) -> None:
    """Make the table; growth is compared by functions of our own, SQLite's integers have no room for it."""
    columns = ", ".join(f'"{key}@{year}"' for key, year in spots)
    connection.execute(f"CREATE TABLE wide (place INTEGER PRIMARY KEY, {columns})")
    known_to(connection)


def fill(
    connection: sqlite3.Connection, spots: Sequence[Spot], columns: Mapping[Spot, Column], first: int, count: int
) -> None:
    """Put firms into the table."""
    told = [_values(columns[spot], indicator_of(spot[0]), count) for spot in spots]
    rows = zip(range(first, first + count), *told, strict=True)
    marks = ", ".join(["?"] * (len(spots) + 1))
    connection.executemany(f"INSERT INTO wide VALUES ({marks})", rows)
    connection.commit()


def _values(column: Column, indicator: Indicator, count: int) -> list[Any]:
    words = [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for _, value in column.words]
    step = 10 ** (PLACES - column.places) if indicator.kind == "number" else 1
    wordy = column.wordy.tolist() if column.wordy is not None else [False] * column.size
    cells = zip(column.known.tolist(), wordy, column.values.tolist(), strict=True)
    found: list[Any] = []
    for known, is_word, value in list(cells)[:count]:
        if not known:
            found.append(None)
        elif is_word:
            found.append(words[value])
        elif indicator.kind == "date":
            found.append(date.fromordinal(value).isoformat())
        else:
            found.append(value * step)
    return found


def judged(connection: sqlite3.Connection, book: Rulebook, as_of: date, kind: str, *, exact: bool = True) -> None:
    """Judge everybody in the table under an edition, into the table ``result``. Raises ``Beyond``."""
    statement = Statement(book, as_of, kind, exact).insert("result")
    connection.execute("DROP TABLE IF EXISTS result")
    connection.execute(f"CREATE TABLE result ({RESULT})")
    connection.execute(statement)
    connection.commit()
