"""What a firm is short of under an edition: demand by demand, every way to close it, every question to ask (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.eligibility.engine import wording
from app.eligibility.engine.finding import Finding, Judgement, Obstacle
from app.eligibility.engine.outcome import Outcome
from app.eligibility.reach import points
from app.eligibility.reach.changes import Change, State
from app.eligibility.reach.levers import Lever, Terms
from app.eligibility.reach.moves import Move, Moves
from app.eligibility.reach.points import Climb
from app.eligibility.reach.probe import Exhausted, Probe, scores_in
from app.eligibility.reach.questions import Question, asked
from app.facts.sheet import FactSheet
from app.rulebooks.criteria import Compare
from app.rulebooks.schema import Clause, Rulebook

MOST_ASKED = 1200
"""How often the judge may be asked for the gap of one firm: a bound on time that is the same on every machine."""
MOST_WAYS = 12
MOST_PARTIAL = 4


@dataclass(frozen=True, slots=True)
class Way:
    """One way to close a demand; ``outcome`` is how the demand comes out then (met, or left to experts or to data).

    ``spoils`` are the labels of demands that hold now and would not hold then. ``is_advised`` says whether the levers
    let a plan ask for it; a way that is not advised is shown for completeness.
    """

    text: str
    move: Move
    outcome: Outcome
    terms: tuple[Terms, ...]
    is_advised: bool
    spoils: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DemandGap:
    """One demand that is not met: its clauses, the ways to close it, the questions to ask, the climbs of its score."""

    obstacle: Obstacle
    clauses: tuple[Clause, ...]
    findings: tuple[Finding, ...]
    ways: tuple[Way, ...]
    questions: tuple[Question, ...]
    climbs: tuple[Climb, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Everything a firm is short of on a day; ``is_whole`` is False when the search had to stop early."""

    judgement: Judgement
    demands: tuple[DemandGap, ...]
    is_whole: bool

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions, each figure once."""
        return tuple({(one.key, one.year): one for gap in self.demands for one in gap.questions}.values())


def gap(
    rulebook: Rulebook,
    sheet: FactSheet,
    as_of: date,
    kind: str = "new",
    *,
    levers: Mapping[str, Lever],
    today: date,
    most: int = MOST_ASKED,
) -> Gap:
    """Return what is short. Raises Invalid as ``evaluate`` does for figures that are impossible."""
    probe = Probe(rulebook, kind, most)
    state = State(sheet, as_of)
    judgement = probe.judge(state)
    finder = _Finder(Moves(probe, levers, today), state, judgement)
    demands: list[DemandGap] = []
    for obstacle in judgement.obstacles:
        demands.append(finder.demand(obstacle))
    return Gap(judgement, tuple(demands), not finder.stopped)


@dataclass
class _Finder:
    moves: Moves
    state: State
    judgement: Judgement
    stopped: bool = False

    def demand(self, obstacle: Obstacle) -> DemandGap:
        """Return one demand with what closes it."""
        rulebook = self.moves.probe.rulebook
        clauses = tuple(rulebook.clause(clause_id) for clause_id in obstacle.clauses)
        findings = tuple(self.judgement.finding(clause_id) for clause_id in obstacle.clauses)
        ways: list[Way] = []
        questions: tuple[Question, ...] = ()
        found: list[Climb] = []
        try:
            questions = asked(self.moves.probe, self.state, clauses, findings)
            if obstacle.outcome is Outcome.UNMET:
                for way in self._ways(obstacle):
                    if way.text not in {one.text for one in ways} and len(ways) < MOST_WAYS:
                        ways.append(way)
            if obstacle.outcome in (Outcome.UNMET, Outcome.NEEDS_REVIEW):
                found = self._climbs(clauses)
        except Exhausted:
            self.stopped = True
        ways = [way for way in ways if not any(_is_farther(way, other) for other in ways)]
        ways.sort(key=lambda way: (not way.is_advised, way.outcome is not Outcome.MET))
        return DemandGap(obstacle, clauses, findings, tuple(ways), questions, tuple(found))

    # --- ways --------------------------------------------------------------------------------------------------------

    def _ways(self, obstacle: Obstacle) -> Iterator[Way]:
        nearer: list[Change] = []
        partial: list[tuple[Move, State, Judgement, Obstacle]] = []
        found = False
        for move in self.moves.of(self.state, obstacle, self.judgement):
            if move.leaves_band and any(_is_on_the_way(one, move.changes[0]) for one in nearer):
                continue
            after = move.made(self.state)
            then = self.moves.probe.judge(after)
            left = _obstacle(then, obstacle.requirement)
            if left is None or left.outcome is not Outcome.UNMET:
                nearer += move.changes if len(move.changes) == 1 else ()
                found = True
                yield self._way(move, then, left)
            elif move.leaves_band:
                yield from self._with_another(move, after, then, left)
            elif move.changes:
                partial.append((move, after, then, left))
        for first, after, then, left in partial[:MOST_PARTIAL] if not found else ():
            yield from self._with_another(first, after, then, left)

    def _with_another(self, first: Move, after: State, then: Judgement, left: Obstacle) -> Iterator[Way]:
        """Yield the second changes that close a demand once a first one has led into another band, or met a part."""
        for second in self.moves.of(after, left, then):
            if second.leaves_band or second.wait_until is not None or _same_figure(first, second):
                continue
            changes = (*first.changes, *second.changes)
            if not first.leaves_band:
                changes = tuple(sorted(changes, key=lambda one: one.text))  # the same two in another order are one way
            both = Move(second.clause, changes, leaves_band=first.leaves_band)
            judged = self.moves.probe.judge(both.made(self.state))
            left_then = _obstacle(judged, left.requirement)
            if left_then is None or left_then.outcome is not Outcome.UNMET:
                yield self._way(both, judged, left_then)

    def _way(self, move: Move, then: Judgement, left: Obstacle | None) -> Way:
        held = {one.requirement for one in self.judgement.obstacles}
        spoils = tuple(one.label for one in then.obstacles if one.requirement not in held)
        if move.wait_until is not None:
            spoils = ()  # figures of later years are not known yet: that is no harm done
        terms = tuple(self.moves.terms(change) for change in move.changes)
        allowed = all(self.moves.is_allowed(change) for change in move.changes)
        outcome = Outcome.MET if left is None else left.outcome
        return Way(told(move, self.moves.probe.rulebook), move, outcome, terms, allowed, spoils)

    def _climbs(self, clauses: Sequence[Clause]) -> list[Climb]:
        parts = {part for clause in clauses if clause.test is not None for part in scores_in(clause.test)}
        part = points.TOTAL if points.TOTAL in parts or len(parts) > 1 else next(iter(parts), "")
        return points.climbs(self.moves.probe, self.state, part) if part else []


def told(move: Move, rulebook: Rulebook) -> str:
    """Return a move in one phrase."""
    if move.wait_until is not None:
        return f"等到 {wording.day(move.wait_until)}，届时自然符合"
    phrases = [change.text for change in move.changes]
    if move.leaves_band:
        head = f"{phrases[0]}，即转入另一档"
        bar = _bar_of(rulebook, move)
        return f"{head}{bar}，再将{'、'.join(phrases[1:])}" if phrases[1:] else f"{head}，届时即符合"
    return "，同时".join(phrases)


def _bar_of(rulebook: Rulebook, move: Move) -> str:
    clause = rulebook.clause(move.clause)
    if not isinstance(clause.test, Compare) or len(move.changes) == 1:
        return ""
    unit = "比例" if clause.unit == "比例" else ""
    return f"（该档要求{wording.demand(clause.test.bounds[0], unit)}）"


def _obstacle(judgement: Judgement, requirement: str) -> Obstacle | None:
    return next((one for one in judgement.obstacles if one.requirement == requirement), None)


def _is_farther(way: Way, other: Way) -> bool:
    """Tell whether another way moves the same single figure the same way, and less far."""
    if len(way.move.changes) != 1 or len(other.move.changes) != 1 or way is other:
        return False
    mine, its = way.move.changes[0], other.move.changes[0]
    return mine.amount is not None and mine.amount != its.amount and _is_on_the_way(its, mine)


def _is_on_the_way(first: Change, farther: Change) -> bool:
    """Tell whether a change closes the demand before the same figure has come as far as another change takes it."""
    return (first.key, first.year, first.is_up) == (farther.key, farther.year, farther.is_up) and (
        abs(first.amount or Decimal(0)) <= abs(farther.amount or Decimal(0))
    )


def _same_figure(first: Move, second: Move) -> bool:
    keys = {(change.key, change.year) for change in first.changes}
    return any((change.key, change.year) in keys for change in second.changes)
