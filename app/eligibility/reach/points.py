"""What it takes to climb into a better band of the score, and the least costly climbs that reach a total (pure).

Figures choose the band and experts the point inside it: what a climb can win is the highest point of the new band.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache

from app.core.errors import Invalid
from app.eligibility.engine.finding import ItemScore, ScoreResult
from app.eligibility.engine.score import item_score
from app.eligibility.engine.setting import Setting
from app.eligibility.reach.changes import ASSUMED, Change, State, step_of
from app.eligibility.reach.least import FARTHEST, least
from app.eligibility.reach.probe import Probe
from app.facts.catalogue import load_catalogue
from app.facts.sheet import EXPERT, FactSheet, FactValue
from app.facts.values import Value
from app.rulebooks.criteria import Bound, Score
from app.rulebooks.schema import Band, Group, Item

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Climb:
    """One change of one figure lifts an item into a better band: ``low`` to ``high`` points there, ``gain`` more than
    the item can get now. ``group`` and ``item`` are ids of the score table."""

    group: str
    item: str
    name: str
    band: str
    change: Change
    low: Decimal
    high: Decimal
    gain: Decimal


Wanted = Callable[[FactValue], bool]


def climbs(probe: Probe, state: State, part: str = TOTAL, wanted: Wanted = lambda _fact: True) -> list[Climb]:
    """Return the climbs of a score, or of one group of it: for every figure that is ``wanted`` the nearest change into
    each band above."""
    table = probe.rulebook.score
    if table is None:
        return []
    result = probe.judge(state).score
    assert result is not None
    found: list[Climb] = []
    for group, scored_group in zip(table.groups, result.groups, strict=True):
        if part in (TOTAL, group.id):
            for item, now in zip(group.items, scored_group.items, strict=True):
                found += _of_item(probe, state, group, item, now, wanted)
    return found


def _of_item(probe: Probe, state: State, group: Group, item: Item, now: ItemScore, wanted: Wanted) -> Iterator[Climb]:
    if now.missing or now.high >= item.max:
        return
    setting = probe.setting(state)
    unseen = state.sheet.changed(without=[(f"{EXPERT}{item.id}", None)])
    asked = _Asked(probe, unseen, setting, group, item, now)
    for used in now.used:
        fact = None if used.key.startswith(EXPERT) else setting.sheet.get(used.key, used.year)
        if fact is None or fact.year != _latest(now, used.key) or not wanted(fact):
            continue
        if isinstance(fact.value, Decimal):
            yield from _of_number(asked, fact, 1)
            yield from _of_number(asked, fact, -1)
        elif isinstance(fact.value, bool):
            yield from _of_answers(asked, fact, [not fact.value])
        elif isinstance(fact.value, str):
            options = [option.value for option in load_catalogue().get(fact.key).options]
            here = options.index(fact.value) if fact.value in options else -1
            yield from _of_answers(asked, fact, options[here + 1 :])


def _latest(now: ItemScore, key: str) -> int | None:
    years = [one.year for one in now.used if one.key == key and one.year is not None]
    return max(years) if years else None


@dataclass(frozen=True, slots=True)
class _Asked:
    """``unseen`` are the figures without the experts' point of this item: they have not seen a new figure."""

    probe: Probe
    unseen: FactSheet
    setting: Setting
    group: Group
    item: Item
    now: ItemScore

    def at(self, change: Change) -> ItemScore | None:
        """Return the item after a change, without the experts' old point."""
        table = self.probe.rulebook.score
        assert table is not None
        self.probe.count()
        sheet = self.unseen.changed([FactValue(change.key, change.year, change.new, None, ASSUMED)])
        setting = replace(self.setting, sheet=sheet, score=None)
        try:
            return item_score(setting, table, self.group, self.item)
        except Invalid:
            return None

    def climbed(self, change: Change) -> Iterator[Climb]:
        """Yield the climb that a change is, if the item can get more by it."""
        after = self.at(change)
        if after is not None and after.high > self.now.high and not after.missing:
            gain = after.high - self.now.high
            yield Climb(self.group.id, self.item.id, self.item.name, after.band, change, after.low, after.high, gain)


def _of_answers(asked: _Asked, fact: FactValue, answers: Sequence[Value]) -> Iterator[Climb]:
    for answer in answers:
        yield from asked.climbed(Change(fact.key, fact.year, fact.value, answer))


def _of_number(asked: _Asked, fact: FactValue, sign: int) -> Iterator[Climb]:
    assert isinstance(fact.value, Decimal)
    indicator = load_catalogue().get(fact.key)
    step, present = step_of(indicator, fact.value), fact.value
    most = FARTHEST if sign > 0 else int(present / step) if not indicator.signed else FARTHEST
    highest = asked.now.high if asked.now.open != "" or not asked.now.band else _band_high(asked)

    def change(n: int) -> Change:
        return Change(fact.key, fact.year, fact.value, present + sign * n * step)

    @cache
    def points(n: int) -> Decimal:
        after = asked.at(change(n))
        return Decimal(-1) if after is None or after.missing or after.open == "review" else after.high

    if most < 1 or (most < FARTHEST and points(most) <= highest):
        return
    at_least = 0
    for wanted in _better(asked.item.bands, highest):
        steps = least(_reaches(points, wanted), most) if at_least == 0 else _beyond(points, wanted, at_least, most)
        if steps is None:
            return
        at_least = steps
        yield from asked.climbed(change(steps))


def _reaches(points: Callable[[int], Decimal], wanted: Decimal) -> Callable[[int], bool]:
    return lambda n: points(n) >= wanted


def _beyond(points: Callable[[int], Decimal], wanted: Decimal, start: int, most: int) -> int | None:
    """Return the least number of steps from ``start`` on: the band before was reached there."""
    if points(start) >= wanted:
        return None
    guesses = (start // 2, start, start * 2)  # bands lie about as far apart as the first is away
    more = least(lambda n: points(start + n) >= wanted, most - start, guesses)
    return None if more is None else start + more


def _band_high(asked: _Asked) -> Decimal:
    """Return the best point of the band an item is in, where experts have settled on a lower one."""
    return next((band.high for band in asked.item.bands if band.label == asked.now.band), asked.now.high)


def _better(bands: Sequence[Band], highest: Decimal) -> list[Decimal]:
    return sorted({band.high for band in bands if band.high > highest})


# --- enough of them --------------------------------------------------------------------------------------------------


def short_by(score: ScoreResult, measure: Score, bound: Bound, *, whole: bool) -> Decimal:
    """Return how many points the highest possible score lacks (0 or less: it can pass)."""
    if measure.part == TOTAL:
        high = score.high
    else:
        high = next(group.high for group in score.groups if group.id == measure.part)
    needed = bound.value - high
    if bound.operator == ">" and needed >= 0:
        needed += Decimal(1) if whole else Decimal("0.01")
    return needed


def cheapest(found: Sequence[Climb], needed: Decimal, cost: Callable[[Climb], Fraction]) -> tuple[Climb, ...] | None:
    """Return the least costly climbs, at most one an item, that together gain as much; None when all do not suffice.

    Limits of groups are not looked at here: the judge is asked afterwards.
    """
    best: dict[Decimal, tuple[Fraction, tuple[Climb, ...]]] = {Decimal(0): (Fraction(0), ())}
    for item in dict.fromkeys(one.item for one in found):
        options = [one for one in found if one.item == item]
        for gained, (paid, chosen) in list(best.items()):
            for one in options:
                total, price = min(gained + one.gain, needed), paid + cost(one)
                known = best.get(total)
                if known is None or price < known[0]:
                    best[total] = (price, (*chosen, one))
    reached = best.get(needed)
    return None if reached is None else reached[1]
