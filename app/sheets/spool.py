"""What the reading child hands over: lines in a file that has no name.

Chunks of rows come first, sheet after sheet, then one line of JSON that tells of all sheets and where their rows lie,
and last that line's place in twenty digits. A row is the number of its shape, its own number and its texts, divided by
signs that no text holds; a chunk whose texts hold one of them, or a line break, is a list of such rows as JSON. New
shapes stand in a line before the rows that have them, ``{"shapes": [[columns, kinds], …]}``. Only texts cross over:
what a number or a date is gets worked out when somebody asks.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from app.sheets.limits import Limits
from app.sheets.ooxml.refused import RefusedError

TRAILER = 20
CELL, ROW = "\x1f", "\x1e"
_CHUNK = 4_000
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class Spool:
    """Writes rows in chunks and counts them; passing a limit ends the reading."""

    def __init__(self, target: BinaryIO, limits: Limits) -> None:
        self._target, self._limits = target, limits
        self._written = 0
        self._cells = 0
        self._sheets: list[dict[str, Any]] = []
        self._begin("")

    def _begin(self, name: str) -> None:
        self._name = name
        self._shapes: dict[tuple[tuple[int, ...], str], int] = {}
        self._fresh: list[tuple[tuple[int, ...], str]] = []
        self._chunk: list[tuple[int, int, list[str]]] = []
        self._pending = self._height = self._width = self._filled = 0
        self._start = self._written

    def begin(self, name: str) -> None:
        """Begin the rows of a sheet."""
        self._begin(name)

    def row(self, number: int, columns: tuple[int, ...], kinds: str, texts: list[str]) -> None:
        """Keep one row that holds something; rows come in order."""
        shape = self._shapes.get((columns, kinds))
        if shape is None:
            shape = self._shapes[columns, kinds] = len(self._shapes)
            self._fresh.append((columns, kinds))
            self._width = max(self._width, columns[-1])
        if number > self._limits.rows or self._width > self._limits.columns:
            raise RefusedError("wide", self._name, number, columns[-1])
        self._height = number
        self._filled += 1
        self._chunk.append((shape, number, texts))
        self._pending += len(texts)
        if self._pending >= _CHUNK:
            self._flush()

    def end(self, **about: Any) -> None:
        """End the sheet with what else is known of it."""
        self._flush()
        place = {"name": self._name, "start": self._start, "end": self._written}
        size = {"height": self._height, "width": self._width, "filled": self._filled}
        self._sheets.append({**place, **size, **about})

    def close(self) -> None:
        """Write what is known of all sheets."""
        place = self._written
        self._line({"sheets": self._sheets})
        self._write(f"{place:0{TRAILER}d}".encode())

    def _flush(self) -> None:
        if not self._chunk:
            return
        self._cells += self._pending
        if self._cells > self._limits.cells:
            raise RefusedError("wide", self._name)
        if self._fresh:
            self._line({"shapes": self._fresh})
        divided = ROW.join([f"{shape}{CELL}{number}{CELL}{CELL.join(texts)}" for shape, number, texts in self._chunk])
        if self._is_clear(divided):
            self._write(divided.encode("utf-8", "replace") + b"\n")
        else:
            self._line(self._chunk)
        self._chunk, self._fresh, self._pending = [], [], 0

    def _is_clear(self, divided: str) -> bool:
        """Tell whether the rows of the chunk can be told apart: the signs that divide them stand nowhere else."""
        rows = len(self._chunk)
        return divided.count(CELL) == rows + self._pending and divided.count(ROW) == rows - 1 and "\n" not in divided

    def _line(self, content: Any) -> None:
        self._write(_encode(content).encode("utf-8", "replace") + b"\n")

    def _write(self, content: bytes) -> None:
        self._target.write(content)
        self._written += len(content)
