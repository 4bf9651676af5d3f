"""The score of many firms as intervals: figures choose the band, experts the point inside it (pure).

Mirrors ``engine.score``. Points are whole steps of ``10**-PLACES``; an edition or an expert that needs finer ones is
judged by the exact executor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

import numpy as np

from app.eligibility.columnar import amounts, codes
from app.eligibility.columnar.amounts import Kept, plain
from app.eligibility.columnar.asked import Asked
from app.eligibility.columnar.codes import Codes, Flags
from app.eligibility.columnar.measures import measured
from app.eligibility.columnar.points import MOST, PLACES, STEP, Points, Scored, Steps
from app.eligibility.columnar.reading import MISSING, NOTHING, REVIEW, VALUE, Reading
from app.eligibility.columnar.table import Figure, Table, expert
from app.rulebooks.criteria import CountMet, InPrinciple, NoneDated, Test
from app.rulebooks.schema import Band, Group, Item, ScoreTable
from app.rulebooks.walking import walk

Checked = Callable[[Asked, Test], Codes]


@dataclass(slots=True)
class _Choice:
    """Which bands an item can still be in, where it gets nothing, and where a figure is missing."""

    possible: list[Flags]
    nothing: Flags
    lacks: Flags


def scored(asked: Asked, sheet: ScoreTable, checked: Checked) -> Scored:
    """Return the scores; ``checked`` tells how firms come out of a test."""
    groups = {group.id: _group(asked, sheet, group, checked) for group in sheet.groups}
    parts = list(groups.values())
    total = Points(
        reduce(np.add, [part.low for part in parts]),
        reduce(np.add, [part.high for part in parts]),
        np.logical_or.reduce([part.lacks for part in parts]),
        np.logical_or.reduce([part.refused for part in parts]),
    )
    return Scored(total, groups)


def _group(asked: Asked, sheet: ScoreTable, group: Group, checked: Checked) -> Points:
    items = [_item(asked, sheet, item, checked) for item in group.items]
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


def _item(asked: Asked, sheet: ScoreTable, item: Item, checked: Checked) -> Points:
    table, choice = asked.table, _choose(asked, item, checked)
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


def _choose(asked: Asked, item: Item, checked: Checked) -> _Choice:
    size = asked.table.size
    if item.measure is not None:
        if isinstance(item.measure, CountMet):
            return _by_measure(item, _counted(asked, item.measure.tests, checked))
        return _by_measure(item, measured(asked.table, item.measure))
    if item.by_conditions:
        return _by_conditions(asked, item, checked)
    every, none = np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    return _Choice([every for _ in item.bands], none, none)


def _counted(asked: Asked, tests: Sequence[Test], checked: Checked) -> Reading:
    """Return how many tests are met; those that are open may or may not be."""
    outcomes = [checked(asked, test) for test in tests]
    met = reduce(np.add, [(one == codes.MET).astype(np.int64) for one in outcomes])
    unknown = np.logical_or.reduce([one == codes.UNKNOWN for one in outcomes])
    left = reduce(np.add, [((one == codes.UNKNOWN) | (one == codes.NEEDS_REVIEW)).astype(np.int64) for one in outcomes])
    _leave_silent(asked, tests, left > 0)
    state = np.where(left == 0, np.uint8(VALUE), np.where(unknown, np.uint8(MISSING), np.uint8(REVIEW)))
    guesses = [(left >= more, amounts.plain(amounts.amount(met + more))) for more in range(len(tests) + 1)]
    return Reading(state, amounts.plain(amounts.amount(met)), guessed=left > 0, guesses=guesses)


def _leave_silent(asked: Asked, tests: Sequence[Test | None], where: Flags) -> None:
    """A demand in principle about dates may be in review with figures missing: only the exact executor tells."""
    inner = [one for test in tests for one in walk(test)]
    if any(isinstance(one, InPrinciple) for one in inner) and any(isinstance(one, NoneDated) for one in inner):
        asked.table.odd |= where


def _by_measure(item: Item, reading: Reading) -> _Choice:
    chosen = _banded(item.bands, reading.number)
    open_bands = (reading.state == MISSING) | (reading.state == REVIEW)
    if reading.guessed is not None and reading.guessed.any():
        ways = [[where & one for one in _banded(item.bands, number)] for where, number in reading.guesses]
        guessed = [np.logical_or.reduce(column) for column in zip(*ways, strict=True)]
        chosen = [np.where(reading.guessed, guess, one) for guess, one in zip(guessed, chosen, strict=True)]
        open_bands = open_bands & ~reading.guessed
    possible = [np.where(open_bands, True, one) for one in chosen]
    return _Choice(possible, reading.state == NOTHING, reading.state == MISSING)


def _banded(bands: Sequence[Band], number: Kept) -> list[Flags]:
    """Return for each band which firms are in it: the first whose bound their number keeps."""
    left = np.ones(number.size, dtype=bool)
    found = []
    for band in bands:
        here = left if band.bound is None else left & number.keeps(band.bound)
        found.append(here)
        left = left & ~here
    return found


def _by_conditions(asked: Asked, item: Item, checked: Checked) -> _Choice:
    """First match from the top; a step that is open may hold, so the search goes on below it."""
    size = asked.table.size
    searching, count = np.ones(size, dtype=bool), np.zeros(size, dtype=np.int64)
    lacks = np.zeros(size, dtype=bool)
    possible = []
    for band in item.bands:
        outcome = _step(asked, band, checked)
        here = searching & (outcome != codes.UNMET) & (outcome != codes.NOT_APPLICABLE)
        possible.append(here)
        lacks |= searching & (outcome == codes.UNKNOWN)
        count += here
        searching = searching & (outcome != codes.MET)
    _leave_silent(asked, [band.test for band in item.bands], count > 1)
    return _Choice(possible, np.zeros(size, dtype=bool), lacks & (count > 1))


def _step(asked: Asked, band: Band, checked: Checked) -> Codes:
    if band.test is not None:
        return checked(asked, band.test)
    if band.condition is None:
        return codes.same(asked.table.size, codes.MET)
    figure = asked.table.number(band.condition.key)
    return codes.put(codes.said(plain(figure.amount).keeps(band.condition.bound)), ~figure.known, codes.UNKNOWN)


def steps(points: Decimal) -> int:
    """Return points in steps; the edition was looked at for finer ones (``judge.needs_exact``)."""
    return int(points * STEP)


def is_fine(table: ScoreTable) -> bool:
    """Tell whether an edition has points finer than a step."""
    given = [group.max for group in table.groups]
    given += [end for item in table.items() for band in item.bands for end in (band.low, band.high)]
    return any(points * STEP != int(points * STEP) for points in given)
