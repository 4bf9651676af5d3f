"""Judge a block of firms under one edition: kernels for all, the exact executor for the few they leave (pure).

Mirrors ``engine.evaluate``: which demands are unmet, unknown or in need of review decides, and how many of them say
how far a firm is from eligible.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.errors import Invalid
from app.eligibility.columnar import codes, conditions, score
from app.eligibility.columnar.codes import Codes, Flags
from app.eligibility.columnar.conditions import Asked
from app.eligibility.columnar.measures import MEASURES
from app.eligibility.columnar.table import Spot, Table
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Judgement
from app.eligibility.engine.outcome import Decision
from app.rulebooks import criteria
from app.rulebooks.schema import Clause, Rulebook

ELIGIBLE, NEEDS_REVIEW, UNDETERMINED, INELIGIBLE, REFUSED = range(1, 6)
"""What is decided of a firm; 0 where it was not judged, REFUSED where a figure is impossible."""
DECISIONS = {Decision.ELIGIBLE: ELIGIBLE, Decision.NEEDS_REVIEW: NEEDS_REVIEW,
             Decision.UNDETERMINED: UNDETERMINED, Decision.INELIGIBLE: INELIGIBLE}  # fmt: skip
NONE, ONE_EXPERT, ONE_DATA, ONE_SUBSTANCE, MORE = range(5)
"""How far a firm is from eligible, as ``models.Shortfall``."""
NO_CLAUSE = 255

EXACT_ONLY: dict[type, str] = {}
"""Criteria that have no kernel, each with the reason: an edition that uses one is judged by the exact executor."""

_DECIDED = np.array([ELIGIBLE, ELIGIBLE, NEEDS_REVIEW, UNDETERMINED, INELIGIBLE], dtype=np.uint8)


@dataclass(slots=True)
class Judged:
    """What came out: one row a clause, one column a firm; ``short`` is the place of the only clause in the way.

    ``low`` and ``high`` are points in steps of ``10**-score.PLACES``, None for an edition without a score. ``exact``
    says which firms the exact executor judged.
    """

    outcomes: npt.NDArray[np.uint8]
    decision: Codes
    shortfall: Codes
    short: npt.NDArray[np.uint8]
    low: npt.NDArray[np.int64] | None
    high: npt.NDArray[np.int64] | None
    exact: Flags


def judged(table: Table, rulebook: Rulebook, present: Flags) -> Judged:
    """Return how the present firms of the table come out under an edition; of the others nothing is said."""
    if reasons(rulebook):
        result = nothing(table.size, rulebook)
        result.exact = present.copy()
    else:
        result = _by_kernels(table, rulebook)
        result.exact = table.odd & present
    _exactly(table, rulebook, result, np.flatnonzero(result.exact))
    for array in (result.decision, result.shortfall):
        array[~present] = 0
    return result


def wanted(rulebooks: Iterable[Rulebook], as_of: date, kind: str) -> frozenset[Spot]:
    """Return every indicator and year that a judgement under these editions may look at."""
    table = Table({}, 0, as_of, kind)
    for rulebook in rulebooks:
        if not reasons(rulebook):
            _by_kernels(table, rulebook)
    return frozenset(table.asked)


def reasons(rulebook: Rulebook) -> dict[str, str]:
    """Return why an edition must be judged by the exact executor: ``{criterion: reason}``; empty when it need not."""
    found = {one.__name__: EXACT_ONLY.get(one, "no kernel") for one in _types(rulebook) if one not in KERNELS}
    if rulebook.score is not None and score.is_fine(rulebook.score):
        found["points"] = "points finer than the columns keep"
    if len(rulebook.clauses) >= NO_CLAUSE:
        found["clauses"] = "more clauses than a byte can name"
    return found


KERNELS = frozenset({*conditions.TESTS, *MEASURES, criteria.Score})


def _types(rulebook: Rulebook) -> set[type]:
    found: set[type] = set()
    waiting: list[Any] = [part for clause in rulebook.clauses for part in (clause.test, clause.applies_when)]
    waiting += [item.measure for item in rulebook.score.items()] if rulebook.score is not None else []
    while waiting:
        part = waiting.pop()
        if part is not None:
            found.add(type(part))
            waiting += [*getattr(part, "tests", ()), getattr(part, "measure", None)]
    return found


# --- all firms at once ------------------------------------------------------------------------------------------------


def _by_kernels(table: Table, rulebook: Rulebook) -> Judged:
    asked = Asked(table, rulebook)
    if rulebook.score is not None:
        asked.score = score.scored(table, rulebook.score)
    outcomes = np.stack([_outcome(asked, clause) for clause in rulebook.clauses])
    total = asked.score.total if asked.score is not None else None
    decision, shortfall, short = _weighed(rulebook, outcomes)
    return Judged(
        outcomes,
        decision,
        shortfall,
        short,
        total.low.copy() if total is not None else None,
        total.high.copy() if total is not None else None,
        np.zeros(table.size, dtype=bool),
    )


def _outcome(asked: Asked, clause: Clause) -> Codes:
    if clause.test is None or (clause.only_for and asked.table.kind not in clause.only_for):
        return codes.same(asked.table.size, codes.NOT_APPLICABLE)
    result = conditions.checked(asked, clause.test)
    if clause.applies_when is None:
        return result
    fits = conditions.applies(asked, clause.applies_when)
    result = codes.put(result, (fits == codes.UNKNOWN) & (result != codes.MET), codes.UNKNOWN)
    return codes.put(result, fits == codes.UNMET, codes.NOT_APPLICABLE)


def _demands(rulebook: Rulebook) -> list[tuple[str, list[int]]]:
    """Return the demands with the places of their clauses: ``any`` or ``all`` of them."""
    rules = {requirement.id: requirement.combine for requirement in rulebook.requirements}
    joined: dict[str, list[int]] = {}
    for place, clause in enumerate(rulebook.clauses):
        if clause.decides:
            joined.setdefault(clause.requirement, []).append(place)
    return [(rules.get(demand, "all"), places) for demand, places in joined.items()]


def _weighed(rulebook: Rulebook, outcomes: npt.NDArray[np.uint8]) -> tuple[Codes, Codes, npt.NDArray[np.uint8]]:
    """Return decision, shortfall, and the clause of the only demand in the way."""
    size = outcomes.shape[1]
    worst = np.zeros(size, dtype=np.uint8)
    short, open_to_experts = np.zeros(size, dtype=np.uint8), np.zeros(size, dtype=np.uint8)
    clause, review_clause = np.full(size, NO_CLAUSE, dtype=np.uint8), np.full(size, NO_CLAUSE, dtype=np.uint8)
    data = np.zeros(size, dtype=bool)
    for combine, places in _demands(rulebook):
        parts = [outcomes[place] for place in places]
        outcome = codes.any_of(parts) if combine == "any" else codes.all_of(parts)
        worst = np.maximum(worst, outcome)
        lacking, review = outcome >= codes.UNKNOWN, outcome == codes.NEEDS_REVIEW
        standing = _first_standing(parts, places, outcome)
        clause = np.where(lacking & (short == 0), standing, clause)
        review_clause = np.where(review & (open_to_experts == 0), standing, review_clause)
        data = np.where(lacking & (short == 0), outcome == codes.UNKNOWN, data)
        short, open_to_experts = short + lacking, open_to_experts + review
    shortfall = np.where(open_to_experts > 0, np.uint8(ONE_EXPERT), np.uint8(NONE))
    shortfall = np.where(short == 1, np.where(data, np.uint8(ONE_DATA), np.uint8(ONE_SUBSTANCE)), shortfall)
    shortfall = np.where(short > 1, np.uint8(MORE), shortfall)
    one = np.where(short == 1, clause, np.where(short == 0, review_clause, np.uint8(NO_CLAUSE)))
    return _DECIDED[worst], shortfall, one


def _first_standing(parts: Sequence[Codes], places: Sequence[int], outcome: Codes) -> npt.NDArray[np.uint8]:
    """Return the first clause of a demand that came out as the demand did."""
    found = np.full(len(outcome), places[-1], dtype=np.uint8)
    for part, place in zip(reversed(parts[:-1]), reversed(places[:-1]), strict=True):
        found = np.where(part == outcome, np.uint8(place), found)
    return found


# --- the few that need the exact executor -----------------------------------------------------------------------------


def nothing(size: int, rulebook: Rulebook) -> Judged:
    """Return results that say nothing of so many firms."""
    has_score = rulebook.score is not None
    return Judged(
        np.zeros((len(rulebook.clauses), size), dtype=np.uint8),
        np.zeros(size, dtype=np.uint8),
        np.zeros(size, dtype=np.uint8),
        np.full(size, NO_CLAUSE, dtype=np.uint8),
        np.zeros(size, dtype=np.int64) if has_score else None,
        np.zeros(size, dtype=np.int64) if has_score else None,
        np.zeros(size, dtype=bool),
    )


def _exactly(table: Table, rulebook: Rulebook, result: Judged, places: Iterable[int]) -> None:
    for place in places:
        try:
            judgement = evaluate(rulebook, table.sheet(place), table.as_of, table.kind)
        except Invalid:
            result.outcomes[:, place] = codes.NOT_APPLICABLE
            result.decision[place], result.shortfall[place], result.short[place] = REFUSED, NONE, NO_CLAUSE
            if result.low is not None and result.high is not None:
                result.low[place] = result.high[place] = 0
            continue
        put(result, place, judgement, rulebook)


def put(result: Judged, place: int, judgement: Judgement, rulebook: Rulebook) -> None:
    """Put an exact judgement in the place of one firm."""
    outcomes = np.array([[codes.CODE[found.outcome]] for found in judgement.findings], dtype=np.uint8)
    result.outcomes[:, place] = outcomes[:, 0]
    decision, shortfall, short = _weighed(rulebook, outcomes)
    result.decision[place], result.shortfall[place], result.short[place] = decision[0], shortfall[0], short[0]
    if result.low is not None and result.high is not None and judgement.score is not None:
        result.low[place] = int(judgement.score.low * score.STEP // 1)
        result.high[place] = int(-(-judgement.score.high * score.STEP // 1))
