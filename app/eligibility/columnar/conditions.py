"""Tests of many firms that are not about dates: comparisons, yes/no, options, fields, combinations (pure).

Mirrors ``engine.compare`` and ``engine.conditions``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from app.eligibility.columnar import bases, choices, codes, dates, registers
from app.eligibility.columnar.asked import Asked
from app.eligibility.columnar.codes import Codes, Flags
from app.eligibility.columnar.measures import measured
from app.eligibility.columnar.points import Points
from app.eligibility.columnar.reading import MISSING, REVIEW, Reading
from app.eligibility.columnar.table import Table, told_by_word
from app.eligibility.engine.fields import field_of
from app.eligibility.engine.outcome import Outcome
from app.facts.catalogue import load_catalogue
from app.rulebooks import criteria
from app.rulebooks.answers import Lists, NoRecord
from app.rulebooks.bases import OnPath
from app.rulebooks.criteria import Bound, Compare, Score, Test


def checked(asked: Asked, test: Test) -> Codes:
    """Return how each firm comes out of any test."""
    return TESTS[type(test)](asked, test)


def _compared(asked: Asked, test: Compare) -> Codes:
    bound = test.bounds[0]
    if isinstance(test.measure, Score):
        return _scored(asked, test.measure, bound)
    reading = measured(asked.table, test.measure)
    result = codes.put(codes.said(reading.number.keeps(bound)), ~reading.has_value, codes.NEEDS_REVIEW)
    missing = reading.state == MISSING
    result = codes.put(result, missing, codes.UNKNOWN)
    return _settled(reading, bound, missing | (reading.state == REVIEW), result)


def _settled(reading: Reading, bound: Bound, open_still: Flags, result: Codes) -> Codes:
    """Where something is missing one end of the interval may settle the bound: the passing one is asked first."""
    upwards = bound.operator in (">=", ">")
    passing, failing = (reading.floor, reading.ceiling) if upwards else (reading.ceiling, reading.floor)
    if failing is not None:
        told, number = failing
        result = codes.put(result, open_still & told & ~number.keeps(bound), codes.UNMET)
    if passing is not None:
        told, number = passing
        result = codes.put(result, open_still & told & number.keeps(bound), codes.MET)
    return result


def applies(asked: Asked, condition: Test) -> Codes:
    """Return whether a clause applies: where there is no number, unknown or (nothing is missing) for a person."""
    if not isinstance(condition, Compare):
        return checked(asked, condition)
    reading = measured(asked.table, condition.measure)
    fits = np.logical_and.reduce([reading.number.keeps(bound) for bound in condition.bounds])
    result = codes.put(codes.said(fits), ~reading.has_value, codes.NEEDS_REVIEW)
    return codes.put(result, reading.state == MISSING, codes.UNKNOWN)


def _scored(asked: Asked, measure: Score, bound: Bound) -> Codes:
    """Only a low end inside the bound is a pass, only a high end outside it a failure."""
    assert asked.score is not None
    part = asked.score.total if measure.part == "total" else asked.score.groups[measure.part]
    low, high = _keeps(bound, part, part.low), _keeps(bound, part, part.high)
    between = np.where(part.lacks, np.uint8(codes.UNKNOWN), np.uint8(codes.NEEDS_REVIEW))
    return np.where(low & high, np.uint8(codes.MET), np.where(low | high, between, np.uint8(codes.UNMET)))


def _keeps(bound: Bound, part: Points, ends: Any) -> Flags:
    return part.number(ends).keeps(bound)


# --- one fact ---------------------------------------------------------------------------------------------------------


def _holds(asked: Asked, test: criteria.Holds) -> Codes:
    column = asked.table.find(test.key)
    fits = column.plain & (column.values == int(test.expected))
    return codes.put(codes.said(fits), ~column.known, codes.UNKNOWN)


def _one_of(asked: Asked, test: criteria.OneOf) -> Codes:
    indicator = load_catalogue().get(test.key)

    def fits(value: Any) -> int:
        if indicator.is_beyond_options(value):
            return codes.NEEDS_REVIEW
        return codes.MET if value in test.allowed else codes.UNMET

    return told_by_word(asked.table, test.key, fits)


def _level(asked: Asked, test: criteria.LevelAtLeast) -> Codes:
    order = [option.value for option in load_catalogue().get(test.key).options]
    least = order.index(test.level)

    def stands(value: Any) -> int:
        return codes.MET if order.index(str(value)) >= least else codes.UNMET

    return told_by_word(asked.table, test.key, stands)


def _in_field(asked: Asked, test: criteria.InField) -> Codes:
    def lies(value: Any) -> int:
        found = field_of(str(value), test.fields)
        if found.field:
            return codes.MET if found.depth > 1 else codes.NEEDS_REVIEW
        return codes.UNMET if found.is_outside else codes.NEEDS_REVIEW

    return told_by_word(asked.table, test.key, lies)


# --- combinations -----------------------------------------------------------------------------------------------------


def _all_of(asked: Asked, test: criteria.AllOf) -> Codes:
    return codes.all_of([checked(asked, inner) for inner in test.tests])


def _any_of(asked: Asked, test: criteria.AnyOf) -> Codes:
    return codes.any_of([checked(asked, inner) for inner in test.tests])


def _none_of(asked: Asked, test: criteria.NoneOf) -> Codes:
    """A circumstance that is present gives ``hit``; none present is met; else unknown."""
    present = codes.any_of([checked(asked, inner) for inner in test.tests])
    result = codes.put(present, present == codes.UNMET, codes.MET)
    return codes.put(result, present == codes.MET, codes.CODE[Outcome(test.hit)])


def _of_table(kernel: Callable[[Table, Any], Codes]) -> Callable[[Asked, Any], Codes]:
    """A test that looks at the table alone is made once for all editions that ask it."""
    return lambda asked, test: asked.table.memo(("test", test), lambda: kernel(asked.table, test))


TESTS: dict[type, Callable[[Asked, Any], Codes]] = {
    criteria.Compare: _compared,
    criteria.Holds: _holds,
    criteria.OneOf: _one_of,
    criteria.LevelAtLeast: _level,
    criteria.InField: _in_field,
    criteria.InIndustry: choices.in_industry,
    criteria.NoneDated: _of_table(dates.none_dated),
    criteria.ValidOn: _of_table(dates.valid_on),
    criteria.ValidFor: _of_table(dates.valid_for),
    criteria.AnyRecord: _of_table(dates.any_record),
    criteria.RecordValid: _of_table(registers.record_valid),
    criteria.RecordNamed: _of_table(registers.record_named),
    criteria.AnyListed: _of_table(registers.any_listed),
    criteria.Ranked: _of_table(registers.ranked),
    Lists: _of_table(registers.lists),
    NoRecord: _of_table(registers.no_record),
    criteria.ByKind: lambda asked, test: checked(asked, test.review if asked.table.kind == "review" else test.new),
    criteria.ByDay: _of_table(dates.by_day),
    criteria.WithinMonths: _of_table(dates.within_months),
    criteria.OperatingYears: _of_table(dates.operating),
    criteria.AllOf: _all_of,
    criteria.AnyOf: _any_of,
    criteria.NoneOf: _none_of,
    criteria.When: lambda asked, test: choices.when(asked, test, checked),
    criteria.ByExpert: choices.by_expert,
    criteria.ByIndustry: lambda asked, test: choices.by_industry(asked, test, checked),
    criteria.Told: choices.told,
    OnPath: _of_table(bases.on_path),
    criteria.InPrinciple: lambda asked, test: choices.in_principle(asked, test, checked),
    criteria.Undefined: choices.undefined,
}
