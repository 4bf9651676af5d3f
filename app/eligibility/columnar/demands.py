"""From clauses to the decision: demands and their parts, and how far each firm is from eligible (pure).

Mirrors ``engine.evaluate`` (what stands in the way) and ``eligibility.rows`` (how far it is).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.eligibility.columnar import codes
from app.eligibility.columnar.codes import Codes
from app.eligibility.engine.finding import Judgement
from app.eligibility.engine.outcome import Decision, Outcome
from app.rulebooks.schema import Rulebook

Places = npt.NDArray[np.uint8]

ELIGIBLE, NEEDS_REVIEW, UNDETERMINED, INELIGIBLE, REFUSED = range(1, 6)
"""What is decided of a firm; 0 where it was not judged, REFUSED where a figure is impossible."""
NONE, ONE_EXPERT, ONE_DATA, ONE_SUBSTANCE, MORE = range(5)
"""How far a firm is from eligible, as ``models.Shortfall``."""
NO_CLAUSE = 255

_DECIDED = np.array([ELIGIBLE, ELIGIBLE, NEEDS_REVIEW, UNDETERMINED, INELIGIBLE], dtype=np.uint8)
_DECISIONS = {Decision.ELIGIBLE: ELIGIBLE, Decision.NEEDS_REVIEW: NEEDS_REVIEW,
              Decision.UNDETERMINED: UNDETERMINED, Decision.INELIGIBLE: INELIGIBLE}  # fmt: skip


@dataclass(slots=True)
class Demand:
    """A demand: the places of its clauses, and the demands that are parts of it; one is enough, or all must hold."""

    id: str
    is_any: bool
    clauses: list[int] = field(default_factory=list)
    parts: list[Demand] = field(default_factory=list)


def demands_of(rulebook: Rulebook) -> list[Demand]:
    """Return the demands of an edition, vetoes first, in the order in which they are told."""
    either = {rule.id for rule in rulebook.requirements if rule.combine == "any"}
    found: dict[str, Demand] = {}
    for place, clause in enumerate(rulebook.clauses):
        if clause.decides:
            demand = found.setdefault(clause.requirement, Demand(clause.requirement, clause.requirement in either))
            demand.clauses.append(place)
    for rule in reversed(rulebook.requirements):
        part = found.pop(rule.id, None) if rule.part_of else None
        if part is not None:
            whole = found.setdefault(rule.part_of, Demand(rule.part_of, rule.part_of in either))
            whole.parts.insert(0, part)
    vetoes = {clause.requirement for clause in rulebook.clauses if clause.kind == "veto"}
    return sorted(found.values(), key=lambda demand: demand.id not in vetoes)


def weighed(rulebook: Rulebook, outcomes: Codes) -> tuple[Codes, Codes, Places]:
    """Return decision, shortfall, and the clause of the only demand in the way, of outcomes one row a clause."""
    size = outcomes.shape[1]
    worst = codes.same(size, codes.NOT_APPLICABLE)
    lacking, waiting = codes.same(size, 0), codes.same(size, 0)
    clause, expert_clause = codes.same(size, NO_CLAUSE), codes.same(size, NO_CLAUSE)
    data = np.zeros(size, dtype=bool)
    for demand in demands_of(rulebook):
        outcome, standing = _came_out(demand, outcomes)
        worst = np.maximum(worst, outcome)
        lacks, waits = outcome >= codes.UNKNOWN, outcome == codes.NEEDS_REVIEW
        clause = np.where(lacks & (lacking == 0), standing, clause)
        expert_clause = np.where(waits & (waiting == 0), standing, expert_clause)
        data = np.where(lacks & (lacking == 0), outcome == codes.UNKNOWN, data)
        lacking, waiting = lacking + lacks, waiting + waits
    shortfall = np.where(waiting > 0, np.uint8(ONE_EXPERT), np.uint8(NONE))
    shortfall = np.where(lacking == 1, np.where(data, np.uint8(ONE_DATA), np.uint8(ONE_SUBSTANCE)), shortfall)
    shortfall = np.where(lacking > 1, np.uint8(MORE), shortfall)
    one = np.where(lacking == 1, clause, np.where(lacking == 0, expert_clause, np.uint8(NO_CLAUSE)))
    return _DECIDED[worst], shortfall, one


def _came_out(demand: Demand, outcomes: Codes) -> tuple[Codes, Places]:
    """Return how a demand came out, and the first clause that makes it so: those of its parts come first."""
    parts = [_came_out(part, outcomes) for part in demand.parts]
    size = outcomes.shape[1]
    parts += [(outcomes[place], codes.same(size, place)) for place in demand.clauses]
    each = [outcome for outcome, _standing in parts]
    whole = codes.any_of(each) if demand.is_any else codes.all_of(each)
    first = codes.same(size, NO_CLAUSE)
    for outcome, standing in reversed(parts):
        first = np.where(outcome == whole, standing, first)
    return whole, first


def of_judgement(judgement: Judgement, rulebook: Rulebook) -> tuple[int, int, int]:
    """Return decision, shortfall and clause of an exact judgement, from what it says stands in the way."""
    places = {clause.id: place for place, clause in enumerate(rulebook.clauses)}
    lacking = [one for one in judgement.obstacles if one.outcome in (Outcome.UNMET, Outcome.UNKNOWN)]
    decision = _DECISIONS[judgement.decision]
    if len(lacking) > 1:
        return decision, MORE, NO_CLAUSE
    if lacking:
        shortfall = ONE_DATA if lacking[0].outcome is Outcome.UNKNOWN else ONE_SUBSTANCE
        return decision, shortfall, places[_first(lacking[0].clauses)]
    if judgement.obstacles:
        return decision, ONE_EXPERT, places[_first(judgement.obstacles[0].clauses)]
    return decision, NONE, NO_CLAUSE


def _first(clauses: Sequence[str]) -> str:
    return clauses[0]
