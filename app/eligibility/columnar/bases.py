"""Measures of many firms against a base year (pure). Mirrors ``engine.bases``."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from app.eligibility.columnar import amounts, codes
from app.eligibility.columnar.codes import Codes
from app.eligibility.columnar.reading import Reading, state_of
from app.eligibility.columnar.table import Table
from app.rulebooks.bases import GEOMETRIC, Change, Multiple, OnPath


def multiple(table: Table, measure: Multiple) -> Reading:
    """Return the multiple; a base of zero or less is as good as none."""
    now, base = table.number(measure.key, table.last_year), table.number(measure.key, measure.base_year)
    divides = base.amount.values > 0
    return Reading(state_of(now.known & base.known & divides), amounts.quotient(now.amount, base.amount, divides))


def change(table: Table, measure: Change) -> Reading:
    """Return the difference; a negative base is a base like any other."""
    now, base = table.number(measure.key, table.last_year), table.number(measure.key, measure.base_year)
    risen = amounts.total([now.amount, base.amount], (1, -1))
    return Reading(state_of(now.known & base.known), amounts.plain(risen))


def on_path(table: Table, test: OnPath) -> Codes:
    """Return whether the year keeps up with the path: the last fiscal year, but never one after the target year."""
    year = min(table.last_year, test.base_year + test.years)
    step = year - test.base_year
    if step < 1:
        return codes.same(table.size, codes.NOT_APPLICABLE)
    now, base = table.number(test.key, year), table.number(test.key, test.base_year)
    divides = base.amount.values > 0
    number = amounts.quotient(now.amount, base.amount, divides)
    share, multiple = Fraction(test.share), Fraction(test.multiple)
    if test.shape == GEOMETRIC:
        bar = multiple**step * share**test.years
        fits = (now.amount.values > 0) & amounts.reaches_by_power(number, bar.numerator, bar.denominator, test.years)
    else:
        bar = share * (1 + (multiple - 1) * Fraction(step, test.years))
        fits = amounts.against(number, bar.numerator, bar.denominator) >= 0
    return codes.put(codes.said(np.asarray(fits)), ~(now.known & base.known & divides), codes.UNKNOWN)
