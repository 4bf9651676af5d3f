"""How a row keeps what was read of it, and how it is read back: names in full, figures as the texts they stand for.

A plain number is kept nowhere but in its cell: the layout of the sheet says what its digits mean. Rows that were
kept before 2026-11-26 hold each figure with its key, header and cell.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from app.core.bulk import Written
from app.facts.sheet import decimal_text, plain_value
from app.facts.values import Value
from app.firms.taxonomy import ClusterCode, Town
from app.imports.cells.entry import Entry, Figure, Named
from app.imports.cells.plain import PlainColumns, RowFigures
from app.imports.layouts.layout import Layout
from app.imports.models import ImportBatch, ImportRow
from app.imports.problem import Problem

_NAMES = Named._fields
_dumped = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_quoted: Callable[[str], str] = _dumped  # of a text, which the encoder does at once
_figure = tuple.__new__  # what Figure(...) does, without a call of Python: a large table has a million of them
_EMPTY: dict[type, Written] = {list: Written("[]"), dict: Written("{}")}
ALL = "*"
"""Stands in ``stated`` for every figure of the row; their number follows it."""


def written(content: Any) -> Written:
    """Return plain data as the JSON that a column keeps; what is JSON already stays as it is."""
    if type(content) is Written:
        return content
    return Written(_dumped(content)) if content else _EMPTY[type(content)]


def values_of(entry: Entry) -> dict[str, Any]:
    """Return what a row keeps of its reading; sheet, row and problems have columns of their own."""
    said = {name: plain_value(value) for name, value in zip(_NAMES, entry.named, strict=True) if value}
    kept: dict[str, Any] = {"named": said}
    if isinstance(entry.figures, RowFigures):
        letters = entry.figures.columns.letters
        kept["odd"] = {letters[place]: _odd(figure) for place, figure in entry.figures.odd.items()}
    else:
        kept["figures"] = [
            [key, year, plain_value(value), raw, cell, header, _kind(value)]
            for key, year, value, raw, cell, header in entry.figures
        ]
    kept.update(missing=list(entry.missing), retrieved=entry.retrieved, read_problems=len(entry.problems))
    kept["year"] = entry.year
    return kept


def values_text(entry: Entry) -> str:
    """Return ``values_of`` as JSON; of a row of plain numbers with nothing to tell it is put together at once."""
    figures = entry.figures
    if entry.problems or entry.missing or entry.retrieved or not isinstance(figures, RowFigures) or figures.odd:
        return _dumped(values_of(entry))
    said = [
        f'"{name}":{_quoted(value) if type(value) is str else _dumped(plain_value(value))}'
        for name, value in zip(_NAMES, entry.named, strict=True)
        if value
    ]
    year = "null" if entry.year is None else entry.year
    return f'{{"named":{{{",".join(said)}}},"odd":{{}},"missing":[],"retrieved":"","read_problems":0,"year":{year}}}'


def _odd(figure: Figure | None) -> list[Any] | None:
    if figure is None:
        return None
    value = figure.value
    return [decimal_text(value) if isinstance(value, Decimal) else plain_value(value), _kind(value)]


def _kind(value: Value) -> str:
    if isinstance(value, Decimal):
        return "number"
    return "date" if isinstance(value, date) else "plain"


class KeptRow(Protocol):
    """What reading a row back needs of it."""

    sheet: str
    row: int
    cells: dict[str, Any]
    edited: dict[str, Any]
    values: dict[str, Any]
    problems: list[Any]


class Entries:
    """The rows of one batch, read back by the layouts by which they were read."""

    def __init__(self, batch: ImportBatch) -> None:
        self._layouts: Mapping[str, Any] = batch.layouts
        self._columns: dict[str, PlainColumns] = {}

    def of(self, row: KeptRow | ImportRow) -> Entry:
        """Return what a row that holds data says."""
        values = row.values
        return Entry(
            sheet=row.sheet,
            row=row.row,
            named=named_of(row),
            figures=self._explicit(values["figures"]) if "figures" in values else self._figures(row),
            missing=tuple(values["missing"]),
            problems=tuple(Problem.from_json(one) for one in row.problems[: values["read_problems"]]),
            retrieved=values["retrieved"],
            year=values.get("year"),
        )

    def keys_by_cell(self, row: KeptRow | ImportRow) -> dict[str, str]:
        """Return the keys of the figures of a row by their cells; none for a row without data."""
        return {figure.cell: figure.key for figure in self.of(row).figures} if row.values else {}

    def _explicit(self, kept: Sequence[Sequence[Any]]) -> tuple[Figure, ...]:
        return tuple(
            [
                _figure(
                    Figure,
                    (key, year, Decimal(value) if kind == "number" else _restored(value, kind), raw, cell, header),
                )
                for key, year, value, raw, cell, header, kind in kept
            ]
        )

    def _figures(self, row: KeptRow | ImportRow) -> RowFigures:
        return figures_of(
            self._columns_of(row.sheet), texts_of(row), row.values["odd"], row.row, row.values.get("year")
        )

    def _columns_of(self, sheet: str) -> PlainColumns:
        if sheet not in self._columns:
            self._columns[sheet] = PlainColumns(Layout.from_json(self._layouts[sheet]))
        return self._columns[sheet]


def figures_of(
    columns: PlainColumns, texts: Mapping[str, str], kept: Mapping[str, Any], row: int, year: int | None
) -> RowFigures:
    """Read the figures of a row back from the texts of its cells and from what is kept of odd ones, by letter."""
    cells = [text if (text := texts.get(letter, "")).strip() else "" for letter in columns.letters]
    odd: dict[int, Figure | None] = {}
    for place, column in enumerate(columns.all):
        if column.letter in kept:
            of_cell = kept[column.letter]
            odd[place] = None if of_cell is None else Figure(
                column.key, column.year_in(year), _restored(*of_cell), cells[place], f"{column.letter}{row}",
                column.header,
            )  # fmt: skip
    return RowFigures(columns, cells, odd, row, year)


def texts_of(row: KeptRow | ImportRow) -> dict[str, str]:
    """Return what the cells of a row hold now, by letter."""
    if not row.edited:
        return row.cells
    return {**row.cells, **{letter: one["new"] for letter, one in row.edited.items()}}


def named_of(row: KeptRow | ImportRow) -> Named:
    """Return whom a row that holds data names."""
    kept = dict(row.values["named"])
    if "former_names" in kept:
        kept["former_names"] = tuple(kept["former_names"])
    if "clusters" in kept:
        kept["clusters"] = tuple(ClusterCode(code) for code in kept["clusters"])
    if "town" in kept:
        kept["town"] = Town(kept["town"])
    if "registered_on" in kept:
        kept["registered_on"] = date.fromisoformat(kept["registered_on"])
    return Named(**kept)


def _restored(value: Any, kind: str) -> Value:
    if kind == "number":
        return Decimal(value)
    if kind == "date":
        return date.fromisoformat(value)
    plain: Value = value
    return plain


def stated_of(stated: Sequence[Figure], figures: Sequence[Figure]) -> list[Any]:
    """Return what a row keeps of the figures that it would state: their keys, or short that it is all of them."""
    count = len(stated)
    if count > 1 and (stated is figures or count == len(figures)):
        return [ALL, count]
    return [figure.key for figure in stated]


def count_stated(kept: Sequence[Any]) -> int:
    """Return how many figures a row would state, or stated."""
    return int(kept[1]) if kept and kept[0] == ALL else len(kept)


def states(kept: Sequence[Any], key: str) -> bool:
    """Tell whether a row would state, or stated, the figure of a key that it has."""
    return key in kept or bool(kept and kept[0] == ALL)


def shortened(row: ImportRow) -> list[Any]:
    """Return what a row keeps as ``stated``, in the short form also where it was kept at length."""
    at_length = row.values.get("figures", ())
    if len(row.stated) > 1 and row.stated[0] != ALL and len(row.stated) == len(at_length):
        return [ALL, len(at_length)]
    return row.stated
