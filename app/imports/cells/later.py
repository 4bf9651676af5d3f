"""Figures of a row that another process read: how many there are is known, the rest is read back when asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import overload

from app.imports.cells.entry import Figure
from app.imports.cells.kept import figures_of
from app.imports.cells.plain import PlainColumns


class Later(Sequence[Figure]):
    """``cells`` and ``values`` are the JSON that the row keeps; most rows are stored with no look at their figures."""

    __slots__ = ("_cells", "_count", "_made", "_values", "columns", "row", "year")

    def __init__(self, columns: PlainColumns, cells: str, values: str, count: int, row: int, year: int | None) -> None:
        self.columns, self.row, self.year = columns, row, year
        self._cells, self._values, self._count = cells, values, count
        self._made: Sequence[Figure] | None = None

    def _figures(self) -> Sequence[Figure]:
        if self._made is None:
            odd = json.loads(self._values)["odd"]
            self._made = tuple(figures_of(self.columns, json.loads(self._cells), odd, self.row, self.year))
        return self._made

    @overload
    def __getitem__(self, place: int) -> Figure: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Figure]: ...
    def __getitem__(self, place: int | slice) -> Figure | Sequence[Figure]:
        return self._figures()[place]

    def __len__(self) -> int:
        return self._count

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._figures() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._figures())

    def __repr__(self) -> str:
        return repr(self._figures())
