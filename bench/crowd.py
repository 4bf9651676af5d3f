"""Very many invented firms as columns: thresholds hit exactly, zero and negative bases, first-year firms, gaps.

What a firm has follows from the seed alone. Columns are drawn for the indicators and years that the editions look at,
so the same crowd can stand in the blocks of the database, on fact sheets for the exact executor, and in a wide table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.steps import PLACES, SCALE
from app.facts.catalogue import Indicator
from app.facts.keeping import indicator_of
from app.facts.sheet import EXPERT
from app.facts.snapshot.packing import Column, lean
from app.rulebooks import criteria
from app.rulebooks.bases import Change, Multiple, OnPath
from app.rulebooks.criteria import Bound
from app.rulebooks.schema import Band, Condition, Item, Rulebook
from app.rulebooks.spans import GrowthRate, OverYears

Spot = tuple[str, int]
Whole = npt.NDArray[np.int64]

GAPS = 0.03
HITS = 0.06
CODES = ("8.2.3", "新材料", "新材料/金属材料", "9.1", "一-（二）-3", "080203", "先进制造与自动化/工艺/焊接", "其他")
INDUSTRIES = ("C3871", "制造业", "65", "软件和信息技术服务业", "I", "F5199", "批发业", "4710", "5920", "7010", "L",
              "A", "82", "无此行业")  # fmt: skip
HONOURS = ("广东省政府质量奖", "国家知识产权优势企业", "先进集体", None)


class Crowd:
    """``count`` firms drawn for what some editions look at on a day."""

    def __init__(
        self, rulebooks: Sequence[Rulebook], spots: Iterable[Spot], as_of: date, count: int, seed: int
    ) -> None:
        self._random = np.random.default_rng(seed)
        self._books, self._as_of, self.count = rulebooks, as_of, count
        self._spots = sorted(spots)
        self._numbers: dict[Spot, Whole] = {}
        self._begun = self._first_years()

    def columns(self) -> dict[Spot, Column]:
        """Draw everything."""
        for spot in self._spots:
            if indicator_of(spot[0]).kind == "number":
                self._numbers[spot] = self._amounts(indicator_of(spot[0]))
        for part in _parts(self._books):
            self._hit(part)
        return {spot: self._column(spot) for spot in self._spots}

    def _column(self, spot: Spot) -> Column:
        key, year = spot
        indicator = indicator_of(key)
        known = self._random.random(self.count) >= (1 - self._scored(key) if key.startswith(EXPERT) else GAPS)
        if year:
            known &= self._begun <= year
        if not indicator.by_year and year:  # a current figure may bear a year, most do not
            known &= self._random.random(self.count) < 0.02
        if indicator.kind == "number":
            if key.startswith(EXPERT):
                self._numbers[spot] = self._expert(key[len(EXPERT) :])
            return lean(Column(known, np.where(known, self._numbers[spot], 0)), PLACES)
        return self._told(indicator, known)

    # --- numbers ------------------------------------------------------------------------------------------------------

    def _amounts(self, indicator: Indicator) -> Whole:
        chance = self._random.random(self.count)
        if indicator.whole or indicator.unit in ("项", "件", "起", "个", "次", "年"):
            return self._random.integers(0, 12, self.count) * SCALE
        if indicator.is_ratio:
            return self._random.integers(0, 101, self.count) * (SCALE // 100)
        size = np.exp(self._random.normal(5.5 if indicator.unit == "人" else 8.0, 1.6, self.count))
        cents = np.minimum(size * 100, 9e8).astype(np.int64)
        cents = np.where(chance < 0.5, cents // 100 * 100, cents)
        cents = np.where(chance < GAPS, 0, cents)
        if indicator.signed:
            cents = np.where(chance > 0.93, -cents, cents)
        return cents * (SCALE // 100)

    def _items(self, item: str) -> list[Item]:
        return [one for book in self._books if book.score for one in book.score.items() if one.id == item]

    def _scored(self, key: str) -> float:
        """How often experts scored an item: often where the points are theirs, hardly where figures choose the band."""
        theirs = all(one.measure is None and not one.by_conditions for one in self._items(key[len(EXPERT) :]))
        return 0.6 if theirs else 0.002

    def _expert(self, item: str) -> Whole:
        bands = [band for one in self._items(item) for band in one.bands]
        least, most = (
            min((int(band.low) for band in bands), default=0),
            max((int(band.high) for band in bands), default=1),
        )
        return self._random.integers(least, most + 1, self.count) * SCALE

    def _first_years(self) -> Whole:
        """The first year of operating: most long ago, some in each of the last years and a few this very year."""
        years = self._as_of.year - self._random.integers(0, 4, self.count)
        return np.where(self._random.random(self.count) < 0.15, years, self._as_of.year - 9)

    # --- thresholds hit exactly ---------------------------------------------------------------------------------------

    def _some(self) -> npt.NDArray[np.bool_]:
        return self._random.random(self.count) < HITS

    def _hit(self, part: tuple[Any, Sequence[Bound]]) -> None:
        measure, bounds = part
        for bound in bounds:
            if isinstance(measure, criteria.Figure | criteria.Total | Condition):
                keys = measure.keys if isinstance(measure, criteria.Total) else (measure.key,)
                self._hit_figure(keys[0], bound)
            elif isinstance(measure, criteria.Ratio):
                self._hit_ratio(measure, bound)
            elif isinstance(measure, criteria.Growth):
                self._hit_growth(measure, bound)
            elif isinstance(measure, GrowthRate):
                self._hit_rate(measure, bound)
            elif isinstance(measure, OverYears):
                self._hit_years(measure, bound)
            elif isinstance(measure, Multiple | Change):
                self._hit_base(measure, bound)

    def _hit_figure(self, key: str, bound: Bound) -> None:
        indicator = indicator_of(key)
        spot = (key, self._as_of.year - 1 if indicator.by_year else 0)
        if spot in self._numbers:
            step = SCALE if indicator.whole else SCALE // 100
            around = self._random.integers(-1, 2, self.count) * step
            exact = int(bound.exact * SCALE) + around
            if not indicator.signed:
                exact = np.maximum(exact, 0)
            self._numbers[spot] = np.where(self._some(), exact, self._numbers[spot])

    def _hit_ratio(self, measure: criteria.Ratio, bound: Bound) -> None:
        """Set the numerator's last year so that the quotient is the bound, or a cent beside it."""
        last = self._as_of.year - 1
        years = range(last - measure.years + 1, last + 1)
        target = (measure.of[0], last)
        if target not in self._numbers:
            return
        span = np.maximum(np.minimum(last - self._begun + 1, measure.years), 0)
        bottom = self._sum(measure.to, years, span) - self._sum(measure.to_less, years, span)
        others = self._sum(measure.of, years, span) - self._numbers[target]
        over, under = bound.exact.numerator, bound.exact.denominator
        exact = bottom // under * over - others + self._random.integers(-1, 2, self.count) * (SCALE // 100)
        fits = self._some() & (bottom > 0) & (bottom % under == 0) & (exact >= 0)
        self._numbers[target] = np.where(fits, exact, self._numbers[target])

    def _sum(self, keys: Sequence[str], years: Collection[int], span: Whole) -> Whole:
        total = np.zeros(self.count, dtype=np.int64)
        for key in keys:
            for back, year in enumerate(reversed(sorted(years))):
                if (key, year) in self._numbers:
                    total += np.where(back < span, self._numbers[key, year], 0)
        return total

    def _hit_growth(self, measure: criteria.Growth, bound: Bound) -> None:
        """Let the amount grow by the bound each year, exactly; parts that are taken off are added on."""
        last = self._as_of.year - 1
        rate = 100 + int(bound.exact * 100)
        hit = self._some()
        amount = self._random.integers(1, 500, self.count) * 10_000 * (SCALE // 10_000)
        for year in (last - 2, last - 1, last):
            less = sum((self._numbers[key, year] for key in measure.less), np.zeros(self.count, dtype=np.int64))
            spot = (measure.of[0], year)
            self._numbers[spot] = np.where(hit, amount + less, self._numbers[spot])
            amount = amount // 100 * rate

    def _hit_rate(self, measure: GrowthRate, bound: Bound) -> None:
        """Let the amount grow by the bound each year, exactly."""
        last, rate, hit = self._as_of.year - 1, 100 + int(bound.exact * 100), self._some()
        amount = self._random.integers(1, 500, self.count) * SCALE
        for year in range(last - measure.years, last + 1):
            spot = (measure.of[0], year)
            if spot in self._numbers:
                self._numbers[spot] = np.where(hit, amount, self._numbers[spot])
            amount = amount // 100 * rate

    def _hit_years(self, measure: OverYears, bound: Bound) -> None:
        """Set yearly numbers to the bound, or what makes the quotient of the year the bound, or a cent beside it."""
        last = self._as_of.year - (0 if measure.this_year else 1)
        over, under = bound.exact.numerator, bound.exact.denominator
        for year in range(last - measure.years + 1, last + 1):
            spot, beside = (measure.of[0], year), self._random.integers(-1, 2, self.count) * (SCALE // 100)
            if spot not in self._numbers:
                continue
            share = measure.years if measure.how == "sum" else 1
            exact = np.full(self.count, over * SCALE // (under * share))
            if measure.to and (measure.to[0], year) in self._numbers:
                exact = self._sum(measure.to, [year], np.ones(self.count, dtype=np.int64)) // under * over
            self._numbers[spot] = np.where(self._some() & (exact + beside >= 0), exact + beside, self._numbers[spot])

    def _hit_base(self, measure: Multiple | Change, bound: Bound) -> None:
        now, base = (measure.key, self._as_of.year - 1), (measure.key, measure.base_year)
        if now in self._numbers and base in self._numbers:
            held, over, under = self._numbers[base], bound.exact.numerator, bound.exact.denominator
            more = held + over * SCALE // under
            exact = held // under * over if isinstance(measure, Multiple) else more
            self._numbers[now] = np.where(self._some() & (exact >= 0), exact, self._numbers[now])

    # --- what is no number --------------------------------------------------------------------------------------------

    def _told(self, indicator: Indicator, known: npt.NDArray[np.bool_]) -> Column:
        if indicator.kind == "bool":
            return Column(known, np.where(known, self._random.integers(0, 2, self.count), 0))
        if indicator.kind == "year":
            return Column(known, np.where(known, self._begun, 0))
        if indicator.kind == "date":
            return self._dates(indicator, known)
        words = _words(indicator, self._as_of)
        common = self._random.random(self.count) < 0.8  # lists are mostly empty, texts mostly the first option
        place = np.where(common, 0, self._random.integers(0, len(words), self.count))
        return Column(known, np.where(known, place, 0), 0, known, words)

    def _dates(self, indicator: Indicator, known: npt.NDArray[np.bool_]) -> Column:
        today = self._as_of.toordinal()
        days = today - self._random.integers(-400, 1_500, self.count)
        edges = np.array([0, 1, -1, 364, 365, 366, 730, 731, 1095, 1096])
        days = np.where(self._some(), today - edges[self._random.integers(0, len(edges), self.count)], days)
        if indicator.key == "registration_date":
            starts = np.array([date(int(year), 1, 1).toordinal() for year in range(1990, 2101)])
            days = starts[self._begun - 1990] + self._random.integers(0, 365, self.count)
            days = np.where(self._random.random(self.count) < 0.02, today - 365, np.minimum(days, today))
        if indicator.key == "application_date":
            known &= self._random.random(self.count) < 0.05
            days = today - self._random.integers(0, 30, self.count)
        if not indicator.none_allowed:
            return Column(known, np.where(known, days, 0))
        none = known & (self._random.random(self.count) < 0.5)
        return Column(known, np.where(known & ~none, days, 0), 0, none, [(None, [])])


def _words(indicator: Indicator, as_of: date) -> list[tuple[None, Any]]:
    """What may stand there, the commonest first, as facts keep it."""
    if indicator.kind == "dates":
        days = [as_of - timedelta(days=back) for back in (10, 364, 365, 366, 500, 900)]
        return [(None, []), *((None, [day.isoformat()]) for day in days),
                (None, [days[1].isoformat(), days[4].isoformat()])]  # fmt: skip
    if indicator.kind == "records":
        return [(None, []), *((None, [entry]) for entry in _records(indicator, as_of))]
    if indicator.options:
        single = [option.value for option in indicator.options]
        return [(None, [one] if indicator.kind == "list" else one) for one in single]
    if indicator.kind == "code":
        return [(None, code) for code in (INDUSTRIES if indicator.key == "industry_class" else CODES)]
    return (
        [(None, []), (None, ["甲"]), (None, ["甲", "乙"])]
        if indicator.kind == "list"
        else [(None, "某地"), (None, "别处")]
    )


def _records(indicator: Indicator, as_of: date) -> Iterator[dict[str, str]]:
    levels = [level.value for level in indicator.levels] or ["国家级"]
    if any(field.name == "expiry" for field in indicator.fields):
        yield from _honours(levels, as_of)
        return
    days = [(as_of - timedelta(days=back)).isoformat() for back in (100, 1_826, 1_827, 2_500)]
    for level in levels:
        for rank in ("1", "3", "4", "6"):
            for day in (*days, str(as_of.year - 5), str(as_of.year - 2)):
                yield {"level": level, "rank": rank, "date": day}
    yield {"level": levels[0], "date": days[0]}
    yield {"rank": "1", "date": days[0]}


def _honours(levels: Sequence[str], as_of: date) -> Iterator[dict[str, str]]:
    """Honours of every name, level and day on which they end; some of each are not told."""
    days = [as_of - timedelta(days=1), as_of, as_of + timedelta(days=400)]
    ends = [*(day.isoformat() for day in days), *(str(as_of.year + more) for more in (-1, 0, 1)), None]
    for name in HONOURS:
        for level in (*levels, None):
            for end in ends:
                entry = {"name": name, "level": level, "expiry": end}
                yield {key: value for key, value in entry.items() if value is not None}


def _parts(books: Sequence[Rulebook]) -> Iterator[tuple[Any, Sequence[Bound]]]:
    """Every measure of the editions with the bounds it is held against."""
    for book in books:
        for found in _walk([book.clauses, book.score]):
            if isinstance(found, criteria.Compare):
                yield found.measure, found.bounds
            elif isinstance(found, Condition):
                yield found, (found.bound,)
            elif isinstance(found, OnPath):
                target = Fraction(found.share * found.multiple)
                yield Multiple(found.key, found.base_year), (Bound(">=", found.multiple, target),)
            elif isinstance(found, Item) and found.measure is not None:
                yield found.measure, [band.bound for band in found.bands if band.bound is not None]


def _walk(part: Any) -> Iterator[Any]:
    if isinstance(part, tuple | list):
        for one in part:
            yield from _walk(one)
    elif isinstance(part, Band):
        yield from _walk([part.condition, part.test])
    elif is_dataclass(part) and not isinstance(part, type):
        yield part
        for one in fields(part):
            yield from _walk(getattr(part, one.name))


def firms_of(columns: Mapping[Spot, Column], count: int) -> int:
    """How many cells the columns hold for so many firms (one fact each)."""
    return sum(int(column.known[:count].sum()) for column in columns.values())
