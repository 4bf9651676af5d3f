"""What a firm can still do for its score: never another figure for a year that is over (pure).

What has no year (rights, conversions) counts as soon as it is there. A figure of a fiscal year that is over stands: it
is the next one that can become another, and it counts at the next application, which is judged as ``turn`` does, with
each new figure taken for what it was a year before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.core.errors import Invalid
from app.core.rounding import grouped
from app.core.text import Message, tr
from app.eligibility.reach.changes import Change, State, shown
from app.eligibility.reach.points import Climb, climbs
from app.eligibility.reach.probe import Exhausted, Probe
from app.eligibility.reach.turn import carried
from app.facts.catalogue import load_catalogue
from app.facts.sheet import FactSheet, FactValue
from app.rulebooks.schema import Rulebook


@dataclass(frozen=True, slots=True)
class Raise:
    """A change of one figure that lifts the score by ``gain`` points at most; ``is_next`` where it counts only at the
    application after the turn of the year."""

    change: Change
    gain: Decimal
    is_next: bool

    @property
    def text(self) -> Message:
        """The change and what it brings, in one phrase; of a year that is not over beside what stands for the last."""
        change, gain = self.change, grouped(self.gain)
        if not self.is_next or change.old is None:
            return tr("%(what)s，最多多得 %(gain)s 分", what=change.text, gain=gain)
        return tr(
            "%(name)s由上年的 %(old)s变为 %(new)s：下一年度申报时，比与上年持平最多多得 %(gain)s 分",
            name=change.name, old=shown(change.indicator, change.old), new=shown(change.indicator, change.new),
            gain=gain,
        )  # fmt: skip


def raises(
    rulebook: Rulebook, sheet: FactSheet, as_of: date, kind: str, *, today: date, most: int, few: int
) -> list[Raise]:
    """Return the changes that lift the score most, the best first, one an item; those found until ``most`` questions
    were asked."""
    if rulebook.score is None:
        return []
    probe = Probe(rulebook, kind, most)
    found: list[Raise] = []
    try:
        now = climbs(probe, State(sheet, as_of), wanted=lambda fact: not _is_over(fact, today))
        found = [Raise(one.change, one.gain, is_next=False) for one in best(now).values()]
        later = best(_next_year(probe, sheet, as_of, today))
        found += [Raise(one.change, one.gain, is_next=True) for item, one in later.items() if item not in best(now)]
    except Exhausted:
        pass
    return sorted(found, key=lambda one: -one.gain)[:few]


def best(found: list[Climb]) -> dict[str, Climb]:
    """Return the climb of every item that gains most."""
    chosen: dict[str, Climb] = {}
    for one in found:
        if one.item not in chosen or one.gain > chosen[one.item].gain:
            chosen[one.item] = one
    return chosen


def _next_year(probe: Probe, sheet: FactSheet, as_of: date, today: date) -> list[Climb]:
    """Return the climbs by figures of the fiscal year that is not over, at the same day of the year after it; none
    where the edition does not apply any more then."""
    day = date(today.year + 1, as_of.month, min(as_of.day, 28))
    if not probe.rulebook.governs(day, probe.kind):
        return []
    after, places = carried(sheet, day, today)
    if not places:
        return []
    taken = frozenset(places)
    try:
        return climbs(probe, State(after, day).on(day), wanted=lambda fact: (fact.key, fact.year) in taken)
    except Invalid:
        return []


def _is_over(fact: FactValue, today: date) -> bool:
    known = load_catalogue()
    return fact.year is not None and fact.year < today.year and fact.key in known and known.get(fact.key).by_year
