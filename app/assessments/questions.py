"""The questions of a form: the figures that its edition looks at, found by asking the judge (pure).

Nothing is written by hand: an edition's questions are what its judgement of this firm used and what it missed. What a
known answer makes unnecessary (a year before the firm began, a route that is not taken) is not asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from app.assessments.places import Place
from app.assessments.sections import OF_GROUP, SECTIONS, Section
from app.eligibility.engine.finding import Finding, ItemScore, Judgement
from app.facts.catalogue import Indicator, load_catalogue
from app.rulebooks import queries as rulebooks
from app.rulebooks.schema import Rulebook

CONDUCT = "信用与合规"
NEVER_ASKED = frozenset({"application_date"})
LOOKED_AT = ("rule",)
"""Kinds of clauses that decide nothing and are asked for all the same: how figures are counted, scenes of a
questionnaire."""


@dataclass(frozen=True, slots=True)
class Question:
    """A figure to be answered. ``clauses`` are the ids of those that look at it.

    A declaration is what a firm says of its conduct: it is never filled in beforehand. ``period`` is the time it is
    made for, as the clauses say it; empty for all other questions and where no clause does.
    """

    place: Place
    indicator: Indicator
    section: Section
    clauses: tuple[str, ...]
    is_declaration: bool
    period: str = ""

    @property
    def key(self) -> str:
        return self.place.key

    @property
    def year(self) -> int | None:
        return self.place.year

    @property
    def name(self) -> str:
        """The figure as a person calls it."""
        return self.indicator.short if self.year is None else f"{self.year} 年{self.indicator.short}"


def judged_on(rulebook: Rulebook, year: int, today: date) -> date:
    """Return the day for which figures of a fiscal year are judged: today while that year is the last one, else the
    end of the year after it; within the time in which the edition is in force, where that is in the same year."""
    day = today if today.year == year + 1 else date(year + 1, 12, 31)
    for edge in (rulebook.effective_to, rulebook.effective_from):
        if edge is not None and not rulebook.in_force(day) and edge.year == year + 1:
            day = edge
    return day


def questions(rulebook: Rulebook, judgement: Judgement) -> tuple[Question, ...]:
    """Return the questions that a judgement of the firm's figures leads to, by section and in the catalogue's order."""
    asked: dict[Place, list[str]] = {}
    for clause, place in _places(judgement):
        clauses = asked.setdefault(place, [])
        if clause not in clauses:
            clauses.append(clause)
    declared, known = declarations(rulebook), load_catalogue()
    order = {indicator.key: number for number, indicator in enumerate(known)}
    rank = {section.code: number for number, section in enumerate(SECTIONS)}
    found = [
        _question(place, tuple(clauses), rulebook if place.key in declared else None)
        for place, clauses in asked.items()
        if place.key in known and place.key not in NEVER_ASKED
    ]
    return tuple(sorted(found, key=lambda one: (rank[one.section.code], order[one.key], one.year or 0)))


def _question(place: Place, clauses: tuple[str, ...], declared_by: Rulebook | None) -> Question:
    """Return the question of a place; ``declared_by`` is the edition for which it is declared, None where it is not."""
    indicator = load_catalogue().get(place.key)
    period = _period(declared_by, clauses) if declared_by is not None else ""
    return Question(place, indicator, OF_GROUP[indicator.group], clauses, declared_by is not None, period)


def _period(rulebook: Rulebook, clauses: Collection[str]) -> str:
    """Return the time that a declaration is made for, with the articles that say so: 申请前 365 天（第十一条）."""
    told: dict[str, None] = {}
    for one in rulebook.clauses:
        if one.id in clauses and one.period:
            exact = one.boundary if one.period in one.boundary else one.period
            told[f"{exact}（{one.article}）" if one.article else exact] = None
    return "；".join(told)


def declarations(rulebook: Rulebook) -> frozenset[str]:
    """Return the keys of what a firm declares of itself: its conduct, and what vetoes ask with yes or no or by days."""
    vetoed = rulebooks.keys_of_clauses([clause for clause in rulebook.clauses if clause.kind == "veto"])
    return frozenset(
        one.key
        for one in load_catalogue()
        if one.group == CONDUCT or (one.key in vetoed and one.kind in ("bool", "dates"))
    )


def _places(judgement: Judgement) -> Iterator[tuple[str, Place]]:
    """Yield every place that was looked at or missed, with the clause (or the item of the score) that did."""
    for found in judgement.findings:
        if found.decides or found.kind in LOOKED_AT:
            yield from ((found.clause, place) for place in _figures(found))
    if judgement.score is not None:
        for group in judgement.score.groups:
            for item in group.items:
                yield from ((item.id, place) for place in _figures(item))


def _figures(looked: Finding | ItemScore) -> Iterator[Place]:
    """Yield the places of what was used and of what was missed."""
    yield from (Place(one.key, one.year) for one in looked.used)
    yield from (Place(one.key, one.year) for one in looked.missing)
