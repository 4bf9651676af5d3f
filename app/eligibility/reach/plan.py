"""The least costly set of changes after which nothing that a firm can do is missing (pure).

A search by cost: the cheapest set of changes found so far is judged whole; where a demand is still unmet, every
allowed move for the first of them leads on. The first set that stands is the least costly of those formed this way, and
none of its steps can be left out.
What only experts or missing data decide is not planned but said. The number of questions to the judge is bounded, so a
search takes the same course on every machine, and says so when it had to stop.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from app.core.choices import Choice
from app.core.text import N_
from app.eligibility.engine import wording
from app.eligibility.engine.finding import Judgement, Obstacle
from app.eligibility.engine.outcome import Decision, Outcome
from app.eligibility.reach.changes import Change, FigurePlace, State
from app.eligibility.reach.levers import Lever, Means, Terms, Who
from app.eligibility.reach.moves import Move, Moves
from app.eligibility.reach.probe import Exhausted, Probe, asks_score
from app.eligibility.reach.turn import Turn, turn
from app.facts.sheet import FactSheet
from app.rulebooks.schema import Rulebook

MOST_ASKED = 1500
MONTH = 30


class Found(Choice):
    """What came of the search."""

    NOTHING_SHORT = "nothing_short", N_("没有要改变的")
    PLAN = "plan", N_("找到了做法")
    NONE = "none", N_("没有找到做法")
    STOPPED = "stopped", N_("没有搜完")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: a change with its terms, or a day to wait for. ``clauses`` are those it serves.

    ``effort`` is what it adds to the cost of the plan, ``due`` the first day on which it can be done.
    """

    change: Change | None
    wait_until: date | None
    terms: Terms | None
    clauses: tuple[str, ...]
    effort: int
    due: date

    @property
    def text(self) -> str:
        """The step in one phrase."""
        if self.change is None:
            assert self.wait_until is not None
            return f"等到 {wording.day(self.wait_until)}再申报"
        return self.change.text

    @property
    def is_correction(self) -> bool:
        """Whether only a correction of data is left, for which there must be a reason in the books."""
        return self.terms is not None and self.terms.means is Means.CORRECT

    @property
    def who(self) -> Who:
        """Who has to act."""
        return Who.NOBODY if self.terms is None else self.terms.lever.who


@dataclass(frozen=True, slots=True)
class Plan:
    """What came of the search: ``ready_on`` is the day on which the last step can be done, ``then`` the judgement after
    all of them, ``effort`` their cost together, ``stuck`` the demands that nothing allowed closes, ``turn`` what the
    turn of the year changes where the plan is ready after it, ``spoken`` the whole in sentences."""

    found: Found
    steps: tuple[Step, ...]
    ready_on: date
    effort: int
    then: Judgement
    in_time: bool
    stuck: tuple[str, ...] = ()
    turn: Turn | None = None
    spoken: tuple[str, ...] = ()

    @property
    def is_plan(self) -> bool:
        """Whether there is something to agree on."""
        return self.found is Found.PLAN


def plan(
    rulebook: Rulebook,
    sheet: FactSheet,
    as_of: date,
    kind: str = "new",
    *,
    levers: Mapping[str, Lever],
    today: date,
    until: date | None = None,
    most: int = MOST_ASKED,
) -> Plan:
    """Return the least costly plan; with ``until`` (the end of a window) one that is ready by then, where there is one.

    Raises Invalid as ``evaluate`` does.
    """
    search = _Search(Moves(Probe(rulebook, kind, most), levers, today), State(sheet, as_of), today)
    if until is not None:
        found = search.run(until)
        if found.found is not Found.NONE:
            return found
    return search.run(None, until)


@dataclass(order=True, frozen=True, slots=True)
class _Tried:
    """A set of changes in the queue: cheapest first, then the fewest, then in a fixed order."""

    cost: Fraction
    number: int
    order: tuple[str, ...]


@dataclass
class _Search:
    moves: Moves
    start: State
    today: date

    def run(self, until: date | None, wanted: date | None = None) -> Plan:
        """Search with a day by which all must be ready, or without; ``wanted`` is the window that was missed then."""
        first = self.moves.probe.judge(self.start)
        open_ones = {one.requirement for one in first.obstacles if one.outcome is not Outcome.UNMET}
        if not _unmet(first):
            return self._told(Found.NOTHING_SHORT, self.start, {}, first, until or wanted)
        queue: list[tuple[_Tried, State, dict[FigurePlace, tuple[str, ...]]]] = [
            (_Tried(Fraction(0), 0, ()), self.start, {})
        ]
        seen = {self.start.identity}
        found = Found.NONE
        try:
            while queue:
                _tried, state, served = heapq.heappop(queue)
                judgement = self.moves.probe.judge(state)
                unmet = _unmet(judgement)
                if not unmet:
                    if not self._stands(judgement, open_ones):
                        continue
                    state = self._lean(state, open_ones)
                    return self._told(Found.PLAN, state, served, self.moves.probe.judge(state), until or wanted)
                for move in self.moves.of(state, unmet[0], judgement):
                    after = move.made(state)
                    if after.identity not in seen and self._may(move, until):
                        seen.add(after.identity)
                        heapq.heappush(queue, (self._tried(after), after, _served(served, move)))
        except Exhausted:
            found = Found.STOPPED
        return self._told(found, self.start, {}, first, until or wanted)

    def _stands(self, judgement: Judgement, open_ones: set[str]) -> bool:
        """Tell whether nothing is unmet and nothing new is left to a person: a plan that makes figures contradict each
        other is none. A score is the experts' anyhow, and what waits for data is said, not planned."""
        for one in judgement.obstacles:
            if one.outcome is Outcome.UNMET:
                return False
            if one.outcome is Outcome.NEEDS_REVIEW and one.requirement not in open_ones:
                tests = [self.moves.probe.rulebook.clause(clause).test for clause in one.clauses]
                if not any(test is not None and asks_score(test) for test in tests):
                    return False
        return True

    def _lean(self, state: State, open_ones: set[str]) -> State:
        """Return the state without the changes that a later one has made needless, the dearest left out first."""
        for change in sorted(state.changes.values(), key=lambda one: (-self.moves.cost(one), one.text)):
            fewer = self.start.on(state.day).with_changes(*(one for one in state.changes.values() if one is not change))
            if self._stands(self.moves.probe.judge(fewer), open_ones):
                return self._lean(fewer, open_ones)
        return state

    def _may(self, move: Move, until: date | None) -> bool:
        if not all(self.moves.is_allowed(change) for change in move.changes):
            return False
        return until is None or self._ready(move.changes, move.wait_until) <= until

    def _ready(self, changes: Sequence[Change], wait_until: date | None) -> date:
        days = max((self.moves.terms(change).lead_days for change in changes), default=0)
        ready = self.today + timedelta(days=days)
        return ready if wait_until is None else max(ready, wait_until)

    def _tried(self, state: State) -> _Tried:
        changes = state.changes.values()
        cost = sum((self.moves.cost(change) for change in changes), Fraction(self._waiting(state)))
        order = tuple(sorted(f"{change.key}[{change.year}]={change.new}" for change in changes))
        return _Tried(cost, len(state.changes) + (state.day > self.start.day), order)

    def _waiting(self, state: State) -> int:
        """Waiting costs one for every month begun: less than work, but not nothing."""
        return -(-(state.day - self.start.day).days // MONTH)

    # --- telling -----------------------------------------------------------------------------------------------------

    def _told(
        self,
        found: Found,
        state: State,
        served: Mapping[FigurePlace, tuple[str, ...]],
        then: Judgement,
        until: date | None,
    ) -> Plan:
        steps = self._steps(state, served)
        ready = max((step.due for step in steps), default=self.today)
        in_time = until is None or ready <= until
        effort = sum(step.effort for step in steps)
        stuck = self._stuck(then) if found is Found.NONE else ()
        made = Plan(found, steps, ready, effort, then, in_time, stuck, self._turn(found, state, ready))
        return replace(made, spoken=tuple(_sentences(made, until)))

    def _turn(self, found: Found, state: State, ready: date) -> Turn | None:
        """Return what the turn of the year changes; None where the plan is ready before it."""
        if found is not Found.PLAN or ready.year <= self.start.day.year:
            return None
        probe = self.moves.probe
        return turn(probe.rulebook, state.on(ready).sheet, ready, probe.kind, self.today)

    def _stuck(self, first: Judgement) -> tuple[str, ...]:
        """Return the demands for which no allowed move was found at the start."""
        try:
            return tuple(
                one.label for one in _unmet(first)
                if not any(self._may(move, None) for move in self.moves.of(self.start, one, first))
            )  # fmt: skip
        except Exhausted:
            return ()

    def _steps(self, state: State, served: Mapping[FigurePlace, tuple[str, ...]]) -> tuple[Step, ...]:
        steps = []
        for place, change in state.changes.items():
            terms = self.moves.terms(change)
            due = self.today + timedelta(days=terms.lead_days)
            steps.append(Step(change, None, terms, served.get(place, ()), int(self.moves.cost(change)), due))
        if state.day > self.start.day:
            clauses = served.get(("", None), ())
            steps.append(Step(None, state.day, None, clauses, self._waiting(state), state.day))
        return tuple(sorted(steps, key=lambda step: (step.due, step.text)))


def _unmet(judgement: Judgement) -> list[Obstacle]:
    return [one for one in judgement.obstacles if one.outcome is Outcome.UNMET]


def _served(before: Mapping[FigurePlace, tuple[str, ...]], move: Move) -> dict[FigurePlace, tuple[str, ...]]:
    served = dict(before)
    places: list[FigurePlace] = [(change.key, change.year) for change in move.changes]
    if move.wait_until is not None:
        places.append(("", None))
    for place in places:
        served[place] = tuple(dict.fromkeys((*served.get(place, ()), move.clause)))
    return served


def _sentences(made: Plan, until: date | None) -> list[str]:
    if made.found is Found.NOTHING_SHORT:
        return [*_rest(made.then), *(["没有不符合的条款，不需要改变数据。"] if made.then.obstacles else [])]
    if made.found is Found.NONE:
        return [_no_way(made.stuck)]
    if made.found is Found.STOPPED:
        return ["条件组合过多，没有搜完，不能断定有没有可行的做法；请先逐条查看上面各条的补法。"]
    said = [f"共 {len(made.steps)} 项，难度合计 {made.effort}，最早 {wording.day(made.ready_on)}可以全部完成。"]
    if any(step.is_correction for step in made.steps):
        said.append("所涉年度已经结束，相应各项只能在确有漏计、错计时凭账证更正，不能为达标改数。")
    if made.turn is not None:
        said.append(made.turn.spoken)
    if until is not None:
        fits = "赶得上" if made.in_time else "赶不上"
        said.append(f"本次申报截止日为 {wording.day(until)}，{fits}。")
    return [*said, *_rest(made.then)]


def _no_way(stuck: Sequence[str]) -> str:
    if stuck:
        return f"没有找到可行的做法。卡在：{'；'.join(stuck)}。按现在设定的可改变范围，这些条款没有补法。"
    return "没有找到可行的做法：各条单独有补法，但合在一起互相抵触，或使数据互相矛盾。"


def _rest(then: Judgement) -> list[str]:
    if then.decision is Decision.ELIGIBLE:
        return ["按此测算，各项条件均符合。"]
    said = []
    data = [one.label for one in then.obstacles if one.outcome is Outcome.UNKNOWN]
    experts = [one.label for one in then.obstacles if one.outcome is Outcome.NEEDS_REVIEW]
    if data:
        said.append(f"还缺资料，补齐后才能判定：{'；'.join(data)}。")
    if experts:
        said.append(f"还须由专家或人工判定：{'；'.join(experts)}。")
    return said
