"""Firms just within a threshold and just outside it, found by whole numbers: no float decides at either edge (pure).

Only plain comparisons have a distance. Those of a branch (a row for an industry, a case of two) count for the firms
that are in it; a condition that merely chooses the branch is no threshold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from app.eligibility.columnar import codes, conditions, score
from app.eligibility.columnar.amounts import Kept
from app.eligibility.columnar.asked import Asked
from app.eligibility.columnar.codes import Flags
from app.eligibility.columnar.measures import measured
from app.eligibility.columnar.table import Table
from app.rulebooks import criteria
from app.rulebooks.criteria import Bound, Compare, Score, Test
from app.rulebooks.schema import Clause, Rulebook


@dataclass(frozen=True, slots=True)
class Bar:
    """One threshold of a clause; ``guards`` are the tests that lead to it, each with how it must come out."""

    clause: Clause
    number: int
    test: Compare
    guards: tuple[tuple[Test, int], ...]

    @property
    def bound(self) -> Bound:
        """The threshold."""
        return self.test.bounds[0]

    @property
    def name(self) -> str:
        """What an address calls it: HNTE-11-5a, or SIZE-SME.3 where a clause has several."""
        return f"{self.clause.id}.{self.number}" if self.number else self.clause.id


@dataclass(frozen=True, slots=True)
class Near:
    """Which firms are near a bar: within it, outside it, and of the former those exactly on it."""

    met: Flags
    unmet: Flags
    on_it: Flags


def bars(rulebook: Rulebook, kind: str) -> list[Bar]:
    """Return the thresholds of the clauses that decide, in the order of the edition."""
    found = []
    for clause in rulebook.clauses:
        if clause.decides and clause.test is not None:
            leads = list(_plain(clause.test, kind, ()))
            found += [Bar(clause, place, test, guards) for place, (test, guards) in enumerate(leads)]
    return found


Guards = tuple[tuple[Test, int], ...]


def _plain(test: Test, kind: str, guards: Guards) -> Iterator[tuple[Compare, Guards]]:
    if isinstance(test, Compare):
        for bound in test.bounds:
            yield Compare(test.measure, (bound,)), guards
        return
    for inner, guard in _inside(test, kind):
        yield from _plain(inner, kind, guards if guard is None else (*guards, guard))


def _inside(test: Test, kind: str) -> Iterator[tuple[Test, tuple[Test, int] | None]]:
    """Yield the tests that a test leads to, each with what must hold for a firm to be led there."""
    if isinstance(test, criteria.AllOf | criteria.AnyOf):
        yield from ((inner, None) for inner in test.tests)
    elif isinstance(test, criteria.ByKind):
        yield (test.review if kind == "review" else test.new), None
    elif isinstance(test, criteria.InPrinciple):
        yield test.test, None
    elif isinstance(test, criteria.When):
        yield test.then, (test.condition, codes.MET)
        yield test.otherwise, (test.condition, codes.UNMET)
    elif isinstance(test, criteria.ByIndustry):
        for row in test.rows:
            yield row.test, (criteria.InIndustry(test.key, row.codes, row.said), codes.MET)


def near(table: Table, rulebook: Rulebook, outcomes: codes.Codes, within: Fraction) -> Mapping[str, Near]:
    """Return the firms near each bar: not farther than the share ``within`` of the threshold (1/20: 5 %).

    ``outcomes`` are those of the edition, one row a clause: where a clause does not apply nobody is near. Firms whose
    figures the kernels do not understand (``table.odd``) are near nothing.
    """
    asked = Asked(table, rulebook)
    if rulebook.score is not None:
        asked.score = score.scored(asked, rulebook.score, conditions.checked)
    rows = {clause.id: row for clause, row in zip(rulebook.clauses, outcomes, strict=True)}
    found = {}
    for bar in bars(rulebook, table.kind):
        applies = rows[bar.clause.id] != codes.NOT_APPLICABLE
        for test, wanted in bar.guards:
            applies &= conditions.checked(asked, test) == wanted
        known, number = _number(asked, bar.test)
        found[bar.name] = _near(number, bar.bound, applies & known, within)
    return {name: Near(one.met & ~table.odd, one.unmet & ~table.odd, one.on_it & ~table.odd)
            for name, one in found.items()}  # fmt: skip


def _number(asked: Asked, test: Compare) -> tuple[Flags, Kept]:
    """Return what is compared, and where it is known; points that are not settled are not."""
    if isinstance(test.measure, Score):
        assert asked.score is not None
        part = asked.score.total if test.measure.part == "total" else asked.score.groups[test.measure.part]
        return (part.low == part.high) & ~part.refused, part.number(part.low)
    reading = measured(asked.table, test.measure)
    return reading.has_value, reading.number


def _near(number: Kept, bound: Bound, where: Flags, within: Fraction) -> Near:
    room = abs(bound.exact) * within
    close = where & number.keeps(_at(">=", bound.exact - room)) & number.keeps(_at("<=", bound.exact + room))
    fits = number.keeps(bound)
    on_it = number.keeps(_at(">=", bound.exact)) & number.keeps(_at("<=", bound.exact))
    return Near(close & fits, close & ~fits, close & on_it)


def _at(operator: str, exact: Fraction) -> Bound:
    return Bound(operator, Decimal(0), exact)  # a bound is kept by its exact number


def count(flags: Flags) -> int:
    """Return how many firms."""
    return int(np.count_nonzero(flags))
