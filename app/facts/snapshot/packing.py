"""One indicator and year of a block of firms as arrays, exact to the last digit, and as bytes (pure).

A cell is unknown, a plain whole number, or the index of a *word*. Numbers lie as whole steps of ``10**-places``; a
yes/no as 1 or 0, a date as the day's ordinal, a year as itself. Everything else (texts, lists, "no certificate") is a
word: the two columns of the fact as they are kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.steps import PLACES, unscaled
from app.facts import keeping
from app.facts.catalogue import Indicator
from app.facts.values import Value

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]
Word = tuple[int | None, Any]
"""Scaled number or None, and the plain JSON value."""

BLOCK = 16_384
"""Firms of one block: small enough for the processor's cache, large enough that a call costs nothing per firm."""
WIDTHS = ("i1", "i2", "i4", "i8")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one firm's fact holds: the scaled number, or the JSON text of its value."""

    number: int | None
    text: str | None


@dataclass(slots=True)
class Column:
    """The cells of one indicator and year; ``values`` is 0 where nothing is known."""

    known: Flags
    values: Whole
    places: int = 0
    wordy: Flags | None = None
    words: Sequence[Word] = field(default=())

    @property
    def size(self) -> int:
        return len(self.known)

    @property
    def plain(self) -> Flags:
        """Where a plain number is known."""
        return self.known if self.wordy is None else self.known & ~self.wordy

    def fitted(self, size: int) -> Column:
        """Return the column with exactly so many places: those beyond are cut, new ones unknown."""
        if size == self.size:
            return self
        return Column(
            _sized(self.known, size),
            _sized(self.values, size),
            self.places,
            None if self.wordy is None else _sized(self.wordy, size),
            self.words,
        )


def unknown(size: int) -> Column:
    """Return a column of which nothing is known."""
    return Column(np.zeros(size, dtype=bool), np.zeros(size, dtype=np.int64))


def _sized(array: Any, size: int) -> Any:
    if size <= len(array):
        return array[:size]
    grown = np.zeros(size, dtype=array.dtype)
    grown[: len(array)] = array
    return grown


# --- numbers and cells to columns ---------------------------------------------------------------------------------


def of_numbers(offsets: Whole, scaled: Whole) -> Column:
    """Return the column of numbers kept as steps of 10⁻⁸ at the given places."""
    column = unknown(_room(offsets))
    column.known[offsets] = True
    column.values[offsets] = scaled
    return lean(column, PLACES)


def lean(column: Column, places: int) -> Column:
    """Return the column whose numbers, given in steps of ``10**-places``, have no more decimals than they need."""
    plain = column.plain
    common = int(np.gcd.reduce(column.values[plain])) if plain.any() else 0
    spare = 0
    while spare < places and common % 10 == 0 and common:
        common //= 10
        spare += 1
    if common == 0:
        spare = places
    if spare:
        column.values[plain] //= 10**spare
    column.places = places - spare
    return column


def changed(column: Column, indicator: Indicator, cells: Mapping[int, Cell | None]) -> Column:
    """Return the column with other cells at some places; None is unknown."""
    column = column.fitted(max(column.size, _room(np.fromiter(cells, dtype=np.int64, count=len(cells)))))
    known, wordy = column.known.copy(), _flags(column.wordy, column.size)
    values = column.values.copy()
    places = PLACES if indicator.kind == "number" else 0
    values[known & ~wordy] *= 10 ** (places - column.places)
    index = {_told(number, value): place for place, (number, value) in enumerate(column.words)}
    for offset, cell in cells.items():
        known[offset] = cell is not None
        plain = None if cell is None else plain_of(indicator, cell)
        wordy[offset] = cell is not None and plain is None
        if cell is not None and plain is None:
            word = _told(cell.number, None if cell.text is None else json.loads(cell.text))
            plain = index.setdefault(word, len(index))
        values[offset] = plain or 0
    kept = Column(known, values, places, wordy if wordy.any() else None, _words(index))
    return lean(kept, places)


def plain_of(indicator: Indicator, cell: Cell) -> int | None:
    """Return the cell as a plain whole number, None where it is a word."""
    if indicator.kind == "number" or cell.number is not None:
        return cell.number if indicator.kind == "number" else None
    value = json.loads(cell.text or "null")
    if indicator.kind == "bool" and isinstance(value, bool):
        return int(value)
    if indicator.kind == "year" and type(value) is int:
        return value
    if indicator.kind == "date" and isinstance(value, str):
        try:
            return date.fromisoformat(value).toordinal()
        except ValueError:
            return None
    return None


def value_at(column: Column, indicator: Indicator, offset: int) -> Value | None:
    """Return the typed value of one firm, as the fact sheet would hold it; None where it is unknown."""
    if not column.known[offset]:
        return None
    plain = int(column.values[offset])
    if column.wordy is not None and column.wordy[offset]:
        number, value = column.words[plain]
        return keeping.restored(indicator, None if number is None else unscaled(number), value)
    if indicator.kind == "number":
        return unscaled(plain * 10 ** (PLACES - column.places))
    if indicator.kind == "bool":
        return bool(plain)
    return date.fromordinal(plain) if indicator.kind == "date" else plain


def _told(number: int | None, value: Any) -> str:
    return json.dumps([number, value], ensure_ascii=False)


def _words(index: Mapping[str, int]) -> list[Word]:
    return [(number, value) for number, value in map(json.loads, index)]


def _flags(flags: Flags | None, size: int) -> Flags:
    return np.zeros(size, dtype=bool) if flags is None else flags.copy()


def _room(offsets: Whole) -> int:
    """How many places hold these offsets, a multiple of eight."""
    return (int(offsets.max()) // 8 + 1) * 8 if len(offsets) else 0


# --- columns to bytes and back --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Packed:
    """A column as the database keeps it."""

    size: int
    places: int
    width: str
    words: str | None
    data: bytes


def pack(column: Column) -> Packed:
    """Return the column as bytes: known, where there are words which cells are, and the numbers as narrow as fits."""
    width = _width(column.values)
    parts = [np.packbits(column.known).tobytes()]
    words = None
    if column.wordy is not None:
        parts.append(np.packbits(column.wordy).tobytes())
        words = json.dumps(list(column.words), ensure_ascii=False, separators=(",", ":"))
    parts.append(column.values.astype("<" + width).tobytes())
    return Packed(column.size, column.places, width, words, b"".join(parts))


def unpack(packed: Packed) -> Column:
    """Return the column of the bytes."""
    size, bits = packed.size, packed.size // 8
    known = _bits(packed.data, 0, size)
    wordy, start = None, bits
    if packed.words is not None:
        wordy, start = _bits(packed.data, bits, size), 2 * bits
    values = np.frombuffer(packed.data, "<" + packed.width, size, start).astype(np.int64)
    words = [(number, value) for number, value in json.loads(packed.words)] if packed.words is not None else ()
    return Column(known, values, packed.places, wordy, words)


def _bits(data: bytes, start: int, size: int) -> Flags:
    return np.unpackbits(np.frombuffer(data, np.uint8, size // 8, start), count=size).view(np.bool_)


def _width(values: Whole) -> str:
    most = max(int(values.max()), -int(values.min())) if len(values) else 0
    return next(width for width in WIDTHS if most < 2 ** (8 * int(width[1]) - 1))
