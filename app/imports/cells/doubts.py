"""Figures of one row held against each other (``facts.balances``), told at their cells (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from app.core.text import tr
from app.facts.balances import LOOKED_AT, Imbalance, imbalances
from app.facts.catalogue import load_catalogue
from app.imports.cells.draft import Draft
from app.imports.cells.entry import Figure
from app.imports.problem import Kind, Level, Problem


def look(draft: Draft, found: Iterable[Figure]) -> None:
    """Tell what does not go together, year by year."""
    by_year: dict[int | None, dict[str, Figure]] = {}
    for figure in found:
        if figure.key in LOOKED_AT:
            by_year.setdefault(figure.year, {})[figure.key] = figure
    for figures in by_year.values():
        numbers = {key: one.value for key, one in figures.items() if isinstance(one.value, Decimal)}
        for odd in imbalances(numbers):
            _tell(draft, figures[odd.key], odd)


def _tell(draft: Draft, figure: Figure, odd: Imbalance) -> None:
    where = tr("第 %(row)s 行『%(header)s』", row=draft.row, header=load_catalogue().get(figure.key).short)
    message = tr("%(place)s：%(problem)s", place=where, problem=odd.why)
    level = Level.ERROR if odd.is_impossible else Level.WARNING
    draft.problems.append(Problem(level, Kind.UNUSUAL, message, figure.cell))
