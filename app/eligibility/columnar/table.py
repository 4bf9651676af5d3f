"""A block of firms as columns, and what a judgement looks at in it: the day, the last year, the years of operating.

Mirrors ``engine.setting`` for many firms. A firm with a value that a kernel does not understand is noted in ``odd``
and judged by the exact executor.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from app.core.steps import unscaled
from app.eligibility.columnar import amounts, codes
from app.eligibility.columnar.amounts import Amount
from app.eligibility.columnar.codes import Codes, Flags
from app.facts.catalogue import load_catalogue
from app.facts.keeping import indicator_of, restored
from app.facts.sheet import EXPERT, FactSheet, FactValue
from app.facts.snapshot.packing import Column, unknown, value_at

FIRST_YEAR = 1900
Spot = tuple[str, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of every firm, 0 where it is not known."""

    known: Flags
    amount: Amount


@dataclass(frozen=True, slots=True)
class Days:
    """A day of every firm as its ordinal; ``none`` where it is known that there is no such day."""

    known: Flags
    ordinals: npt.NDArray[np.int64]
    none: Flags


class Table:
    """The columns of one block of firms on one day for one kind of application.

    A table made with ``asking`` holds no firms and notes which columns are looked at; any other refuses (KeyError) a
    column that was not among those loaded.
    """

    def __init__(
        self,
        columns: Mapping[Spot, Column],
        size: int,
        as_of: date,
        kind: str,
        *,
        loaded: frozenset[Spot] | None = None,
    ) -> None:
        self.size, self.as_of, self.kind = size, as_of, kind
        self.last_year = as_of.year - 1
        self.odd: Flags = np.zeros(size, dtype=bool)
        self.asked: set[Spot] = set()
        self._columns, self._loaded = columns, loaded
        self._memo: dict[Hashable, Any] = {}

    def memo(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made under the key, making it the first time: editions share measures."""
        if key not in self._memo:
            self._memo[key] = make()
        found: T = self._memo[key]
        return found

    def column(self, key: str, year: int = 0) -> Column:
        """Return the column of an indicator and year (0: without one)."""
        spot = (key, year)
        self.asked.add(spot)
        if self._loaded is not None and spot not in self._loaded:
            raise KeyError(spot)
        return self.memo(("column", spot), lambda: self._fitted(spot))

    def _fitted(self, spot: Spot) -> Column:
        found = self._columns.get(spot)
        return unknown(self.size) if found is None else found.fitted(self.size)

    def find(self, key: str) -> Column:
        """Return the figure that counts now: of the last fiscal year if told by year, else the current one."""
        if load_catalogue().get(key).by_year:
            return self.column(key, self.last_year)
        layers = [self.column(key, year) for year in (0, self.as_of.year, self.last_year)]
        return self.memo(("find", key), lambda: _layered(layers))

    def number(self, key: str, year: int | None = None) -> Figure:
        """Return a number of every firm: of a year (0: without one), or (None) the figure that counts now."""
        column = self.find(key) if year is None else self.column(key, year)

        def made() -> Figure:
            if column.wordy is not None:
                self.odd |= column.wordy
            plain = column.plain
            return Figure(column.known, amounts.amount(np.where(plain, column.values, 0), column.places))

        return self.memo(("number", key, year), made)

    def yearly(self, key: str, year: int) -> Figure:
        """Return a number of a fiscal year; a figure that has no fiscal year stands for the one year of the rule."""
        return self.number(key, year) if load_catalogue().get(key).by_year else self.number(key)

    def days(self, key: str, year: int | None = None) -> Days:
        """Return a day of every firm."""
        column = self.find(key) if year is None else self.column(key, year)

        def made() -> Days:
            none = np.zeros(self.size, dtype=bool)
            if column.wordy is not None:
                no_day = self.by_word(key, column, lambda value: not isinstance(value, date))
                none = column.wordy & no_day
                self.odd |= column.wordy & ~no_day
            return Days(column.known, np.where(column.plain, column.values, 0), none)

        return self.memo(("days", key, year), made)

    def words(self, key: str, column: Column) -> list[Any]:
        """Return the typed values of the words of a column, None for one that cannot be read (the firms are odd)."""
        return self.memo(("words", key, id(column)), lambda: [_typed(key, *word) for word in column.words])

    def by_word(self, key: str, column: Column, say: Callable[[Any], Any], dtype: Any = bool) -> npt.NDArray[Any]:
        """Return for every firm what is said of its word; nothing sensible where it has none.

        Each word is looked at once, however many firms share it.
        """
        told = [0 if value is None else say(value) for value in self.words(key, column)]
        unread = [value is None for value in self.words(key, column)]
        if column.wordy is None or not told:
            return np.zeros(self.size, dtype=dtype)
        place = np.where(column.wordy, column.values, 0)
        if any(unread):
            self.odd |= column.wordy & np.array(unread)[place]
        return np.array(told, dtype=dtype)[place]

    # --- what holds for a firm as a whole -------------------------------------------------------------------------

    def applied_on(self) -> npt.NDArray[np.int64]:
        """Return the day of application as ordinals: where it is known, else the day of judgement."""
        days = self.days("application_date", 0)
        return self.memo("applied_on", lambda: np.where(days.known & ~days.none, days.ordinals, self.as_of.toordinal()))

    def operating(self) -> tuple[Flags, npt.NDArray[np.int64]]:
        """Return whether and how many fiscal years each firm has operated up to the last one."""
        started, begun = self.begun()
        sales = self.number("sales_revenue", self.last_year - 2)
        return self.memo("operating", lambda: _operating(self.last_year, started, begun, sales))

    def begun(self) -> tuple[Flags, npt.NDArray[np.int64]]:
        """Return whether and in which year each firm is told to have begun."""
        first, registered = self.column("first_operating_year"), self.days("registration_date", 0)
        return self.memo("begun", lambda: _begun(first, registered))

    def years_of(self, key: str) -> list[int]:
        """Return the years of which anything is known; all there can be while the table only asks."""
        if self._loaded is None and not self._columns:
            self.asked |= {(key, year) for year in range(FIRST_YEAR, self.as_of.year + 1)}
        return sorted(year for one, year in self._columns if one == key and year)

    def window(self, years: int) -> npt.NDArray[np.int64]:
        """Return how many of the last fiscal years count for each firm: fewer where it has operated for less."""
        known, operated = self.operating()
        return self.memo(("window", years), lambda: np.where(known, np.minimum(operated, years), years))

    def sheet(self, place: int) -> FactSheet:
        """Return the figures of one firm for the exact executor."""
        facts = []
        for key, year in self._columns:
            if self._loaded is not None and (key, year) not in self._loaded:
                continue
            value = value_at(self.column(key, year), indicator_of(key), place)
            if value is not None:
                facts.append(FactValue(key, year or None, value))
        return FactSheet(facts)


def told_by_word(table: Table, key: str, say: Callable[[Any], int]) -> Codes:
    """Return what is said of the firm's word; unknown where it has none. A plain number is nothing to be said of."""
    column = table.find(key)
    table.odd |= column.plain
    result: Codes = table.by_word(key, column, say, np.uint8)
    return codes.put(result, ~column.known, codes.UNKNOWN)


def expert(item: str) -> str:
    """Return the key of the experts' score of an item."""
    return EXPERT + item


def _typed(key: str, number: int | None, value: Any) -> Any:
    try:
        return restored(indicator_of(key), None if number is None else unscaled(number), value)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _layered(layers: Sequence[Column]) -> Column:
    """Return the first layer in which each firm has something."""
    result = layers[0]
    for layer in layers[1:]:
        fresh = layer.known & ~result.known
        if fresh.any():
            result = _over(result, layer, fresh)
    return result


def _over(under: Column, layer: Column, fresh: Flags) -> Column:
    """Return the column with the cells of another one put in where asked."""
    places = max(under.places, layer.places)
    columns = (under, layer)
    raised = [np.where(one.plain, one.values * 10 ** (places - one.places), one.values) for one in columns]
    flags = [np.zeros(under.known.shape, dtype=bool) if one.wordy is None else one.wordy for one in columns]
    wordy = np.where(fresh, flags[1], flags[0])
    moved = raised[1] + np.where(flags[1], len(under.words), 0)
    return Column(
        under.known | fresh,
        np.where(fresh, moved, raised[0]),
        places,
        wordy if wordy.any() else None,
        [*under.words, *layer.words],
    )


def _begun(first: Column, registered: Days) -> tuple[Flags, npt.NDArray[np.int64]]:
    """The first operating year says it, but never before the year of registration."""
    told, dated = first.plain, registered.known & ~registered.none
    years = np.where(dated, calendar(registered.ordinals)[0], 0)
    return told | dated, np.maximum(np.where(told, first.values, 0), years)


def _operating(
    last_year: int, started: Flags, begun: npt.NDArray[np.int64], sales: Figure
) -> tuple[Flags, npt.NDArray[np.int64]]:
    """Where the beginning is not told, sales in the year before the last but one show that the firm was at work."""
    sold = sales.known & (sales.amount.values > 0)
    return started | sold, np.where(started, np.maximum(0, last_year - begun + 1), 3)


def calendar(ordinals: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the calendar year of ordinals, and month and day as one number (329 is 29 March)."""
    days = (ordinals - _EPOCH).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    years = months.astype("datetime64[Y]")
    month = (months - years).astype(np.int64) + 1
    return years.astype(np.int64) + 1970, month * 100 + (days - months).astype(np.int64) + 1


_EPOCH = date(1970, 1, 1).toordinal()
