"""Cells merged downwards: a town beside the firms of its block is said of each of them (pure)."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Sequence

from app.imports.layouts.layout import Layout
from app.sheets.cells import Row, column_number

SPREAD = frozenset({"town", "cluster", "industry", "year"})
"""What may be said once of several firms. A name or a figure under a merge would be a guess."""
_RANGE = re.compile(r"([A-Z]{1,3})([0-9]+):([A-Z]{1,3})([0-9]+)\Z")


def spread(rows: Iterator[Row], layout: Layout, merged: Sequence[str]) -> Iterator[Row]:
    """Return the rows of a sheet with what cells merged downwards say put into every row that they cover.

    The rows come in order; without such cells they are given as they are.
    """
    spans = _spans(layout, merged)
    return _filled(rows, spans) if spans else rows


def _spans(layout: Layout, merged: Sequence[str]) -> dict[int, list[tuple[int, int]]]:
    """Return by column the first and last rows of cells that are merged downwards below the header, in order."""
    wanted = {place.number for place in layout.places if place.column.field in SPREAD}
    spans: dict[int, list[tuple[int, int]]] = {}
    for told in merged:
        found = _RANGE.match(told)
        if found is None:
            continue
        column, top, bottom = column_number(found[1]), int(found[2]), int(found[4])
        if found[1] == found[3] and column in wanted and bottom > top > layout.last:
            spans.setdefault(column, []).append((top, bottom))
    return {column: sorted(found) for column, found in sorted(spans.items())}


def _filled(rows: Iterator[Row], spans: dict[int, list[tuple[int, int]]]) -> Iterator[Row]:
    said: dict[int, tuple[str, str]] = {}
    for row in rows:
        found = row.packed_cells
        if found is None or not found.shape.columns:
            yield row
            continue
        cells = {column: (kind, text) for column, kind, text in zip(*found.shape, found.texts, strict=True)}
        missing: dict[int, tuple[str, str]] = {}
        for column, ranges in spans.items():
            place = bisect(ranges, (row.number, row.number)) - 1
            for top, bottom in ranges[max(place, 0) : place + 2]:
                if row.number == top:
                    said[column] = cells.get(column, ("s", ""))
                elif top < row.number <= bottom and column not in cells and said.get(column, ("", ""))[1]:
                    missing[column] = said[column]
        yield row.having(cells | missing) if missing else row
