"""What was understood of a sheet: where its header stands, what its columns are, in which unit and year (pure).

A layout is kept with the batch, so that a row can be read again from its raw cells exactly as it was read first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.core.text import Message, message_from_json, message_to_json
from app.facts.definitions import current, is_own
from app.imports.layouts.profile import ProfileColumn
from app.sheets.cells import letters


@dataclass(frozen=True, slots=True)
class Place:
    """A recognised column: its number from 1, the header as written, what it fills, the unit of its numbers.

    ``said_by`` tells where the unit comes from: header, sheet (a line above the header), profile, person or whole (a
    person, for all money of the sheet). ``year``
    is the fiscal year that the header names, ``shift`` how many years it lies from that of the row (上年: -1).
    ``is_1904`` tells that the workbook counts days from 1904, so that a plain number in a column of days does too.
    ``usual`` is the magnitude of the column in the indicator's unit (a median), None where too little is known.
    """

    number: int
    header: str
    column: ProfileColumn
    unit: str
    said_by: str
    year: int | None = None
    shift: int = 0
    usual: Decimal | None = None
    is_1904: bool = False

    @property
    def letter(self) -> str:
        """The letters of the column."""
        return letters(self.number)

    def as_json(self) -> dict[str, Any]:
        """Return the form in which a batch keeps it."""
        column = self.column
        return {
            "number": self.number,
            "header": self.header,
            "column": [column.header, column.field, column.key, column.unit],
            "unit": self.unit,
            "said_by": self.said_by,
            "year": self.year,
            "shift": self.shift,
            "usual": None if self.usual is None else format(self.usual, "f"),
            "is_1904": self.is_1904,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Place:
        """Read back what ``as_json`` wrote."""
        header, field, key, unit = kept["column"]
        usual = kept["usual"]
        own = current().get(key) if is_own(key) else None
        column = ProfileColumn(header=header, field=field, key=key, unit=unit, own=own)
        plain = {name: kept[name] for name in ("number", "header", "unit", "said_by", "year", "shift")}
        days = kept.get("is_1904", False)
        return cls(column=column, usual=None if usual is None else Decimal(usual), is_1904=days, **plain)


@dataclass(frozen=True, slots=True)
class ColumnNote:
    """What happened to one column of the file; ``state`` is used, ignored, repeated or unknown.

    ``asks`` marks what nothing in the file says (a unit, a calibre), so that a person should confirm it.
    """

    letter: str
    header: str
    state: str
    target: str = ""
    unit: str = ""
    note: Message | None = None
    sheet: str = ""
    said_by: str = ""
    asks: bool = False
    year: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the form in which a batch keeps it."""
        return {
            "letter": self.letter,
            "header": self.header,
            "state": self.state,
            "target": self.target,
            "unit": self.unit,
            "note": message_to_json(self.note) if self.note else None,
            "sheet": self.sheet,
            "said_by": self.said_by,
            "asks": self.asks,
            "year": self.year,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> ColumnNote:
        """Read back what ``as_json`` wrote."""
        return cls(**{**kept, "note": message_from_json(kept["note"]) if kept["note"] else None})


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the header stands (first and last row, from 1) and what the columns are.

    ``hidden`` are ranges of rows that the sheet hides; ``until`` is the last row of the table where another table
    follows in the same sheet; ``many_years`` tells that each row states the year of its figures. ``unit`` is the
    unit of money that the sheet declares above its header, empty when it declares none. ``year`` is the year that
    the sheet itself says, where the sheets of a file are of several.
    """

    row: int
    last: int
    places: tuple[Place, ...]
    notes: tuple[ColumnNote, ...]
    hidden: tuple[tuple[int, int], ...] = ()
    until: int | None = None
    many_years: bool = False
    unit: str = ""
    year: int | None = None

    def place_of(self, field: str) -> Place | None:
        """Return the column that fills an identity field."""
        return next((place for place in self.places if place.column.field == field), None)

    def hides(self, number: int) -> bool:
        """Whether the sheet hides the row."""
        return any(first <= number <= last for first, last in self.hidden)

    def as_json(self) -> dict[str, Any]:
        """Return the form in which a batch keeps it."""
        return {
            "row": self.row,
            "last": self.last,
            "places": [place.as_json() for place in self.places],
            "notes": [note.as_json() for note in self.notes],
            "hidden": [list(span) for span in self.hidden],
            "until": self.until,
            "many_years": self.many_years,
            "unit": self.unit,
            "year": self.year,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Layout:
        """Read back what ``as_json`` wrote."""
        return cls(
            row=kept["row"],
            last=kept["last"],
            places=tuple(Place.from_json(place) for place in kept["places"]),
            notes=tuple(ColumnNote.from_json(note) for note in kept["notes"]),
            hidden=tuple((first, last) for first, last in kept["hidden"]),
            until=kept["until"],
            many_years=kept["many_years"],
            unit=kept.get("unit", ""),
            year=kept.get("year"),
        )


def spans(rows: frozenset[int]) -> tuple[tuple[int, int], ...]:
    """Return numbers as ranges: 3, 4, 5, 9 are (3, 5), (9, 9)."""
    found: list[tuple[int, int]] = []
    for number in sorted(rows):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)
