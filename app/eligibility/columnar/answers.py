"""How many answers of a questionnaire reach a level, for many firms (pure). Mirrors ``engine.answers``."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.eligibility.columnar import amounts
from app.eligibility.columnar.reading import Reading, state_of
from app.eligibility.columnar.table import Table
from app.facts.catalogue import load_catalogue
from app.rulebooks.answers import CountAtLevel


def count_at_level(table: Table, measure: CountAtLevel) -> Reading:
    """Return how many answers reach the level; an answer that is missing may or may not."""
    reached, missing = np.zeros(table.size, dtype=np.int64), np.zeros(table.size, dtype=np.int64)
    for key in measure.keys:
        order = [option.value for option in load_catalogue().get(key).options]
        least = order.index(measure.level)

        def stands(value: Any, order: list[str] = order, least: int = least) -> bool:
            return order.index(str(value)) >= least

        column = table.find(key)
        table.odd |= column.plain
        reached += column.known & table.by_word(key, column, stands)
        missing += ~column.known
    known = amounts.plain(amounts.amount(reached))
    most = amounts.plain(amounts.amount(reached + missing))
    every = np.ones(table.size, dtype=bool)
    return Reading(state_of(missing == 0), known, floor=(every, known), ceiling=(every, most))
