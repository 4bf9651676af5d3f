"""Rows whose figures go together for certain, told at a glance; what comes near a bound is for ``doubts`` (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from app.facts.balances import EXPENSES, LOOKED_AT, PARTS, REVENUES, STAFF
from app.imports.cells.plain import PlainColumns

NEAR = 1e-9
"""Floats tell only what is farther from a bound than this part of it; Decimals look at the rest."""
_ZERO, _ONE = 0, 1
Pairs = Sequence[tuple[int, int]]
"""Places in a list of numbers: each first one must be smaller than its second. 0 and 1 stand at its head."""


class Balance:
    """What ``doubts.look`` would have nothing to say about, told from the plain texts of a row."""

    def __init__(self, columns: PlainColumns) -> None:
        self._columns = columns
        self._of_years: dict[int, _OfYear | None] = {}

    def holds(self, texts: Sequence[str], year: int) -> bool:
        """Return True when nothing is amiss for certain; ``texts`` are plain or blank, by column."""
        if year not in self._of_years:
            self._of_years[year] = self._grouped(year)
        of_year = self._of_years[year]
        return of_year is not None and of_year.holds(texts)

    def _grouped(self, year: int) -> _OfYear | None:
        """Return the columns by the year of their figures; None where two columns speak of the same figure."""
        found: dict[int | None, dict[str, int]] = {}
        for place, one in enumerate(self._columns.all):
            if one.key not in LOOKED_AT:
                continue
            of_year = found.setdefault(one.year_in(year), {})
            if one.key in of_year or one.by is None:
                return None
            of_year[one.key] = place
        return _OfYear(self._columns, list(found.values()))


class _OfYear:
    """The columns that are held against each other in rows of one fiscal year."""

    def __init__(self, columns: PlainColumns, groups: Sequence[Mapping[str, int]]) -> None:
        places = [place for group in groups for place in group.values()]
        at = {place: number for number, place in enumerate(places, start=_ONE + 1)}
        self._groups = [{key: at[place] for key, place in group.items()} for group in groups]
        self._factors = [float(columns.all[place].by or 1) for place in places]
        self._is_scaled = any(factor != 1 for factor in self._factors)
        self._pick: Callable[[Sequence[str]], Sequence[str]] = (
            itemgetter(*places) if len(places) > 1 else lambda texts: [texts[place] for place in places]
        )
        self._pairs: dict[tuple[bool, ...], Pairs] = {}
        self._all = self._pairs_of([True] * len(places))

    def holds(self, texts: Sequence[str]) -> bool:
        picked = self._pick(texts)
        if "" in picked:
            there = tuple(text != "" for text in picked)
            if there not in self._pairs:
                self._pairs[there] = self._pairs_of(there)
            pairs = self._pairs[there]
        else:
            pairs = self._all
        numbers = self._numbers(picked)
        for smaller, larger in pairs:
            bound = numbers[larger]
            if numbers[smaller] >= bound - abs(bound) * NEAR:
                return False
        return True

    def _numbers(self, picked: Sequence[str]) -> Sequence[float]:
        if self._is_scaled or "" in picked or "%" in "".join(picked):
            turned = (_number(text) * factor for text, factor in zip(picked, self._factors, strict=True))
            return [0.0, 1.0, *turned]
        return [0.0, 1.0, *map(float, picked)]

    def _pairs_of(self, there: Sequence[bool]) -> Pairs:
        found: list[tuple[int, int]] = []
        for group in self._groups:
            stated = {key: place for key, place in group.items() if there[place - _ONE - 1]}
            found += _pairs(stated)
        return found


def _pairs(places: Mapping[str, int]) -> list[tuple[int, int]]:
    """Return what must be smaller than what among the figures of one year that are stated."""

    def first(keys: Sequence[str]) -> int | None:
        return next((places[key] for key in keys if key in places), None)

    found: list[tuple[int, int]] = []
    revenue, spent, staff = first(REVENUES), first(EXPENSES), first(STAFF)
    if revenue is not None:
        found.append((_ZERO, revenue))
        found += [(spent, revenue)] if spent is not None else []
    if staff is not None:
        found.append((_ZERO, staff))
        found += [(places[key], staff) for key in PARTS if key in places]
    if "debt_asset_ratio" in places:
        found.append((places["debt_asset_ratio"], _ONE))
    if "total_liabilities" in places and "total_assets" in places:
        found.append((places["total_liabilities"], places["total_assets"]))
    return found


def _number(text: str) -> float:
    if not text:
        return 0.0
    return float(text[:-1]) / 100 if text[-1] == "%" else float(text)
