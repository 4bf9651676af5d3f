"""The questions of one call: every figure once, with all that waits for it, in the order of a conversation (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from app.core.errors import Invalid
from app.eligibility.engine.finding import Place
from app.eligibility.engine.outcome import Decision, Outcome
from app.eligibility.reach.changes import FigurePlace, State
from app.eligibility.reach.probe import Exhausted, Probe
from app.eligibility.reach.questions import Question, asked, bar, lonely
from app.facts.sheet import FactSheet
from app.firms.models import Contact, Firm
from app.rulebooks.schema import Clause, Rulebook

MOST_ASKED = 1200
"""How often the judge may be asked for the questions of one firm under one edition."""

Told = tuple[Probe, State, Clause | None]
"""What a bar is found with: None where the clause waits for more than the figure."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A programme that waits for a figure: its clauses, from where on they are met where that can be told, and whether
    what it waits for is one demand alone."""

    rulebook: Rulebook
    edition_id: int
    clauses: tuple[str, ...]
    bar: str
    is_one: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """One question of a call, with everything that waits for the answer; ``is_answered``: a claim waits for review."""

    key: str
    year: int | None
    text: str
    note: str
    waits: tuple[Wait, ...]
    is_answered: bool

    @property
    def place(self) -> FigurePlace:
        """Which figure it is."""
        return self.key, self.year

    @property
    def is_near(self) -> bool:
        """Whether a programme waits for it that is one demand short."""
        return any(wait.is_one for wait in self.waits)


@dataclass(frozen=True, slots=True)
class Call:
    """One firm to be phoned: whom, about which programmes, what to ask; ``refused`` names editions that a figure makes
    impossible to judge, ``is_whole`` is False where a search had to stop."""

    firm: Firm
    contact: Contact | None
    editions: tuple[Rulebook, ...]
    asks: tuple[Ask, ...]
    settled: tuple[tuple[Rulebook, Decision], ...]
    refused: tuple[tuple[Rulebook, str], ...] = ()
    is_whole: bool = True

    @property
    def open_asks(self) -> tuple[Ask, ...]:
        """What is still to be asked."""
        return tuple(one for one in self.asks if not one.is_answered)

    @property
    def near_asks(self) -> tuple[Ask, ...]:
        """What is to be asked first: programmes wait for it that are one demand short."""
        return tuple(one for one in self.open_asks if one.is_near)

    @property
    def further_asks(self) -> tuple[Ask, ...]:
        """What may be asked on the way: programmes wait for it that lack more."""
        return tuple(one for one in self.open_asks if not one.is_near)


@dataclass
class Asking:
    """Gathers the questions of one firm over its editions."""

    sheet: FactSheet
    as_of: date
    kind: str
    answered: frozenset[FigurePlace]
    bars: int | None
    editions: list[Rulebook] = field(default_factory=list)
    settled: list[tuple[Rulebook, Decision]] = field(default_factory=list)
    refused: list[tuple[Rulebook, str]] = field(default_factory=list)
    waits: dict[FigurePlace, list[tuple[Question, Wait, Told]]] = field(default_factory=dict)
    is_whole: bool = True

    def call(self, firm: Firm, contact: Contact | None, books: Mapping[int, Rulebook]) -> Call:
        """Return the call about some editions."""
        for edition_id, rulebook in books.items():
            self._look(edition_id, rulebook)
        asks = tuple(self._ask(place, number) for number, place in enumerate(self._ordered()))
        return Call(firm, contact, tuple(self.editions), asks, tuple(self.settled), tuple(self.refused), self.is_whole)

    def _ordered(self) -> list[FigurePlace]:
        """Return the figures in the order of a call: what alone settles a programme first."""
        left = Counter(
            wait.edition_id for place, held in self.waits.items() if place not in self.answered for _q, wait, _t in held
        )

        def order(place: FigurePlace) -> tuple[object, ...]:
            held = self.waits[place]
            is_near = any(wait.is_one for _question, wait, _told in held)
            fewest = min(left[wait.edition_id] for _question, wait, _told in held)
            return place in self.answered, not is_near, fewest, -len(held), place[0], place[1] or 0

        return sorted(self.waits, key=order)

    def _look(self, edition_id: int, rulebook: Rulebook) -> None:
        probe, state = Probe(rulebook, self.kind, MOST_ASKED), State(self.sheet, self.as_of)
        try:
            judgement = probe.judge(state)
        except Invalid as error:
            self.refused.append((rulebook, str(error.message)))
            return
        if judgement.decision is not Decision.UNDETERMINED:
            self.settled.append((rulebook, judgement.decision))
            return
        self.editions.append(rulebook)
        lacking = [one for one in judgement.obstacles if one.outcome is Outcome.UNKNOWN]
        names = dict.fromkeys(clause for one in lacking for clause in one.clauses)
        clauses = [rulebook.clause(name) for name in names]
        findings = [judgement.finding(name) for name in names]
        alone = lonely(clauses, findings)
        for one in asked(probe, state, clauses, findings, with_bars=False):
            wait = Wait(rulebook, edition_id, one.clauses, "", len(lacking) == 1)
            told = (probe, state, alone.get(Place(one.key, one.year)))
            self.waits.setdefault((one.key, one.year), []).append((one, wait, told))

    def _ask(self, place: FigurePlace, number: int) -> Ask:
        held = self.waits[place]
        first = held[0][0]
        with_bars = place not in self.answered and (self.bars is None or number < self.bars)
        waits = tuple(self._barred(place, wait, told) if with_bars else wait for _question, wait, told in held)
        return Ask(first.key, first.year, first.text, first.note, waits, place in self.answered)

    def _barred(self, place: FigurePlace, wait: Wait, told: Told) -> Wait:
        probe, state, clause = told
        if clause is None:
            return wait
        try:
            return replace(wait, bar=bar(probe, state, Place(*place), clause))
        except Exhausted:
            self.is_whole = False
            return wait
