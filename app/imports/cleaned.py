"""Rows cleaned as far as the file alone goes: what is kept of them and their marks; large files a process ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from app.core.ahead import ahead
from app.imports.cells.entry import Entry, Named
from app.imports.cells.kept import values_text, written
from app.imports.cells.later import Later
from app.imports.cells.plain import PlainColumns
from app.imports.cells.rows import NoData
from app.imports.plans.doubles import marks
from app.imports.plans.marks import number_of
from app.imports.problem import Problem
from app.imports.table import OpenTable, TableRow

WORTH_A_PROCESS = 2_000
"""From so many rows on another process cleans them while this one matches and stores."""
PORTION = 250
_made: Any = tuple.__new__  # what Entry(...) does, without a call of Python


class Cleaned(NamedTuple):
    """One row: ``cells`` and ``values`` as the JSON that is kept, ``marks`` all but that of its firm."""

    sheet: str
    row: int
    content: Entry | NoData
    cells: str
    values: str
    marks: tuple[int, ...]


def cleaned(row: TableRow) -> Cleaned:
    """Return what is kept of a row that was read."""
    content = row.content
    cells = str(row.written if row.written is not None else written(row.cells))
    if isinstance(content, NoData):
        return Cleaned(row.sheet, row.row, content, cells, "{}", ())
    found = tuple(map(number_of, marks(content, None)))
    return Cleaned(row.sheet, row.row, content, cells, values_text(content), found)


def cleaned_rows(table: OpenTable) -> Iterator[Cleaned]:
    """Yield every row of a table, in the order of the file."""
    if table.expected < WORTH_A_PROCESS:
        yield from map(cleaned, table.rows())
        return
    columns: dict[str, PlainColumns] = {}

    def columns_of(sheet: str) -> PlainColumns:
        if sheet not in columns:
            columns[sheet] = PlainColumns(table.layouts[sheet])
        return columns[sheet]

    for rows, ends in ahead(lambda: _portions(table)):
        table.end(ends)
        for row in rows:
            yield _taken(row, columns_of)


_Handed = tuple[str, int, Any, str, str, tuple[int, ...]]
_Portion = tuple[list[_Handed], Mapping[str, int]]


def _portions(table: OpenTable) -> Iterator[_Portion]:
    rows = map(cleaned, table.rows())
    while part := list(islice(rows, PORTION)):
        yield [_handed(row) for row in part], table.ends


def _handed(row: Cleaned) -> _Handed:
    """Return a row as it crosses over: without its figures, which stand in its cells already."""
    sheet, number, content, cells, values, found = row
    if isinstance(content, NoData):
        return (sheet, number, content.problem.as_json(), cells, values, found)
    _sheet, _row, named, figures, missing, problems, *rest = content
    told = [problem.as_json() for problem in problems] if problems else ()
    return (sheet, number, (tuple(named), len(figures), missing, told, *rest), cells, values, found)


def _taken(handed: _Handed, columns_of: Callable[[str], PlainColumns]) -> Cleaned:
    sheet, number, content, cells, values, found = handed
    if type(content) is dict:
        return Cleaned(sheet, number, NoData(Problem.from_json(content)), cells, values, found)
    named, count, missing, told, retrieved, year = content
    figures = Later(columns_of(sheet), cells, values, count, number, year)
    problems = tuple(map(Problem.from_json, told)) if told else ()
    entry: Entry = _made(Entry, (sheet, number, _made(Named, named), figures, missing, problems, retrieved, year))
    return Cleaned(sheet, number, entry, cells, values, found)
