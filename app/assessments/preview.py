"""Where the firm stands by its own answers: the bureau's judge on a sheet that nobody has accepted (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.assessments.filled import Filled
from app.core.rounding import grouped
from app.eligibility import shown
from app.eligibility.engine.finding import Finding, GroupScore
from app.eligibility.engine.ladder import LevelResult
from app.eligibility.engine.outcome import Decision, Outcome
from app.eligibility.reach.raising import Raise, raises
from app.rulebooks.schema import Clause

MOST_ASKED = 400
"""How often the judge may be asked for what raises the score: a bound on time."""
FEW = 3
ORDER = (Outcome.UNMET, Outcome.UNKNOWN, Outcome.NEEDS_REVIEW, Outcome.MET)


@dataclass(frozen=True, slots=True)
class Gate:
    """A hard condition with how it stands."""

    clause: Clause
    finding: Finding

    @property
    def has_number(self) -> bool:
        """Whether there is a figure beside its threshold."""
        return bool(self.finding.actual_text and self.finding.required_text)


@dataclass(frozen=True, slots=True)
class Points:
    """A score as an interval; ``line`` is what passes, None where the edition has no line."""

    low: Decimal
    high: Decimal
    total: Decimal
    line: Decimal | None
    groups: Sequence[GroupScore]

    @property
    def shown(self) -> str:
        return shown.points(self.low, self.high)

    @property
    def tone(self) -> str:
        """ok, warn or bad beside the line; empty without one."""
        return "" if self.line is None else shown.tone(self.low, self.high, self.line)

    @property
    def short(self) -> str:
        """How many points the lowest score lacks, or the highest where even that does not pass."""
        if self.line is None or self.low >= self.line:
            return ""
        return grouped(self.line - (self.high if self.high < self.line else self.low))


@dataclass(frozen=True, slots=True)
class Preview:
    """The firm's own preview: never an official verdict.

    ``counted`` is what an edition tells and does not judge (scenes of a questionnaire at each level); ``level`` is
    where the firm stands on the edition's ladder, an interval while figures are missing. ``for_experts`` tells
    how many points of each heading are left to experts: no form asks for them.
    """

    decision: Decision
    reason: str
    points: Points | None
    gates: Sequence[Gate]
    raises: Sequence[Raise]
    for_experts: Sequence[tuple[str, Decimal]]
    counted: Sequence[Finding]
    level: LevelResult | None

    def of(self, outcome: Outcome) -> list[Gate]:
        """Return the hard conditions that came out so."""
        return [gate for gate in self.gates if gate.finding.outcome is outcome]


def preview(filled: Filled, *, today: date) -> Preview:
    """Return where the firm stands by the form as it is filled in; ``today`` tells which fiscal years are over."""
    judgement, rulebook = filled.judgement, filled.rulebook
    score = judgement.score
    points = None
    if score is not None:
        points = Points(score.low, score.high, score.total, shown.pass_line(rulebook), score.groups)
    gates = [
        Gate(rulebook.clause(found.clause), found)
        for found in judgement.findings
        if found.decides and found.kind != "score" and found.outcome in ORDER
    ]
    gates.sort(key=lambda gate: ORDER.index(gate.finding.outcome))
    counted = [found for found in judgement.findings if found.kind == "rule" and found.actual_text]
    experts = _left_to_experts(score.groups if score is not None else ())
    raising = _raises(filled, today)
    return Preview(judgement.decision, judgement.reason, points, gates, raising, experts, counted, judgement.level)


def _left_to_experts(groups: Sequence[GroupScore]) -> list[tuple[str, Decimal]]:
    """Return the headings with what lies between their lowest and highest points because experts have not judged."""
    left = [
        (group.name, sum((item.high - item.low for item in group.items if item.open == "expert"), Decimal(0)))
        for group in groups
    ]
    return [(name, points) for name, points in left if points]


def _raises(filled: Filled, today: date) -> Sequence[Raise]:
    """Return what lifts the score most."""
    if filled.judgement.score is None:
        return []
    about = (filled.rulebook, filled.sheet, filled.as_of, filled.kind)
    return raises(*about, today=today, most=MOST_ASKED, few=FEW)
