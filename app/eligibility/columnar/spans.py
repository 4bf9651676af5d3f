"""Sums, means, the worst and the best year, growth over a run of years, for many firms (pure).

Mirrors ``engine.spans``: while a year is missing the reading says what the value can be at least and at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.eligibility.columnar import amounts
from app.eligibility.columnar.amounts import Extreme, Number, Rooted
from app.eligibility.columnar.codes import Flags
from app.eligibility.columnar.reading import MISSING, REVIEW, VALUE, Reading, States
from app.eligibility.columnar.table import Figure, Table
from app.facts.catalogue import load_catalogue
from app.rulebooks import spans as rules
from app.rulebooks.spans import GrowthRate, OverYears


@dataclass(frozen=True, slots=True)
class _Year:
    """One year: its number where it is known, and where it is missing, for a person, or before the firm was there."""

    known: Flags
    number: Number
    missing: Flags
    review: Flags
    before: Flags


def over_years(table: Table, measure: OverYears) -> Reading:
    """Return the sum, mean, least or greatest of the yearly numbers."""
    last = table.as_of.year if measure.this_year else table.last_year
    years = [_year(table, measure, year) for year in range(last - measure.years + 1, last + 1)]
    missing = np.logical_or.reduce([one.missing for one in years])
    review = np.logical_or.reduce([one.review for one in years])
    if measure.how != rules.SUM:
        review = review | np.logical_or.reduce([one.before for one in years])
    state = np.where(missing, np.uint8(MISSING), np.where(review, np.uint8(REVIEW), np.uint8(VALUE)))
    if measure.how in (rules.LEAST, rules.MOST):
        return _extreme(years, state, is_least=measure.how == rules.LEAST)
    total = amounts.added([amounts.nothing_where(one.number, ~one.known) for one in years])
    if measure.how == rules.MEAN:
        total = amounts.divided(total, measure.years)
    signed = any(load_catalogue().get(key).signed for key in (*measure.of, *measure.to))
    return Reading(state, total, floor=(~missing if signed else np.ones(table.size, dtype=bool), total))


def _extreme(years: list[_Year], state: States, *, is_least: bool) -> Reading:
    number = Extreme([(one.known, one.number) for one in years], is_least)
    told = np.logical_or.reduce([one.known for one in years])
    if is_least:
        return Reading(state, number, ceiling=(told, number))
    return Reading(state, number, floor=(told, number))


def _year(table: Table, measure: OverYears, year: int) -> _Year:
    of, to = _amount(table, measure.of, year), _amount(table, measure.to, year)
    lacking = ~(of.known & to.known)
    before = lacking & _is_before(table, year)
    if not measure.to:
        nowhere = np.zeros(table.size, dtype=bool)
        return _Year(~lacking, amounts.plain(of.amount), lacking & ~before, nowhere, before)
    divides = to.amount.values > 0
    number = amounts.quotient(of.amount, to.amount, divides)
    return _Year(~lacking & divides, number, lacking & ~before, ~lacking & ~divides, before)


def _amount(table: Table, keys: tuple[str, ...], year: int) -> Figure:
    parts = [table.number(key, year) for key in keys]
    known = np.ones(table.size, dtype=bool)
    for part in parts:
        known = known & part.known
    nothing = amounts.amount(np.zeros(table.size, dtype=np.int64))
    return Figure(known, amounts.total([part.amount for part in parts]) if parts else nothing)


def _is_before(table: Table, year: int) -> Flags:
    """Tell for which firms it is known that they were not there yet in that year."""
    started, begun = table.begun()
    found: Flags = started & (year < begun)
    return found


def growth_rate(table: Table, measure: GrowthRate) -> Reading:
    """Return the mean of the yearly rates, or the compound rate as what the amount has grown to."""
    span = range(table.last_year - measure.years, table.last_year + 1)
    asked = list(span) if measure.how == rules.MEAN else [span[0], span[-1]]
    found = [_amount(table, measure.of, year) for year in asked]
    early = [~one.known & _is_before(table, year) for one, year in zip(found, asked, strict=True)]
    missing = np.logical_or.reduce([~one.known & ~young for one, young in zip(found, early, strict=True)])
    no_base = np.logical_or.reduce([one.amount.values <= 0 for one in found[:-1]])
    review = np.logical_or.reduce(early) | no_base
    state = np.where(missing, np.uint8(MISSING), np.where(review, np.uint8(REVIEW), np.uint8(VALUE)))
    steps = [
        amounts.quotient(after.amount, base.amount, base.amount.values > 0)
        for base, after in zip(found, found[1:], strict=False)
    ]
    if measure.how == rules.COMPOUND:
        return Reading(state, Rooted(steps[0], measure.years))
    return Reading(state, amounts.less_one(amounts.divided(amounts.added(steps), len(steps))))
