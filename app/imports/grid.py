"""The problems of a batch as a person works through them: groups by kind, and the cells of one group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.paging import Page
from app.facts import display
from app.facts.keeping import indicator_of
from app.facts.models import ClaimState
from app.firms import queries as firms
from app.imports import queries, repairs
from app.imports.cells.kept import Entries, texts_of
from app.imports.models import ImportBatch, ImportRow
from app.imports.offers import ASKING_WHO, Offered, offers
from app.imports.plans.plan import best
from app.imports.plans.tally import tag, words_of
from app.imports.problem import Kind, Level, Problem

ASKING = frozenset({Kind.SWING, Kind.UNIT_SUSPECT})
TELLING = frozenset({Kind.MISSING, Kind.STRUCTURE, Kind.FILLED, Kind.DIFFERENT, Kind.SET_ASIDE, Kind.SHORT_NAME})


@dataclass(frozen=True, slots=True)
class Likeness:
    """Problems of one kind that one click repairs."""

    tag: str
    count: int


@dataclass(frozen=True, slots=True)
class Group:
    """All problems of one kind; ``errors`` of them keep their rows out."""

    kind: Kind
    count: int
    errors: int
    alike: Sequence[Likeness]

    @property
    def level(self) -> Level:
        """How badly, for the order and the mark of the group."""
        if self.errors:
            return Level.ERROR
        return Level.INFO if self.kind in TELLING else Level.WARNING

    @property
    def asks(self) -> bool:
        """Whether its figures need a reason when they are left as they are."""
        return self.kind in ASKING


def groups(batch: ImportBatch) -> list[Group]:
    """Return the groups of a batch: what keeps rows out first, then the most frequent."""
    kinds, errors = batch.report.get("kinds", {}), batch.report.get("errors", {})
    alike: dict[str, list[Likeness]] = {}
    for name, (kind, _alike, count) in batch.report.get("alike", {}).items():
        if count > 1:
            alike.setdefault(kind, []).append(Likeness(name.partition("/")[2], count))
    found = [
        Group(one, kinds[one.value], errors.get(one.value, 0), alike.get(one.value, ()))
        for one in Kind
        if kinds.get(one.value)
    ]
    order = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}
    return sorted(found, key=lambda group: (order[group.level], -group.count))


@dataclass(frozen=True, slots=True)
class CellView:
    """One problem at its cell: what stood in the file, what stands there now, what is suggested and why.

    ``key`` is the figure whose oddity wants a ``reason``, empty when none is asked. ``offered`` are the firms that the
    row may mean. ``figures`` are those of a row that is meant as a whole: label, value, unit.
    """

    row: ImportRow
    firm: str
    problem: Problem
    letter: str
    header: str
    original: str
    text: str
    likeness: str
    key: str
    reason: str
    offered: Sequence[Offered] = ()
    figures: Sequence[tuple[str, display.Text, str]] = ()

    @property
    def is_edited(self) -> bool:
        """Whether a person wrote over the cell."""
        return self.letter in self.row.edited

    @property
    def can_be_written(self) -> bool:
        """Whether the problem stands at a column that is read."""
        return bool(self.letter and self.header)


def cells(
    session: Session, batch: ImportBatch, found: Page[ImportRow], kind: str, likeness: str = "", *, for_: Actor
) -> list[CellView]:
    """Return the problems of a kind in a page of rows, one line each."""
    names = firms.names(session, [row.firm_id for row in found.items if row.firm_id is not None])
    headers = {sheet["name"]: repairs.headers(batch, sheet["name"]) for sheet in batch.report.get("sheets", ())}
    offered = offers(session, found.items, for_=for_) if kind in {one.value for one in ASKING_WHO} else {}
    views = []
    entries = Entries(batch)
    for row in found.items:
        keys = entries.keys_by_cell(row)
        asked = {*words_of(row.asks), *row.reasons}
        for problem in repairs.problems_of(row):
            if problem.kind.value != kind or (likeness and tag(kind, problem.alike) != f"{kind}/{likeness}"):
                continue
            key = keys.get(problem.cell, "")
            firm = names.get(row.firm_id or 0, "") or row.name
            view = _cell(row, firm, problem, headers.get(row.sheet, {}), key if key in asked else "")
            whole = () if problem.cell else _figures(row, entries)
            views.append(replace(view, offered=offered.get(row.id, ()), figures=whole))
    return views


MOST_SHOWN = 6


def _figures(row: ImportRow, entries: Entries) -> list[tuple[str, display.Text, str]]:
    if not row.values:
        return []
    found = [(indicator_of(one.key, one.year), one.value) for one in entries.of(row).figures[:MOST_SHOWN]]
    return [(one.short, display.show(one, value), display.unit_of(one)) for one, value in found]


def one_each(cells: Sequence[CellView]) -> list[tuple[CellView, Offered]]:
    """Return the rows of a page that may mean just one firm, which one click may choose for all of them."""
    found = {one.row.id: (one, one.offered[0]) for one in cells if len(one.offered) == 1}
    return list(found.values()) if len(found) > 1 else []


def _cell(row: ImportRow, firm: str, problem: Problem, headers: Mapping[str, str], key: str) -> CellView:
    letter = repairs.letter_of(problem.cell)
    return CellView(
        row,
        firm,
        problem,
        letter,
        headers.get(letter, ""),
        row.cells.get(letter, ""),
        texts_of(row).get(letter, ""),
        tag(problem.kind.value, problem.alike).partition("/")[2] if problem.alike else "",
        key if problem.kind in ASKING else "",
        row.reasons.get(key, {}).get("text", ""),
    )


@dataclass(frozen=True, slots=True)
class RowCell:
    """One cell of a row as the page of the row shows it."""

    letter: str
    header: str
    original: str
    text: str
    edit: Mapping[str, Any] | None
    problems: Sequence[Problem]


def row_cells(batch: ImportBatch, row: ImportRow) -> list[RowCell]:
    """Return all cells of a row: those that are read, then the rest."""
    headers = repairs.headers(batch, row.sheet)
    all_headers = {one["letter"]: one["header"] for one in batch.report.get("columns", ()) if one["sheet"] == row.sheet}
    texts = texts_of(row)
    problems = repairs.problems_of(row)
    letters = sorted({*headers, *texts}, key=lambda letter: (letter not in headers, len(letter), letter))
    return [
        RowCell(
            letter,
            headers.get(letter) or all_headers.get(letter, ""),
            row.cells.get(letter, ""),
            texts.get(letter, ""),
            row.edited.get(letter),
            [one for one in problems if repairs.letter_of(one.cell) == letter],
        )
        for letter in letters
    ]


MOST_FOUND = 10


def row_page(session: Session, batch: ImportBatch, row: ImportRow, find: str, for_: Actor) -> dict[str, Any]:
    """Return what the page of a row shows beside the row itself: cells, history, firms that may be meant."""
    found = list(firms.search(session, find, for_=for_, limit=MOST_FOUND)) if find.strip() else []
    return {
        "cells": row_cells(batch, row),
        "edits": queries.edits(session, row.id),
        "find": find,
        "candidates": found,
        "offered": offers(session, [row], for_=for_).get(row.id, ()),
        "beside": _beside(session, batch, row, for_),
        "asked": [(key, indicator_of(key).short) for key in words_of(row.asks)],
        "reasons": {indicator_of(key).short: one for key, one in row.reasons.items()},
    }


@dataclass(frozen=True, slots=True)
class Beside:
    """A figure of the row beside what is held of the two years before and from other sources of its year."""

    label: str
    unit: str
    years: Sequence[tuple[int, display.Text]]
    others: Sequence[display.Text]


def _beside(session: Session, batch: ImportBatch, row: ImportRow, for_: Actor) -> list[Beside]:
    if row.firm_id is None or not row.values or not firms.may_see(session, row.firm_id, for_):
        return []
    of_year = [figure for figure in Entries(batch).of(row).figures if figure.year is not None]
    years = {figure.year - back for figure in of_year if figure.year is not None for back in (0, 1, 2)}
    held = queries.held(session, [row.firm_id], years)
    found = []
    for figure in of_year:
        assert figure.year is not None
        indicator = indicator_of(figure.key, figure.year)
        past = [(year, best(held.get((row.firm_id, figure.key, year), ())))
                for year in (figure.year - 2, figure.year - 1)]  # fmt: skip
        shown: list[tuple[int, display.Text]] = [
            (year, display.show_columns(indicator, *one.columns) if one else display.UNKNOWN) for year, one in past
        ]
        others = [display.show_columns(indicator, *one.columns)
                  for one in held.get((row.firm_id, figure.key, figure.year), ())
                  if one.state is not ClaimState.REJECTED and one.columns != figure.columns]  # fmt: skip
        shown.append((figure.year, display.show(indicator, figure.value)))
        found.append(Beside(indicator.short, display.unit_of(indicator), shown, others))
    return found
