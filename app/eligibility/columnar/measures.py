"""Measures of many firms: the same numbers as ``engine.measure``, and where there is none, why (pure)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from app.eligibility.columnar import amounts, answers, bases, spans
from app.eligibility.columnar.amounts import Amount, Number
from app.eligibility.columnar.codes import Flags
from app.eligibility.columnar.reading import NOTHING, REVIEW, VALUE, Reading, state_of
from app.eligibility.columnar.table import Figure, Table, calendar
from app.rulebooks import criteria
from app.rulebooks.answers import CountAtLevel
from app.rulebooks.bases import Change, Multiple
from app.rulebooks.spans import GrowthRate, OverYears


def measured(table: Table, measure: criteria.Measure) -> Reading:
    """Return the reading of any measure but the score; made once for all editions that ask for it."""
    return table.memo(("measure", measure), lambda: MEASURES[type(measure)](table, measure))


def _figure(table: Table, measure: criteria.Figure) -> Reading:
    found = table.number(measure.key)
    return Reading(state_of(found.known), amounts.plain(found.amount))


def _total(table: Table, measure: criteria.Total) -> Reading:
    parts = [table.number(key) for key in measure.keys]
    number = amounts.plain(amounts.total([part.amount for part in parts]))
    return Reading(state_of(_all_known(parts)), number, floor=(np.ones(table.size, dtype=bool), number))


def _all_known(parts: Sequence[Figure]) -> Flags:
    found: Flags = np.logical_and.reduce([part.known for part in parts])
    return found


def summed(table: Table, keys: Sequence[str], years: int, span: npt.NDArray[np.int64] | None) -> Figure:
    """Return the sum over keys and the last ``years`` years, of each firm only over as many as ``span`` says.

    Known where every figure of the firm's own span is.
    """
    known, parts = np.ones(table.size, dtype=bool), []
    for key in keys:
        for back in range(years):
            figure = table.yearly(key, table.last_year - back)
            if span is None:
                known &= figure.known
                parts.append(figure.amount)
            else:
                counts = span > back
                known &= figure.known | ~counts
                kept = np.where(counts, figure.amount.values, 0)
                parts.append(Amount(kept, figure.amount.places, figure.amount.most))
    return Figure(known, amounts.total(parts))


def _sum(table: Table, keys: tuple[str, ...], years: int) -> Figure:
    """A sum is shared by all clauses and editions that ask for it."""
    span = table.window(years) if years > 1 else None
    return table.memo(("sum", keys, years), lambda: summed(table, keys, years, span))


def _ratio(table: Table, measure: criteria.Ratio) -> Reading:
    of, to = _sum(table, measure.of, measure.years), _sum(table, measure.to, measure.years)
    known, bottom = of.known & to.known, to.amount
    if measure.to_less:
        less = _sum(table, measure.to_less, measure.years)
        known, bottom = known & less.known, amounts.total([bottom, less.amount], (1, -1))
    state = state_of(known)
    divides = bottom.values > 0
    over, under = amounts.aligned(of.amount, bottom)
    doubtful = ~divides | (over.values > under.values) if measure.share else ~divides
    state[known & doubtful] = REVIEW
    if measure.years > 1:
        state[table.window(measure.years) == 0] = REVIEW
    return Reading(state, amounts.quotient(of.amount, bottom, divides))


def _days_since(table: Table, measure: criteria.DaysSince) -> Reading:
    days = table.days(measure.key, 0)
    table.odd |= days.none
    return Reading(state_of(days.known), amounts.plain(amounts.amount(table.applied_on() - days.ordinals)))


def _years_since(table: Table, measure: criteria.YearsSince) -> Reading:
    """Whole years up to a day: one less where the anniversary is still to come (29 February: on 1 March)."""
    days = table.days(measure.key, 0)
    last = np.full(table.size, date(table.last_year, 12, 31).toordinal())
    until = last if measure.until == "last_year_end" else table.applied_on()
    (year, day), (begun, born) = calendar(until), calendar(days.ordinals)
    years = np.where(days.none, -1, year - begun - (born > day))  # what is known not to be is less than nothing
    return Reading(state_of(days.known), amounts.plain(amounts.amount(years)))


def _per_year(table: Table, measure: criteria.PerYear) -> Reading:
    count = table.number(measure.key)
    started, operated = table.operating()
    years = np.minimum(operated, measure.years)
    none = count.amount.values == 0
    state = state_of(count.known & (started | none))
    state[count.known & started & (years == 0)] = REVIEW
    # a count of zero is zero a year, however long the firm has operated
    divided_by = np.where(started & (years > 0), years, 1)
    every = np.ones(table.size, dtype=bool)
    guesses = [(every, _shared(count.amount, np.full(table.size, one))) for one in range(1, measure.years + 1)]
    return Reading(state, _shared(count.amount, divided_by), guessed=count.known & ~started & ~none, guesses=guesses)


def _shared(count: Amount, years: npt.NDArray[np.int64]) -> Number:
    step = 10**count.places
    return Number(count.values, years * step, count.most, int(years.max(initial=1)) * step)


# --- growth ---------------------------------------------------------------------------------------------------------


def _growth(table: Table, measure: criteria.Growth) -> Reading:
    """The mean yearly growth over the last three fiscal years; the rule at each edge as in ``engine.measure``."""
    span = table.window(3)
    yearly = [_yearly(table, measure, table.last_year - back) for back in (2, 1, 0)]
    known = [figure.known for figure in yearly]
    first, second, third = (figure.amount for figure in yearly)
    three = span == 3
    state = state_of(known[1] & known[2] & (known[0] | ~three))
    whole = state == VALUE
    grown = _grown(first, second, third, three)
    for where, says in _edges(first, second, third, three, grown):
        state[whole & (state == VALUE) & where] = says
    state[span == 1] = NOTHING
    state[span == 0] = REVIEW
    return Reading(state, grown)


def _edges(first: Amount, second: Amount, third: Amount, three: Flags, grown: Number) -> list[tuple[Flags, int]]:
    """What holds instead of a number, in the order in which the rules come."""
    return [
        ((second.values < 0) | (three & (first.values < 0)), REVIEW),
        (three & (second.values == 0), NOTHING),
        (~three & (second.values == 0), REVIEW),
        ((third.values < 0) & (grown.top > 0), REVIEW),
    ]


def _yearly(table: Table, measure: criteria.Growth, year: int) -> Figure:
    """The amount of one year: computed from its parts, or the direct figure where a part is missing."""
    parts = [table.yearly(key, year) for key in (*measure.of, *measure.less)]
    signs = [1] * len(measure.of) + [-1] * len(measure.less)
    known = _all_known(parts)
    value = amounts.total([part.amount for part in parts], signs)
    if not measure.direct:
        return Figure(known, value)
    direct = table.number(measure.direct, year)
    return Figure(known | direct.known, amounts.chosen(known, value, direct.amount))


def _grown(first: Amount, second: Amount, third: Amount, three: Flags) -> Number:
    """Growth over both years where the first is above zero, else over the last alone; the bases are above zero."""
    first, second, third = amounts.aligned(first, second, third)
    both = three & (first.values > 0)
    by_two = amounts.total([amounts.product(second, second), amounts.product(first, third)])
    under_two = amounts.scaled(amounts.product(first, second), 2)
    under = amounts.chosen(both, under_two, _squared_steps(second))
    top = amounts.total([amounts.chosen(both, by_two, _squared_steps(third)), under], (1, -1))
    return Number(top.values, np.where(under.values > 0, under.values, 1), top.most, max(under.most, 1))


def _squared_steps(one: Amount) -> Amount:
    """Return the same number in steps of the square of its steps, as products have them."""
    return amounts.steps_of(one, 2 * one.places)


MEASURES: dict[type, Callable[[Table, Any], Reading]] = {
    criteria.Figure: _figure,
    criteria.Total: _total,
    criteria.Ratio: _ratio,
    criteria.DaysSince: _days_since,
    criteria.YearsSince: _years_since,
    criteria.PerYear: _per_year,
    criteria.Growth: _growth,
    CountAtLevel: answers.count_at_level,
    OverYears: spans.over_years,
    GrowthRate: spans.growth_rate,
    Multiple: bases.multiple,
    Change: bases.change,
}
