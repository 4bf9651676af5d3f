"""Which rows of a batch share something, as plain numbers: a hundred thousand rows take a few megabytes (pure).

A mark (``doubles.marks``) is kept as 64 bits of its digest. Should two marks ever have the same, rows are looked at
together that share nothing, and settling them finds nothing to settle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

NONE = 0
"""Stands beside a row that has no mark (any more)."""
_KEPT = np.dtype("<i8")


def number_of(mark: str) -> int:
    """Return a mark as it is kept."""
    return int.from_bytes(blake2b(mark.encode(), digest_size=8).digest(), "little", signed=True)


def packed(marked: Mapping[int, Sequence[int]]) -> bytes:
    """Return the marks of some rows, by their ids, as a batch keeps them: a pair a mark."""
    pairs = [number for row, marks in marked.items() for mark in marks or (NONE,) for number in (row, mark)]
    return np.array(pairs, _KEPT).tobytes()


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a batch: ``rows`` and ``marks`` stand side by side, in rising order of the rows."""

    rows: NDArray[np.int64]
    marks: NDArray[np.int64]

    @classmethod
    def of(cls, kept: Iterable[bytes]) -> Marks:
        """Read what was kept, oldest first: of a row that was kept again only the latest counts."""
        parts = [np.frombuffer(one, _KEPT).reshape(-1, 2) for one in kept]
        if not parts:
            return cls(np.empty(0, np.int64), np.empty(0, np.int64))
        pairs = np.concatenate(parts)
        turn = np.repeat(np.arange(len(parts)), [len(one) for one in parts])
        _ids, at, counts = np.unique(pairs[:, 0], return_inverse=True, return_counts=True)
        latest = np.zeros(len(counts), np.int64)
        np.maximum.at(latest, at, turn)
        pairs = pairs[(turn == latest[at]) & (pairs[:, 1] != NONE)]
        pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
        return cls(pairs[:, 0].copy(), pairs[:, 1].copy())

    def linked(self, ids: Collection[int]) -> set[int]:
        """Return all rows that are linked to the given ones, through any number of steps, and these themselves."""
        found = np.array(sorted(ids), np.int64)
        while True:
            shared = self.marks[np.isin(self.rows, found)]
            more = np.union1d(found, self.rows[np.isin(self.marks, shared)])
            if len(more) == len(found):
                return set(found.tolist())
            found = more

    def groups(self, among: Collection[int] | None = None) -> list[list[int]]:
        """Return groups of rows that are linked, each in the order of its rows; single rows are left out."""
        rows, marks = self.rows, self.marks
        if among is not None:
            wanted = np.isin(rows, np.array(sorted(among), np.int64))
            rows, marks = rows[wanted], marks[wanted]
        order = np.argsort(marks, kind="stable")
        rows, marks = rows[order], marks[order]
        same = marks[1:] == marks[:-1]
        return _joined(zip(rows[:-1][same].tolist(), rows[1:][same].tolist(), strict=True))


def _joined(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    parent: dict[int, int] = {}

    def root(one: int) -> int:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for one, other in pairs:
        parent[root(one)] = root(other)
    together: dict[int, list[int]] = {}
    for row in sorted(parent):
        together.setdefault(root(row), []).append(row)
    return [rows for rows in together.values() if len(rows) > 1]
