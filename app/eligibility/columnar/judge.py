"""Judge a block of firms under one edition: kernels for all, the exact executor for the few they leave (pure).

Mirrors ``engine.evaluate``: which demands are unmet, unknown or in need of review decides, and how many of them say
how far a firm is from eligible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.errors import Invalid
from app.eligibility.columnar import codes, conditions, demands, points, score
from app.eligibility.columnar.asked import Asked
from app.eligibility.columnar.codes import Codes, Flags
from app.eligibility.columnar.demands import NO_CLAUSE, NONE, REFUSED
from app.eligibility.columnar.measures import MEASURES
from app.eligibility.columnar.table import Spot, Table, expert
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Judgement
from app.eligibility.engine.outcome import Outcome
from app.facts.catalogue import load_catalogue
from app.rulebooks import criteria
from app.rulebooks.criteria import NoneDated
from app.rulebooks.schema import Clause, Rulebook
from app.rulebooks.walking import items_of, walk

EXACT_ONLY: dict[type, str] = {}
"""Criteria that have no kernel, each with the reason: an edition that uses one is judged by the exact executor."""


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
        return by_exact_executor(table, rulebook, present)
    result = _by_kernels(table, rulebook)
    result.exact = table.odd & present
    _exactly(table, rulebook, result, np.flatnonzero(result.exact))
    for array in (result.decision, result.shortfall):
        array[~present] = 0
    return result


def by_exact_executor(table: Table, rulebook: Rulebook, present: Flags) -> Judged:
    """Return how the present firms come out when the exact executor judges each of them."""
    result = nothing(table.size, rulebook)
    result.exact = present.copy()
    _exactly(table, rulebook, result, np.flatnonzero(present))
    return result


def wanted(rulebooks: Iterable[Rulebook], as_of: date, kind: str) -> frozenset[Spot]:
    """Return every indicator and year that a judgement under these editions may look at."""
    table = Table({}, 0, as_of, kind)
    for rulebook in rulebooks:
        if reasons(rulebook):
            table.asked |= _named(rulebook, as_of)
        else:
            _by_kernels(table, rulebook)
    return frozenset(table.asked)


def _named(rulebook: Rulebook, as_of: date) -> set[Spot]:
    """Return every figure that an edition names, of all years it could mean, for the exact executor."""
    texts = {text for text in _texts([rulebook.clauses, rulebook.score]) if text in load_catalogue()}
    texts |= {"application_date", "first_operating_year", "registration_date", "sales_revenue"}
    items = [item.id for item in rulebook.score.items()] if rulebook.score is not None else []
    items += [item for clause in rulebook.clauses for item in items_of(clause.test)]
    years = (0, *range(as_of.year - _OLDEST, as_of.year + 1))
    return {(key, year) for key in texts for year in years} | {(expert(item), 0) for item in items}


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple | list):
        for one in part:
            yield from _texts(one)
    elif is_dataclass(part) and not isinstance(part, type):
        for one in fields(part):
            yield from _texts(getattr(part, one.name))


def reasons(rulebook: Rulebook) -> dict[str, str]:
    """Return why an edition must be judged by the exact executor: ``{criterion: reason}``; empty when it need not."""
    found = {one.__name__: EXACT_ONLY.get(one, "no kernel") for one in criteria_of(rulebook) if one not in KERNELS}
    if rulebook.score is not None and score.is_fine(rulebook.score):
        found["points"] = "points finer than the columns keep"
    if len(rulebook.clauses) >= NO_CLAUSE:
        found["clauses"] = "more clauses than a byte can name"
    return found


_OLDEST = 12
"""How many years back an edition may look that only the exact executor judges."""

KERNELS = frozenset({*conditions.TESTS, *MEASURES, criteria.Score, criteria.CountMet})


def criteria_of(rulebook: Rulebook) -> set[type]:
    """Return the types of all tests and measures that an edition uses."""
    tests = [part for clause in rulebook.clauses for part in (clause.test, clause.applies_when)]
    parts: list[Any] = [inner for test in tests for inner in walk(test)]
    parts += [part.measure for part in parts if isinstance(part, criteria.Compare)]
    for item in rulebook.score.items() if rulebook.score is not None else ():
        parts += [item.measure] if item.measure is not None else []
        inside = [band.test for band in item.bands] + list(getattr(item.measure, "tests", ()))
        steps = [inner for test in inside for inner in walk(test)]
        parts += steps + [part.measure for part in steps if isinstance(part, criteria.Compare)]
    return {type(part) for part in parts}


# --- all firms at once ------------------------------------------------------------------------------------------------


def _by_kernels(table: Table, rulebook: Rulebook) -> Judged:
    asked = Asked(table, rulebook)
    if rulebook.score is not None:
        asked.score = score.scored(asked, rulebook.score, conditions.checked)
    outcomes = np.stack([_judged(asked, clause) for clause in rulebook.clauses])
    total = asked.score.total if asked.score is not None else None
    decision, shortfall, short = demands.weighed(rulebook, outcomes)
    low, high = (None, None) if total is None else (total.low.copy(), total.high.copy())
    result = Judged(outcomes, decision, shortfall, short, low, high, np.zeros(table.size, dtype=bool))
    if total is not None:
        _refuse(result, total.refused)
    return result


def _refuse(result: Judged, where: Flags | int) -> None:
    """Say of these firms that they cannot be judged, because an expert score is impossible."""
    result.outcomes[:, where] = codes.NOT_APPLICABLE
    result.decision[where], result.shortfall[where], result.short[where] = REFUSED, NONE, NO_CLAUSE
    if result.low is not None and result.high is not None:
        result.low[where], result.high[where] = 0, 0


def _judged(asked: Asked, clause: Clause) -> Codes:
    """Return how a clause comes out within its scope, with what exempts from it and what leaves it to a person."""
    kind, day = asked.table.kind, asked.table.as_of
    outside = clause.only_when is not None and not clause.only_when.covers(kind, day)
    if outside or (clause.skip_when is not None and clause.skip_when.covers(kind, day)):
        return codes.same(asked.table.size, codes.NOT_APPLICABLE)
    result = _outcome(asked, clause)
    if clause.exempt_by:
        result = _exempted(result, [_judged(asked, asked.rulebook.clause(route)) for route in clause.exempt_by])
    doubt = clause.review_when
    if doubt is not None and doubt.scope.covers(kind, day):
        result = codes.put(result, result == codes.CODE[Outcome(doubt.outcome)], codes.NEEDS_REVIEW)
    return result


def _exempted(result: Codes, routes: Sequence[Codes]) -> Codes:
    """An exemption that holds leaves the clause unexamined; one that may hold leaves a failure open."""
    granted = np.logical_or.reduce([route == codes.MET for route in routes])
    left = [
        np.where((route == codes.UNKNOWN) | (route == codes.NEEDS_REVIEW), route, np.uint8(codes.NOT_APPLICABLE))
        for route in routes
    ]
    some_open = np.logical_or.reduce([route != codes.NOT_APPLICABLE for route in left])
    result = np.where(some_open & (result != codes.MET), codes.any_of([result, *left]), result)
    return codes.put(result, granted, codes.NOT_APPLICABLE)


def _outcome(asked: Asked, clause: Clause) -> Codes:
    if clause.test is None or (clause.only_for and asked.table.kind not in clause.only_for):
        return codes.same(asked.table.size, codes.NOT_APPLICABLE)
    result = conditions.checked(asked, clause.test)
    if clause.applies_when is None:
        return result
    fits = conditions.applies(asked, clause.applies_when)
    open_still = np.where((fits == codes.NEEDS_REVIEW) & (result != codes.UNKNOWN), fits, np.uint8(codes.UNKNOWN))
    if any(isinstance(one, NoneDated) for one in walk(clause.test)):
        # such a test may be unmet with figures missing; whether it is then unknown only the exact executor tells
        asked.table.odd |= (fits == codes.NEEDS_REVIEW) & (result != codes.MET)
    settled = (fits == codes.MET) | (result == codes.MET)
    result = np.where(settled, result, open_still)
    return codes.put(result, (fits == codes.UNMET) | (fits == codes.NOT_APPLICABLE), codes.NOT_APPLICABLE)


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
            _refuse(result, int(place))
            continue
        put(result, place, judgement, rulebook)


def put(result: Judged, place: int, judgement: Judgement, rulebook: Rulebook) -> None:
    """Put an exact judgement in the place of one firm."""
    result.outcomes[:, place] = [codes.CODE[found.outcome] for found in judgement.findings]
    decision, shortfall, short = demands.of_judgement(judgement, rulebook)
    result.decision[place], result.shortfall[place], result.short[place] = decision, shortfall, short
    if result.low is not None and result.high is not None and judgement.score is not None:
        result.low[place] = int(judgement.score.low * points.STEP // 1)
        result.high[place] = int(-(-judgement.score.high * points.STEP // 1))
