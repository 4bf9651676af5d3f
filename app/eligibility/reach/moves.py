"""From one demand that stands in the way to the moves that could close it (pure).

A move is one or several changes of figures, or waiting for a day. Whether it closes the demand is asked of the judge
afterwards, with the whole edition: bands, exemptions and routes are his business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from app.eligibility.engine.finding import Judgement, Obstacle
from app.eligibility.engine.outcome import Outcome
from app.eligibility.reach import points
from app.eligibility.reach.changes import Change, State
from app.eligibility.reach.closing import Leaf, closings, day_met, leaves
from app.eligibility.reach.levers import Lever, Terms, lever_of
from app.eligibility.reach.points import Climb
from app.eligibility.reach.probe import Probe, asks_score
from app.rulebooks.criteria import Compare, Score, Test
from app.rulebooks.schema import Clause

IMPOSSIBLE = Fraction(10**6)
"""What a change costs that no plan may ask for: dearer than any other, so that it is chosen last and can be told."""


@dataclass(frozen=True, slots=True)
class Move:
    """Changes that go together, or a day to wait for, in the interest of one clause."""

    clause: str
    changes: tuple[Change, ...] = ()
    wait_until: date | None = None
    leaves_band: bool = False

    def made(self, state: State) -> State:
        """Return the state after the move."""
        after = state.on(self.wait_until) if self.wait_until is not None else state
        return after.with_changes(*self.changes) if self.changes else after


@dataclass
class Moves:
    """Finds moves for one firm and edition; what was found for the same figures is not looked for again."""

    probe: Probe
    levers: Mapping[str, Lever]
    today: date
    _kept: dict[tuple[object, ...], list[tuple[Change | None, date | None]]] = field(default_factory=dict)

    def terms(self, change: Change) -> Terms:
        """Return how the figure of a change can be changed."""
        return lever_of(self.levers, change.key).terms(change.year, self.today)

    def is_allowed(self, change: Change) -> bool:
        """Tell whether a plan may ask for a change."""
        return self.terms(change).allows(change.is_up)

    def cost(self, change: Change) -> Fraction:
        """Return the effort of a change: the figure's effort, times how large the change is."""
        if not self.is_allowed(change):
            return IMPOSSIBLE
        return Fraction(self.terms(change).lever.effort * change.size)

    def of(self, state: State, obstacle: Obstacle, judgement: Judgement) -> Iterator[Move]:
        """Yield the moves for a demand that is not met, clause by clause in the order of the edition."""
        named = set(obstacle.clauses)
        for clause_id in obstacle.clauses:
            named |= set(getattr(self.probe.rulebook.clause(clause_id), "exempt_by", ()))
        for clause in self.probe.rulebook.clauses:
            if clause.id in named and judgement.finding(clause.id).outcome is Outcome.UNMET:
                yield from self._of_clause(state, clause)

    def _of_clause(self, state: State, clause: Clause) -> Iterator[Move]:
        if clause.test is None:
            return
        for leaf in leaves(self.probe, state, clause.test):
            if asks_score(leaf.test):
                yield from self._of_score(state, clause, leaf)
            else:
                yield from self._of_leaf(state, clause, leaf)
        if clause.applies_when is not None:
            for leaf in self._bands(state, clause.applies_when):
                for change, _day in self._closings(state, leaf):
                    if change is not None:
                        yield Move(clause.id, (change,), leaves_band=True)

    def _of_leaf(self, state: State, clause: Clause, leaf: Leaf) -> Iterator[Move]:
        for change, day in self._closings(state, leaf):
            yield Move(clause.id, (change,) if change is not None else (), day)

    def _closings(self, state: State, leaf: Leaf) -> list[tuple[Change | None, date | None]]:
        figures = tuple((fact.key, fact.year, str(fact.value)) for fact in leaf.check.used)
        key = (id(leaf.test), leaf.wanted, state.day, figures)
        if key not in self._kept:
            found: list[tuple[Change | None, date | None]] = [
                (change, None) for change in closings(self.probe, state, leaf)
            ]
            day = day_met(self.probe, state, leaf)
            self._kept[key] = found if day is None else [*found, (None, day)]
        return self._kept[key]

    def _bands(self, state: State, condition: Test) -> Iterator[Leaf]:
        """Yield what keeps a clause applicable, bound by bound: to leave its band is enough on one side."""
        tests: list[Test] = [condition]
        if isinstance(condition, Compare):
            tests = [Compare(condition.measure, (bound,)) for bound in condition.bounds]
        for test in tests:
            yield from leaves(self.probe, state, self._same(test), Outcome.UNMET)

    def _same(self, test: Test) -> Test:
        """Return the one object for equal tests made here, since what was found is kept under it."""
        for kept in self._made:
            if kept == test:
                return kept
        self._made.append(test)
        return test

    _made: list[Test] = field(default_factory=list)

    # --- scores ------------------------------------------------------------------------------------------------------

    def _of_score(self, state: State, clause: Clause, leaf: Leaf) -> Iterator[Move]:
        """Yield the least costly climbs that together leave the outcome to the experts at least."""
        test = leaf.test
        score = self.probe.judge(state).score
        if not isinstance(test, Compare) or not isinstance(test.measure, Score) or score is None:
            return
        found = [one for one in points.climbs(self.probe, state, test.measure.part) if self.is_allowed(one.change)]
        table = self.probe.rulebook.score
        whole = table is not None and table.whole
        needed = points.short_by(score, test.measure, test.bounds[0], whole=whole)
        for extra in range(4):
            chosen = points.cheapest(found, needed + extra, self._price)
            if chosen is None:
                return
            move = Move(clause.id, tuple(one.change for one in chosen))
            if self.probe.check(move.made(state), test).outcome is not Outcome.UNMET:
                yield move
                return

    def _price(self, climb: Climb) -> Fraction:
        return self.cost(climb.change)
