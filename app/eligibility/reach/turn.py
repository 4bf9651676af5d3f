"""Past the turn of the year: the last fiscal year is another one then, and its figures are new facts (pure).

Nobody has them yet. What is said about them is a calculation that takes each for what it was a year before, and is
called so; figures of a year that is over are never taken over, for those can be asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.eligibility.engine.finding import Judgement, Place
from app.eligibility.engine.outcome import Decision, Outcome
from app.eligibility.reach.changes import FigurePlace
from app.eligibility.reach.probe import judged
from app.facts.catalogue import load_catalogue
from app.facts.sheet import FactSheet, FactValue
from app.rulebooks.schema import Rulebook

CARRIED = "沿用测算"


@dataclass(frozen=True, slots=True)
class Turn:
    """What the turn of the year does to a plan: ``year`` is the last fiscal year by then, ``needed`` its figures that
    the edition asks for, ``then`` how the firm comes out if each of them is what it was a year before."""

    year: int
    needed: tuple[Place, ...]
    then: Judgement

    @property
    def spoken(self) -> str:
        """The whole in one sentence."""
        asked = f"本版规则要用其中 {len(self.needed)} 项，" if self.needed else ""
        return (
            f"完成时最近一个会计年度变为 {self.year} 年，该年数据是新的事实，现在还没有核定，{asked}"
            f"须在取得后重新判定；假如各项与上一年（改变后）相同，则{_SAID[self.then.decision]}{_standing(self.then)}。"
        )


_SAID = {
    Decision.ELIGIBLE: "各项条件均符合",
    Decision.INELIGIBLE: "仍有条款不符合",
    Decision.UNDETERMINED: "仍缺资料",
    Decision.NEEDS_REVIEW: "还须由专家或人工判定",
}


def _standing(then: Judgement) -> str:
    wanted = Outcome.UNMET if then.decision is Decision.INELIGIBLE else Outcome.UNKNOWN
    labels = [one.label for one in then.obstacles if one.outcome is wanted]
    return f"（{'；'.join(labels)}）" if labels else ""


def carried(sheet: FactSheet, as_of: date, today: date) -> tuple[FactSheet, tuple[FigurePlace, ...]]:
    """Return the sheet with the figures of fiscal years that are not over yet taken over from the year before, and
    which these are. Nothing is taken over while the last fiscal year before ``as_of`` is over."""
    made: list[FactValue] = []
    for year in range(today.year, as_of.year):
        found = list(_taken_over(sheet, year))
        sheet = sheet.changed(found)
        made += found
    return sheet, tuple((one.key, one.year) for one in made)


def _taken_over(sheet: FactSheet, year: int) -> Iterator[FactValue]:
    known = load_catalogue()
    for fact in sheet.facts():
        plain = fact.year == year - 1 and fact.key in known and known.get(fact.key).by_year
        if plain and sheet.get(fact.key, year) is None:
            yield FactValue(fact.key, year, fact.value, None, CARRIED)


def turn(rulebook: Rulebook, sheet: FactSheet, ready_on: date, kind: str, today: date) -> Turn:
    """Return what the turn of the year does to a plan after which the figures are those of ``sheet``.

    Raises Invalid as ``evaluate`` does.
    """
    then = judged(rulebook, sheet, ready_on, kind)
    places = (place for found in then.findings if found.decides for place in found.missing)
    needed = tuple(dict.fromkeys(place for place in places if place.year == ready_on.year - 1))
    after, _places = carried(sheet, ready_on, today)
    return Turn(ready_on.year - 1, needed, judged(rulebook, after, ready_on, kind))
