"""Measures of many firms against a base year (pure). Mirrors ``engine.bases``."""

from __future__ import annotations

from app.eligibility.columnar import amounts
from app.eligibility.columnar.reading import Reading, state_of
from app.eligibility.columnar.table import Table
from app.rulebooks.bases import Change, Multiple


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
