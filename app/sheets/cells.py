"""A workbook as it was read: every cell knows where it stands, what it holds and how it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import NamedTuple

from app.sheets.values import READ, Value, raw_of

_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")


class Visibility(Enum):
    """Whether a person sees the sheet; a very hidden one cannot even be shown from the menu."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    VERY_HIDDEN = "very_hidden"


@cache
def letters(column: int) -> str:
    """Return the letters of a column counted from 1: 1 is A, 28 is AB."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


@cache
def column_number(text: str) -> int:
    """Return the number, from 1, of a column's letters."""
    number = 0
    for char in text:
        number = number * 26 + ord(char) - 64
    return number


class Cell(NamedTuple):
    """One cell. ``value`` is None when the cell is empty or holds an error; ``raw`` is the text as it was found.

    ``problem`` is the code of a formula error (``#REF!``): such a cell is missing, never zero. A number that is shown
    as a percentage has ``is_percent``: its value is 0.0523, its text 5.23%.
    """

    sheet: str
    row: int
    column: int
    value: Value
    raw: str
    problem: str | None = None
    is_percent: bool = False

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


class Shape(NamedTuple):
    """What alike rows have in common: the columns that are filled and the kinds of their cells (``values.READ``)."""

    columns: tuple[int, ...]
    kinds: str


class Packed(NamedTuple):
    """A row as it was handed over: its shape, and for each filled cell the text that its kind explains."""

    shape: Shape
    texts: list[str]


class Row:
    """One row with its number as in Excel. Cells are made when they are asked for: most columns never are."""

    __slots__ = ("_cells", "_shape", "_sheet", "_texts", "_width", "number")

    def __init__(self, number: int, cells: tuple[Cell, ...]) -> None:
        self.number = number
        self._cells: tuple[Cell, ...] | None = cells
        self._sheet, self._shape, self._width = "", Shape((), ""), 0
        self._texts: list[str] = []

    @classmethod
    def packed(cls, number: int, sheet: str, shape: Shape, texts: list[str], width: int) -> Row:
        """Return a row whose filled cells have ``shape`` and ``texts``; it is ``width`` columns wide."""
        row = cls.__new__(cls)
        row.number, row._cells = number, None
        row._sheet, row._shape, row._texts, row._width = sheet, shape, texts, width
        return row

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells from column A on, blank ones included."""
        if self._cells is None:
            blank = [Cell(self._sheet, self.number, column, None, "") for column in range(1, self._width + 1)]
            for column, kind, text in zip(self._shape.columns, self._shape.kinds, self._texts, strict=True):
                blank[column - 1] = self._cell(column, kind, text)
            self._cells = tuple(blank)
        return self._cells

    def _cell(self, column: int, kind: str, text: str) -> Cell:
        value, raw, problem = READ[kind](text)
        return Cell(self._sheet, self.number, column, value, raw, problem, kind == "p")

    def at(self, column: int) -> Cell:
        """Return the cell of one column, counted from 1, without making the others."""
        if self._cells is not None:
            found = next((cell for cell in self._cells if cell.column == column), None)
            return found or Cell(self._sheet, self.number, column, None, "")
        if column not in self._shape.columns:
            return Cell(self._sheet, self.number, column, None, "")
        place = self._shape.columns.index(column)
        return self._cell(column, self._shape.kinds[place], self._texts[place])

    @property
    def packed_cells(self) -> Packed | None:
        """The row as it was handed over, for whoever reads many alike rows; None when its cells were made already."""
        return Packed(self._shape, self._texts) if self._cells is None else None

    def having(self, cells: Mapping[int, tuple[str, str]]) -> Row:
        """Return the row with these cells instead, by column: their kinds and texts (``values.READ``)."""
        columns = tuple(sorted(cells))
        shape = Shape(columns, "".join(cells[column][0] for column in columns))
        return Row.packed(self.number, self._sheet, shape, [cells[column][1] for column in columns], self._width)

    def texts(self) -> dict[str, str]:
        """Return what stands in the cells that are not blank, by the letters of their columns."""
        if self._cells is not None:
            return {letters(cell.column): cell.raw for cell in self._cells if not cell.is_blank}
        found = zip(self._shape.columns, self._shape.kinds, self._texts, strict=True)
        return {letters(column): raw_of(kind, text) for column, kind, text in found if kind != "s" or text.strip()}

    @property
    def is_blank(self) -> bool:
        """Whether all cells are blank."""
        if self._cells is not None:
            return all(cell.is_blank for cell in self._cells)
        return all(kind == "s" and not text.strip() for kind, text in zip(self._shape.kinds, self._texts, strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and (self.number, self.cells) == (other.number, other.cells)

    def __hash__(self) -> int:
        return hash((self.number, self.cells))

    def __repr__(self) -> str:
        return f"Row(number={self.number}, cells={self.cells!r})"


@dataclass(frozen=True, slots=True)
class SheetData:
    """One sheet, all its rows at hand. A large file is better read with ``stream.open_workbook``.

    ``filled`` are the rows that hold anything. ``declared_rows`` is the number of rows the file itself holds, where its
    format tells: a check that none was lost.
    """

    name: str
    filled: tuple[Row, ...]
    visibility: Visibility = Visibility.VISIBLE
    merged: tuple[str, ...] = ()
    declared_rows: int | None = None
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[str] = frozenset()
    _places: dict[int, Row] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_places", {row.number: row for row in self.filled})

    @property
    def height(self) -> int:
        """Number of rows from the first of the sheet to the last that holds anything."""
        return self.filled[-1].number if self.filled else 0

    def row(self, number: int) -> Row:
        """Return one row, counted from 1; past the end it has no cells."""
        return self._places.get(number) or Row(number, ())

    @property
    def rows(self) -> Iterator[Row]:
        """All rows in order, blank ones included."""
        return (self.row(number) for number in range(1, self.height + 1))

    def cell(self, address: str) -> Cell:
        """Return the cell at ``address`` (C12); one outside of what is filled is blank."""
        found = _ADDRESS.match(address)
        if found is None:
            raise ValueError(f"{address!r} is no cell address")
        number, column = int(found[2]), column_number(found[1])
        cell = self.row(number).at(column)
        return cell if cell.sheet else cell._replace(sheet=self.name)


@dataclass(frozen=True, slots=True)
class Workbook:
    """All sheets in the order of the file, hidden ones included: whoever reads decides what to do with them."""

    sheets: tuple[SheetData, ...]
    kind: str

    def sheet(self, name: str) -> SheetData | None:
        """Return the sheet of that name."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)
