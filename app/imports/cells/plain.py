"""Figures of a row as its plain texts: a column says once what a text of digits in it stands for (pure).

Most cells of most tables are plain numbers. Their row keeps the texts alone and makes figures of them when somebody
asks; what no plain text says (a date, 约 300, 1,2O0) stands beside them as ``odd``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from typing import overload

from app.facts.definitions import is_own
from app.facts.values import Value
from app.imports.cells.entry import Figure
from app.imports.layouts import units
from app.imports.layouts.layout import Layout, Place

_figure = tuple.__new__  # what Figure(...) does, without a call of Python: a large table has a million of them
PERCENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PlainColumn:
    """A column of figures: whose it is, of which year, and the factor from its unit (None: no text is plain here)."""

    key: str
    letter: str
    header: str
    by_year: bool
    year: int | None
    shift: int
    by: Decimal | None

    @classmethod
    def of(cls, place: Place) -> PlainColumn:
        """Return a column of a layout. The office may redefine its own indicators: their figures are kept in full."""
        indicator = place.column.indicator
        assert indicator is not None
        is_fixed = indicator.kind == "number" and not is_own(indicator.key)
        by = units.factor(place.unit or indicator.unit, indicator.unit) if is_fixed else None
        return cls(indicator.key, place.letter, place.header, indicator.by_year, place.year, place.shift, by)

    def value(self, text: str) -> Decimal:
        """Return what a plain text stands for, exactly."""
        assert self.by is not None
        found = units.quickly(text[:-1], PERCENT) if text[-1] == "%" else units.quickly(text, self.by)
        assert found is not None, text
        return found

    def year_in(self, year: int | None) -> int | None:
        """Return the year of the column's figures in a row of a fiscal year; None when they have none."""
        if not self.by_year:
            return None
        return self.year if self.year is not None else (year or 0) + self.shift


class PlainColumns:
    """The columns of figures of one sheet, in the order of the sheet."""

    def __init__(self, layout: Layout) -> None:
        self.places = [place for place in layout.places if place.column.key]
        self.all = tuple(PlainColumn.of(place) for place in self.places)
        self.letters = tuple(one.letter for one in self.all)
        self._years: dict[int | None, frozenset[int]] = {}

    def years_in(self, year: int | None) -> frozenset[int]:
        """Return the years of the figures in a row of a fiscal year."""
        if year not in self._years:
            found = (one.year_in(year) for one in self.all)
            self._years[year] = frozenset(one for one in found if one is not None)
        return self._years[year]

    @cached_property
    def scaled(self) -> tuple[int, ...]:
        """The places of the columns whose plain texts are not their numbers yet: another unit is written there."""
        return tuple(place for place, one in enumerate(self.all) if one.by is not None and one.by != 1)

    @cached_property
    def sorted_places(self) -> tuple[int, ...]:
        """The places of the columns in the order of their keys."""
        return tuple(sorted(range(len(self.all)), key=lambda place: self.all[place].key))

    @cached_property
    def in_order(self) -> Callable[[Sequence[str]], Sequence[str]]:
        """What puts texts by column into the order of ``sorted_places``."""
        places = self.sorted_places
        return itemgetter(*places) if len(places) > 1 else lambda texts: [texts[place] for place in places]

    @cached_property
    def sorted_keys(self) -> tuple[str, ...]:
        """The keys in their order."""
        return tuple(self.all[place].key for place in self.sorted_places)

    @cached_property
    def repeated(self) -> tuple[tuple[int, int], ...]:
        """Runs of one key among ``sorted_places``: figures of several years, first and behind last."""
        keys = self.sorted_keys
        starts = [place for place in range(len(keys)) if not place or keys[place] != keys[place - 1]]
        spans = pairwise([*starts, len(keys)])
        return tuple((first, end) for first, end in spans if end - first > 1)


def digits_of(value: Value) -> str:
    """Return the digits of a number; blank for whatever else a figure may be."""
    if not isinstance(value, Decimal):
        return ""
    return format(value, "f") if value else "0"


NOTHING = frozenset({"", "0"})


class RowFigures(Sequence[Figure]):
    """The figures of one row. ``texts`` are those of ``columns``, blank where the row has none.

    ``odd`` holds by place what a text that is not plain was read as: a figure, or None when it gave none.
    """

    __slots__ = ("_made", "columns", "odd", "row", "texts", "year")

    def __init__(
        self,
        columns: PlainColumns,
        texts: Sequence[str],
        odd: Mapping[int, Figure | None],
        row: int,
        year: int | None,
        made: tuple[Figure, ...] | None = None,
    ) -> None:
        self.columns, self.texts, self.odd, self.row, self.year = columns, texts, odd, row, year
        self._made = made

    def digits(self) -> Sequence[str]:
        """Return by column the digits of its number in the catalogue's unit; blank where it has no number."""
        if not self.odd and not self.columns.scaled and "%" not in "".join(self.texts):
            return self.texts
        found = list(self.texts)
        columns = self.columns.all
        for place in {*self.columns.scaled, *(place for place, text in enumerate(found) if text[-1:] == "%")}:
            if found[place] and place not in self.odd:
                found[place] = digits_of(columns[place].value(found[place]))
        for place, figure in self.odd.items():
            found[place] = "" if figure is None else digits_of(figure.value)
        return found

    def numbers(self) -> tuple[tuple[str, ...], list[str]]:
        """Return keys and digits of all numbers but zeros, sorted by both."""
        columns = self.columns
        digits = self.digits()
        found = list(columns.in_order(digits))
        for first, end in columns.repeated:
            if end - first > 2:
                found[first:end] = sorted(found[first:end])
            elif found[first] > found[first + 1]:
                found[first], found[first + 1] = found[first + 1], found[first]
        if "" not in found and "0" not in found:
            return columns.sorted_keys, found
        pairs = [(key, one) for key, one in zip(columns.sorted_keys, found, strict=True) if one not in NOTHING]
        return tuple(key for key, _one in pairs), [one for _key, one in pairs]

    def _figures(self) -> tuple[Figure, ...]:
        if self._made is None:
            self._made = tuple(self._make())
        return self._made

    def _make(self) -> Iterator[Figure]:
        for place, (column, text) in enumerate(zip(self.columns.all, self.texts, strict=True)):
            if place in self.odd:
                figure = self.odd[place]
                if figure is not None:
                    yield figure
            elif text:
                yield self._figure(column, text)

    def _figure(self, column: PlainColumn, text: str) -> Figure:
        cell = f"{column.letter}{self.row}"
        return _figure(Figure, (column.key, column.year_in(self.year), column.value(text), text, cell, column.header))

    @overload
    def __getitem__(self, place: int) -> Figure: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Figure, ...]: ...
    def __getitem__(self, place: int | slice) -> Figure | tuple[Figure, ...]:
        return self._figures()[place]

    def __iter__(self) -> Iterator[Figure]:
        return iter(self._figures())

    def __len__(self) -> int:
        if self._made is not None:
            return len(self._made)
        found = len(self.texts) - self.texts.count("")
        return found - sum(one is None for one in self.odd.values()) if self.odd else found

    def __eq__(self, other: object) -> bool:
        return self._figures() == (other._figures() if isinstance(other, RowFigures) else other)

    def __hash__(self) -> int:
        return hash(self._figures())

    def __repr__(self) -> str:
        return repr(self._figures())


def years_of(figures: Sequence[Figure]) -> frozenset[int]:
    """Return the years that the figures of a row are of, or may be."""
    columns: PlainColumns | None = getattr(figures, "columns", None)  # of rows whose figures are made when asked for
    if columns is not None:
        return columns.years_in(getattr(figures, "year", None))
    return frozenset(figure.year for figure in figures if figure.year is not None)
