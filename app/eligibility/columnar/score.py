"""The score of many firms as intervals: figures choose the band, experts the point inside it (pure).

Mirrors ``engine.score``. Points are whole steps of ``10**-PLACES``; an edition or an expert that needs finer ones is
judged by the exact executor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce

import numpy as np
import numpy.typing as npt

from app.eligibility.columnar.amounts import Amount, Number, admits, plain
from app.eligibility.columnar.codes import Flags
from app.eligibility.columnar.measures import MISSING, NOTHING, REVIEW, measured
from app.eligibility.columnar.table import Figure, Table, expert
from app.rulebooks.schema import Band, Group, Item, ScoreTable

PLACES = 4
STEP = 10**PLACES
MOST = 2**31

Steps = npt.NDArray[np.int64]


@dataclass(slots=True)
class Points:
    """Points from ``low`` to ``high``; ``lacks`` where a missing figure keeps them apart; ``refused`` where experts
    gave points that the rules do not allow."""

    low: Steps
    high: Steps
    lacks: Flags
    refused: Flags

    def number(self, ends: Steps) -> Number:
        """Return one end of the interval as a number."""
        return plain(Amount(ends, PLACES, MOST))


@dataclass(slots=True)
class Scored:
    """The whole score and its groups by id."""

    total: Points
    groups: dict[str, Points] = field(default_factory=dict)


@dataclass(slots=True)
class _Choice:
    """Which bands an item can still be in, where it gets nothing, and where a figure is missing."""

    possible: list[Flags]
    nothing: Flags
    lacks: Flags


def scored(table: Table, sheet: ScoreTable) -> Scored:
    """Return the scores."""
    groups = {group.id: _group(table, sheet, group) for group in sheet.groups}
    parts = list(groups.values())
    total = Points(
        reduce(np.add, [part.low for part in parts]),
        reduce(np.add, [part.high for part in parts]),
        np.logical_or.reduce([part.lacks for part in parts]),
        np.logical_or.reduce([part.refused for part in parts]),
    )
    return Scored(total, groups)


def _group(table: Table, sheet: ScoreTable, group: Group) -> Points:
    items = [_item(table, sheet, item) for item in group.items]
    refused = np.logical_or.reduce([item.refused for item in items])
    lows, highs = [item.low for item in items], [item.high for item in items]
    if group.choice == "best":
        low, high = reduce(np.maximum, lows), reduce(np.maximum, highs)
        open_items = [item.lacks & (item.low != item.high) & (item.high > low) for item in items]
        return Points(low, high, np.logical_or.reduce(open_items), refused)
    most = steps(group.max)
    low, high = np.minimum(reduce(np.add, lows), most), np.minimum(reduce(np.add, highs), most)
    open_items = [item.lacks & (item.low != item.high) for item in items]
    return Points(low, high, np.logical_or.reduce(open_items) & (low != high), refused)


def _item(table: Table, sheet: ScoreTable, item: Item) -> Points:
    choice = _choose(table, item)
    least, most = min(steps(band.low) for band in item.bands), max(steps(band.high) for band in item.bands)
    low, high = np.full(table.size, most), np.full(table.size, least)
    for band, possible in zip(item.bands, choice.possible, strict=True):
        low = np.where(possible, np.minimum(low, steps(band.low)), low)
        high = np.where(possible, np.maximum(high, steps(band.high)), high)
    low, high = np.where(choice.nothing, 0, low), np.where(choice.nothing, 0, high)
    given = table.number(expert(item.id), 0)
    if not given.known.any():
        return Points(low, high, choice.lacks, given.known)
    points, fits = _given(table, given, sheet.whole)
    allowed = [possible & (steps(band.low) <= points) & (points <= steps(band.high)) for band, possible in
               zip(item.bands, choice.possible, strict=True)]  # fmt: skip
    fits &= np.where(choice.nothing, points == 0, np.logical_or.reduce(allowed))
    low, high = np.where(given.known, points, low), np.where(given.known, points, high)
    return Points(low, high, choice.lacks & ~given.known, given.known & ~fits)


def _given(table: Table, given: Figure, whole: bool) -> tuple[Steps, Flags]:
    """Return the experts' points in steps, and where they may stand; those finer than a step make a firm odd."""
    amount = given.amount
    size = 10**amount.places
    fits = amount.values % size == 0 if whole else np.ones(len(amount.values), dtype=bool)
    fits &= np.abs(amount.values) < MOST
    values = np.where(fits, amount.values, 0)
    if amount.places > PLACES:
        finer = 10 ** (amount.places - PLACES)
        table.odd |= given.known & (values % finer != 0)
        values = values // finer
        return values, fits
    return values * 10 ** (PLACES - amount.places), fits


def _choose(table: Table, item: Item) -> _Choice:
    if item.measure is not None:
        return _by_measure(table, item)
    if item.by_conditions:
        return _by_conditions(table, item)
    every, none = np.ones(table.size, dtype=bool), np.zeros(table.size, dtype=bool)
    return _Choice([every for _ in item.bands], none, none)


def _by_measure(table: Table, item: Item) -> _Choice:
    assert item.measure is not None
    reading = measured(table, item.measure)
    chosen = _banded(item.bands, reading.number)
    open_bands = (reading.state == MISSING) | (reading.state == REVIEW)
    if reading.guessed is not None and reading.guessed.any():
        guessed = [np.logical_or.reduce(ways) for ways in
                   zip(*(_banded(item.bands, one) for one in reading.guesses), strict=True)]  # fmt: skip
        chosen = [np.where(reading.guessed, guess, one) for guess, one in zip(guessed, chosen, strict=True)]
        open_bands = open_bands & ~reading.guessed
    possible = [np.where(open_bands, True, one) for one in chosen]
    return _Choice(possible, reading.state == NOTHING, reading.state == MISSING)


def _banded(bands: Sequence[Band], number: Number) -> list[Flags]:
    """Return for each band which firms are in it: the first whose bound their number keeps."""
    left = np.ones(len(number.top), dtype=bool)
    found = []
    for band in bands:
        here = left if band.bound is None else left & admits(band.bound, number)
        found.append(here)
        left = left & ~here
    return found


def _by_conditions(table: Table, item: Item) -> _Choice:
    """First match from the top; a step whose figure is unknown may hold, so the search goes on below it."""
    searching = np.ones(table.size, dtype=bool)
    count = np.zeros(table.size, dtype=np.int64)
    lacks = np.zeros(table.size, dtype=bool)
    possible = []
    for band in item.bands:
        here, unknown = searching, np.zeros(table.size, dtype=bool)
        if band.condition is not None:
            figure = table.number(band.condition.key)
            unknown = searching & ~figure.known
            here = searching & (unknown | admits(band.condition.bound, plain(figure.amount)))
        possible.append(here)
        lacks |= unknown
        count += here
        searching = searching & (~here | unknown)
    return _Choice(possible, np.zeros(table.size, dtype=bool), lacks & (count > 1))


def steps(points: Decimal) -> int:
    """Return points in steps; the edition was looked at for finer ones (``judge.needs_exact``)."""
    return int(points * STEP)


def is_fine(table: ScoreTable) -> bool:
    """Tell whether an edition has points finer than a step."""
    given = [group.max for group in table.groups]
    given += [end for item in table.items() for band in item.bands for end in (band.low, band.high)]
    return any(points * STEP != int(points * STEP) for points in given)
