"""How near a firm is to every policy that applies today: a preview by the bureau's judge, kept nowhere (pure).

Sorted as a person would go about it: what is fulfilled, what only experts can still settle, what waits for figures
that nobody has told, what is short in substance; within these the fewest first, then the nearest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.core.choices import Choice
from app.core.errors import Invalid
from app.core.text import N_, Message
from app.eligibility.engine.finding import Finding, Judgement, Place
from app.eligibility.engine.outcome import Outcome
from app.eligibility.reach.probe import judged
from app.facts.sheet import FactSheet
from app.rulebooks.schema import Rulebook

NEAR = 1
"""Demands short in substance with which a policy still counts as within reach."""
FARTHEST = Decimal(1)


class Nearness(Choice):
    """What stands between the firm and a policy, the least first."""

    READY = "ready", N_("预判符合")
    EXPERT = "expert", N_("只待专家评定")
    DATA = "data", N_("缺数据")
    SUBSTANCE = "substance", N_("未达标")
    UNJUDGED = "unjudged", N_("数据有误，无法预判")


ORDER = tuple(Nearness)


@dataclass(frozen=True, slots=True)
class Preview:
    """How a firm stands to an edition by the figures held today; never an official verdict.

    ``unmet`` and ``waiting`` name the demands that are short in substance and those that wait for figures, ``short`` is
    how far the former are off in all: of each the part of the threshold that lacks, 1 where that is no number.
    ``problem`` says why nothing can be said.
    """

    nearness: Nearness
    unmet: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    short: Decimal = Decimal(0)
    missing: tuple[Place, ...] = ()
    problem: Message | None = None

    @property
    def is_near(self) -> bool:
        """Whether the policy is within reach."""
        return self.nearness is not Nearness.UNJUDGED and len(self.unmet) <= NEAR

    @property
    def rank(self) -> tuple[int, int, int, int, Decimal]:
        """What previews are sorted by."""
        return ORDER.index(self.nearness), len(self.unmet), len(self.waiting), len(self.missing), self.short


def preview(rulebook: Rulebook, sheet: FactSheet, day: date, kind: str) -> Preview:
    """Return how a firm with these figures stands to an edition."""
    try:
        judgement = judged(rulebook, sheet, day, kind)
    except Invalid as error:
        return Preview(Nearness.UNJUDGED, problem=error.message)
    unmet = [one for one in judgement.obstacles if one.outcome is Outcome.UNMET]
    waiting = [one for one in judgement.obstacles if one.outcome is Outcome.UNKNOWN]
    return Preview(
        _nearness(len(unmet), len(waiting), len(judgement.obstacles)),
        tuple(one.label for one in unmet),
        tuple(one.label for one in waiting),
        sum((_short(judgement, one.clauses) for one in unmet), Decimal(0)),
        judgement.missing,
    )


def _nearness(unmet: int, waiting: int, obstacles: int) -> Nearness:
    if unmet:
        return Nearness.SUBSTANCE
    if waiting:
        return Nearness.DATA
    return Nearness.EXPERT if obstacles else Nearness.READY


def _short(judgement: Judgement, clauses: Sequence[str]) -> Decimal:
    """Return how far a demand is off: by its nearest clause."""
    return min((_part(judgement.finding(clause)) for clause in clauses), default=FARTHEST)


def _part(found: Finding) -> Decimal:
    """Return which part of the threshold lacks; figures are rounded for reading, which is enough for an order."""
    if not _is_number(found.actual) or not _is_number(found.required):
        return FARTHEST
    actual, required = Decimal(str(found.actual)), Decimal(str(found.required))
    return min(abs(required - actual) / abs(required), FARTHEST) if required else FARTHEST


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def asked_by(previews: Iterable[tuple[str, Preview]]) -> dict[Place, list[str]]:
    """Return the figures that policies within reach wait for, with their names; those that most wait for first."""
    found: dict[Place, list[str]] = {}
    for name, one in previews:
        if one.is_near:
            for place in one.missing:
                found.setdefault(place, []).append(name)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))
