"""A workbook as it was read: every cell knows where it stands, what it holds and how it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum

Value = str | bool | int | Decimal | date | datetime | time | timedelta | None
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")


class Visibility(Enum):
    """Whether a person sees the sheet; a very hidden one cannot even be shown from the menu."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    VERY_HIDDEN = "very_hidden"


def letters(column: int) -> str:
    """Return the letters of a column counted from 1: 1 is A, 28 is AB."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_number(text: str) -> int:
    """Return the number, from 1, of a column's letters."""
    number = 0
    for char in text:
        number = number * 26 + ord(char) - 64
    return number


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``value`` is None when the cell is empty or holds an error; ``raw`` is the text as it was found.

    ``problem`` is the code of a formula error (``#REF!``): such a cell is missing, never zero.
    """

    sheet: str
    row: int
    column: int
    value: Value
    raw: str
    problem: str | None = None

    @property
    def address(self) -> str:
        """The place as Excel writes it: C12."""
        return f"{letters(self.column)}{self.row}"

    @property
    def place(self) -> str:
        """Sheet and address: 企业年报!C12."""
        return f"{self.sheet}!{self.address}"

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all stands here."""
        return self.problem is None and (self.value is None or (isinstance(self.value, str) and not self.value.strip()))


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its number as in Excel."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def is_blank(self) -> bool:
        """Whether all cells are blank."""
        return all(cell.is_blank for cell in self.cells)


@dataclass(frozen=True, slots=True)
class SheetData:
    """One sheet. ``grid`` starts at A1; cells are made when they are asked for, so that a large sheet stays small.

    ``declared_rows`` is the number of rows the file itself holds, where its format tells: a check that none was lost.
    """

    name: str
    grid: tuple[tuple[Value, ...], ...]
    visibility: Visibility = Visibility.VISIBLE
    problems: dict[tuple[int, int], str] = field(default_factory=dict)
    written: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: tuple[str, ...] = ()
    declared_rows: int | None = None

    @property
    def height(self) -> int:
        """Number of rows from the first of the sheet to the last that holds anything."""
        return len(self.grid)

    def row(self, number: int) -> Row:
        """Return one row, counted from 1; past the end it has no cells."""
        values = self.grid[number - 1] if 1 <= number <= len(self.grid) else ()
        return Row(number, tuple(self._cell(number, column, value) for column, value in enumerate(values, start=1)))

    @property
    def rows(self) -> Iterator[Row]:
        """All rows in order, blank ones included."""
        return (self.row(number) for number in range(1, len(self.grid) + 1))

    def cell(self, address: str) -> Cell:
        """Return the cell at ``address`` (C12); one outside of what is filled is blank."""
        found = _ADDRESS.match(address)
        if found is None:
            raise ValueError(f"{address!r} is no cell address")
        row, column = int(found[2]), column_number(found[1])
        values = self.grid[row - 1] if row <= len(self.grid) else ()
        return self._cell(row, column, values[column - 1] if column <= len(values) else None)

    def _cell(self, row: int, column: int, value: Value) -> Cell:
        at = (row, column)
        problem = self.problems.get(at)
        raw = problem or self.written.get(at) or raw_text(value)
        return Cell(self.name, row, column, None if problem else value, raw, problem)


@dataclass(frozen=True, slots=True)
class Workbook:
    """All sheets in the order of the file, hidden ones included: whoever reads decides what to do with them."""

    sheets: tuple[SheetData, ...]
    kind: str

    def sheet(self, name: str) -> SheetData | None:
        """Return the sheet of that name."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def raw_text(value: Value) -> str:
    """Write a value without any rounding."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value)
