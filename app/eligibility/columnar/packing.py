"""What came out of a block of firms as bytes, and back: three bits a clause, a few bytes a firm (pure)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.eligibility.columnar.judge import Judged

BITS = 3
WIDTHS = ("i1", "i2", "i4", "i8")


@dataclass(frozen=True, slots=True)
class PackedResult:
    """Results of one block and edition; ``width`` is the type of the points, empty without a score."""

    size: int
    clauses: int
    width: str
    data: bytes


def pack(judged: Judged) -> PackedResult:
    """Return the results as bytes: decision and shortfall, the only clause in the way, outcomes in bits, points."""
    clauses, size = judged.outcomes.shape
    parts = [(judged.decision * 8 + judged.shortfall).tobytes(), judged.short.tobytes()]
    parts += [np.packbits((judged.outcomes >> bit) & 1, axis=1).tobytes() for bit in range(BITS)]
    width = ""
    if judged.low is not None and judged.high is not None:
        most = max(int(np.abs(judged.low).max(initial=0)), int(np.abs(judged.high).max(initial=0)))
        width = next(one for one in WIDTHS if most < 2 ** (8 * int(one[1]) - 1))
        parts += [judged.low.astype("<" + width).tobytes(), judged.high.astype("<" + width).tobytes()]
    return PackedResult(size, clauses, width, b"".join(parts))


def unpack(packed: PackedResult) -> Judged:
    """Return the results of the bytes."""
    size, clauses, data = packed.size, packed.clauses, packed.data
    row = (size + 7) // 8
    state = np.frombuffer(data, np.uint8, size)
    outcomes = np.zeros((clauses, size), dtype=np.uint8)
    for bit in range(BITS):
        plane = np.frombuffer(data, np.uint8, clauses * row, 2 * size + bit * clauses * row).reshape(clauses, row)
        outcomes |= np.unpackbits(plane, axis=1, count=size) << bit
    low = high = None
    if packed.width:
        start, step = 2 * size + BITS * clauses * row, size * int(packed.width[1])
        low, high = (_points(data, packed, start + part * step) for part in (0, 1))
    return Judged(
        outcomes, state >> np.uint8(3), state & np.uint8(7), np.frombuffer(data, np.uint8, size, size), low, high,
        np.zeros(size, dtype=bool),
    )  # fmt: skip


def _points(data: bytes, packed: PackedResult, start: int) -> npt.NDArray[np.int64]:
    return np.frombuffer(data, "<" + packed.width, packed.size, start).astype(np.int64)
