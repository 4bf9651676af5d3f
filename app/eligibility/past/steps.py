"""From one judgement of a firm to another, step by step: figures, then the edition, then the day (pure).

Each step changes one thing and leaves the others, so that what a clause does in it is due to that thing alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.core.choices import Choice
from app.core.errors import Invalid
from app.core.text import N_, Message, tr
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Finding, Judgement, Place, Used, used
from app.facts.sheet import EXPERT, FactSheet, FactValue
from app.rulebooks.schema import Rulebook

Spot = tuple[str, int | None]
MOST_TRIED = 12
"""With more changed figures behind one clause they are named together, not tried one by one."""


class Why(Choice):
    """What made a verdict change."""

    FIGURES = "figures", N_("数据变化")
    EDITION = "edition", N_("规则版本变化")
    DAY = "day", N_("判定日期变化")


@dataclass(frozen=True, slots=True)
class Situation:
    """What a judgement depends on, and nothing else."""

    rulebook: Rulebook
    sheet: FactSheet
    as_of: date
    kind: str

    def judged(self) -> Judgement:
        """Return the judgement. Raises Invalid when a figure is impossible."""
        return evaluate(self.rulebook, until(self.sheet, self.as_of), self.as_of, self.kind)


@dataclass(frozen=True, slots=True)
class Datum:
    """A figure that is not what it was; ``alone`` says that it by itself turns the clause."""

    key: str
    year: int | None
    before: FactValue | None
    after: FactValue | None
    alone: bool = False

    @property
    def label(self) -> str:
        """The figure as it is named to a person."""
        some = self.after or self.before
        return used(some).label if some is not None else Place(self.key, self.year).label


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause that came out otherwise (None: the edition has no such clause), and the figures behind it."""

    clause: str
    article: str
    before: Finding | None
    after: Finding | None
    data: tuple[Datum, ...] = ()

    @property
    def said(self) -> str:
        """The sentence of the clause as it came out in the end."""
        some = self.after or self.before
        assert some is not None
        return some.explanation


@dataclass(frozen=True, slots=True)
class Step:
    """One thing changed: the judgements around it, the clauses that came out otherwise, all figures that differ."""

    why: Why
    before: Judgement
    after: Judgement
    changes: tuple[ClauseChange, ...]
    data: tuple[Datum, ...] = ()

    @property
    def turns(self) -> bool:
        """Whether the verdict itself changed in this step."""
        return self.before.decision is not self.after.decision

    @property
    def told(self) -> Message:
        """What changed, in one sentence."""
        if self.why is Why.EDITION:
            return tr("规则由 %(old)s 换为 %(new)s", old=self.before.edition, new=self.after.edition)
        if self.why is Why.DAY:
            return tr("判定日期由 %(old)s 变为 %(new)s", old=self.before.as_of, new=self.after.as_of)
        return tr("有 %(n)s 项数据变化", n=len(self.data))


def until(sheet: FactSheet, as_of: date) -> FactSheet:
    """Return the sheet without figures of years after the day's."""
    later = [(one.key, one.year) for one in sheet.facts() if one.year is not None and one.year > as_of.year]
    return sheet.changed(without=later) if later else sheet


def differing(before: FactSheet, after: FactSheet, keys: Iterable[str]) -> dict[Spot, Datum]:
    """Return the figures that an edition may look at and whose values differ."""
    asked = frozenset(keys)
    old, new = _values(before, asked), _values(after, asked)
    return {
        spot: Datum(*spot, old.get(spot), new.get(spot))
        for spot in sorted(old.keys() | new.keys(), key=lambda spot: (spot[0], spot[1] or 0))
        if spot not in old or spot not in new or old[spot].value != new[spot].value
    }


def _values(sheet: FactSheet, keys: frozenset[str]) -> dict[Spot, FactValue]:
    return {(one.key, one.year): one for one in sheet.facts() if one.key in keys or one.key.startswith(EXPERT)}


def walk(old: Situation, new: Situation, keys: Mapping[str, Iterable[str]]) -> list[Step]:
    """Return what led from one situation to the other, at most one step of each kind, none without effect.

    ``keys`` are the figures that each edition may look at, by the edition's id. Raises Invalid like ``judged``.
    """
    steps = []
    here, standing = old, old.judged()
    for why, there in _path(old, new):
        judgement = there.judged()
        if why is Why.FIGURES:
            data = differing(until(here.sheet, here.as_of), until(there.sheet, here.as_of), keys[old.rulebook.id])
            changes = _by_figures(here, there, standing, judgement, data)
        else:
            data = {}
            changes = _clauses(standing, judgement)
        if changes or data or standing.decision is not judgement.decision or why is Why.EDITION:
            steps.append(Step(why, standing, judgement, changes, tuple(data.values())))
        here, standing = there, judgement
    return steps


def _path(old: Situation, new: Situation) -> Iterator[tuple[Why, Situation]]:
    here = old
    if old.sheet.digest != new.sheet.digest:
        here = replace(here, sheet=new.sheet)
        yield Why.FIGURES, here
    if old.rulebook.digest != new.rulebook.digest:
        here = replace(here, rulebook=new.rulebook)
        yield Why.EDITION, here
    if old.as_of != new.as_of:
        yield Why.DAY, replace(here, as_of=new.as_of)


def _clauses(before: Judgement, after: Judgement) -> tuple[ClauseChange, ...]:
    old = {one.clause: one for one in before.findings}
    new = {one.clause: one for one in after.findings}
    found = []
    for clause in dict.fromkeys((*old, *new)):
        was, now = old.get(clause), new.get(clause)
        some = now or was
        assert some is not None
        if some.decides and (was is None or now is None or was.outcome is not now.outcome):
            found.append(ClauseChange(clause, some.article, was, now))
    return tuple(found)


def _by_figures(
    here: Situation, there: Situation, before: Judgement, after: Judgement, data: Mapping[Spot, Datum]
) -> tuple[ClauseChange, ...]:
    found = []
    for change in _clauses(before, after):
        assert change.before is not None
        assert change.after is not None
        touched = set(_spots(before, change.before)) | set(_spots(after, change.after))
        behind = [datum for spot, datum in data.items() if spot in touched] or list(data.values())
        if 1 < len(behind) <= MOST_TRIED:
            behind = [replace(one, alone=_turns(here, change, one)) for one in behind]
            behind.sort(key=lambda one: not one.alone)
        found.append(replace(change, data=tuple(behind)))
    return tuple(found)


def _turns(here: Situation, change: ClauseChange, datum: Datum) -> bool:
    """Tell whether this figure alone, all others as they were, brings the clause to where it ended."""
    spot = (datum.key, datum.year)
    sheet = here.sheet.changed([datum.after]) if datum.after is not None else here.sheet.changed(without=[spot])
    assert change.after is not None
    try:
        return replace(here, sheet=sheet).judged().finding(change.clause).outcome is change.after.outcome
    except Invalid:  # among the other figures as they were it is an impossible one
        return False


def _spots(judgement: Judgement, finding: Finding) -> Iterator[Spot]:
    """Return the figures that a clause looked at or missed; those of the whole score for a clause about it."""
    looked: list[Used | Place] = [*finding.used, *finding.missing]
    if finding.kind == "score" and judgement.score is not None:
        looked += judgement.score.missing
        for group in judgement.score.groups:
            looked += group.missing
            for item in group.items:
                looked += [*item.used, *item.missing]
    for one in looked:
        yield one.key, one.year


def causes(steps: Sequence[Step]) -> list[Datum]:
    """Return the figures that turned clauses on the way, each once, those first that turn one alone."""
    found: dict[Spot, Datum] = {}
    for step in steps:
        for change in step.changes:
            for datum in change.data:
                spot = (datum.key, datum.year)
                if spot not in found or datum.alone:
                    found[spot] = datum
    return sorted(found.values(), key=lambda one: not one.alone)
