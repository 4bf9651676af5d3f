"""The shape of a rulebook edition: clauses with text, source and test together, score table, definitions (pure).

Thresholds are exact decimals in the catalogue's units (万元, fractions, 人, 项 …). What a test may say is the closed
vocabulary of ``rulebooks.criteria``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.rulebooks.criteria import Bound, Measure, Test
from app.rulebooks.scopes import APPLICATION_KINDS as APPLICATION_KINDS
from app.rulebooks.scopes import Doubt, Scope, Transition

# kinds of clauses; those of the first line are conditions of an application
DECIDING_KINDS = ("gate", "veto", "score", "direct", "exempt")
OTHER_KINDS = (
    "rule",
    "duty",
    "validity",
    "procedure",
    "sanction",
    "inspection_trigger",
    "revocation",
    "transition",
)
STATUSES = ("verified", "recalled", "not_found")
EVIDENCES = ("primary_text", "secondary", "none")


# --- clauses, score table, edition ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: text, source and test together. ``decides`` tells whether it can decide an application.

    ``requirement`` joins clauses which stand for one demand (three bands of one ratio, alternative routes).
    ``exempt_by`` names clauses of which one is enough to leave this one unexamined. ``only_when`` and ``skip_when``
    limit it to kinds and days of application; ``review_when`` leaves an outcome to a person.
    """

    id: str
    article: str
    kind: str
    text: str
    decides: bool
    requirement: str
    status: str
    evidence: str
    unit: str = ""
    period: str = ""
    boundary: str = ""
    note: str = ""
    auto: str = ""
    only_for: tuple[str, ...] = ()
    relies_on: tuple[str, ...] = ()
    applies_when: Test | None = None
    test: Test | None = None
    exempt_by: tuple[str, ...] = ()
    only_when: Scope | None = None
    skip_when: Scope | None = None
    review_when: Doubt | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """Clauses that count as one demand: ``combine`` is all (each must hold) or any (one is enough).

    ``part_of`` names the demand of which this one is a part: routes of several clauses, one of which is enough.
    """

    id: str
    label: str
    combine: str
    part_of: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A figure at or above a number: one step of a first-match table."""

    key: str
    bound: Bound


@dataclass(frozen=True, slots=True)
class Band:
    """One band of a score item: points from ``low`` to ``high`` when its condition is the first to hold."""

    label: str
    low: Decimal
    high: Decimal
    bound: Bound | None = None
    condition: Condition | None = None
    flag: str = ""
    test: Test | None = None

    @property
    def is_step(self) -> bool:
        """Whether a condition on figures chooses it."""
        return self.condition is not None or self.test is not None


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the score table. With a measure the figure chooses the band, with conditions the first that holds;
    without either, experts choose. Inside a band experts choose the point."""

    id: str
    name: str
    max: Decimal
    bands: tuple[Band, ...]
    measure: Measure | None
    status: str
    evidence: str
    note: str = ""

    @property
    def by_conditions(self) -> bool:
        """Whether bands are chosen by conditions on figures."""
        return any(band.is_step for band in self.bands)

    @property
    def is_undefined(self) -> bool:
        """Whether nobody has found what the policy gives points for: the item keeps all its points."""
        return self.status == "not_found"


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one heading: added up to at most ``max``, or the best of them (``choice`` = best)."""

    id: str
    name: str
    max: Decimal
    choice: str
    items: tuple[Item, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """The score table; ``whole`` means that experts give whole points only."""

    total: Decimal
    whole: bool
    groups: tuple[Group, ...]

    def items(self) -> Iterator[Item]:
        """Walk all items."""
        for group in self.groups:
            yield from group.items


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a ladder: reached when its clause is met."""

    id: str
    name: str
    clause: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """Levels from the lowest to the highest; ``floor`` is what a firm below the first is called."""

    name: str
    floor: str
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class PolicySource:
    """A policy document: name, number, who issued it."""

    name: str
    number: str
    issued_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A term as the policy defines it, with how sure we are of the wording."""

    id: str
    term: str
    text: str
    status: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Material:
    """A paper which an application must contain."""

    code: str
    name: str
    required: bool
    status: str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One dated edition of a policy. ``digest`` is the SHA-256 of its file; ``content`` the text itself.

    ``checked_on`` and ``checked_by`` are empty until a person has compared it with the official text. No
    ``effective_from`` means that the source does not say from when: the edition is in force until it is told otherwise.
    """

    id: str
    programme: str
    title: str
    region: str
    kinds: tuple[str, ...]
    effective_from: date | None
    effective_to: date | None
    validity: str
    decision: str
    checked_on: date | None
    checked_by: str
    note: str
    policies: tuple[PolicySource, ...]
    clauses: tuple[Clause, ...]
    requirements: tuple[Requirement, ...]
    definitions: tuple[Definition, ...]
    materials: tuple[Material, ...]
    score: ScoreTable | None
    ladder: Ladder | None = None
    transitions: tuple[Transition, ...] = ()
    digest: str = ""
    content: str = field(default="", repr=False)

    @property
    def is_checked(self) -> bool:
        """Whether a person has compared this edition with the official text."""
        return self.checked_on is not None and bool(self.checked_by)

    @property
    def has_unverified(self) -> bool:
        """Whether a clause, item or definition is only recalled, or was not found (the edition is marked 待核)."""
        statuses = [clause.status for clause in self.clauses] + [term.status for term in self.definitions]
        statuses += [item.status for item in self.score.items()] if self.score else []
        return any(status != "verified" for status in statuses)

    def in_force(self, day: date) -> bool:
        """Tell whether the edition applies on that day."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day <= self.effective_to)

    def governs(self, day: date, kind: str) -> bool:
        """Tell whether an application of that kind on that day may be judged by it: in force, or by transition."""
        return kind in self.kinds and (self.in_force(day) or self.transition(day, kind) is not None)

    def transition(self, day: date, kind: str) -> Transition | None:
        """Return the transition rule that makes the edition govern such an application, or None."""
        return next((one for one in self.transitions if one.scope.covers(kind, day)), None)

    def clause(self, clause_id: str) -> Clause:
        """Return the clause. Raises KeyError."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)

    def definition(self, definition_id: str) -> Definition:
        """Return the definition. Raises KeyError."""
        for definition in self.definitions:
            if definition.id == definition_id:
                return definition
        raise KeyError(definition_id)
