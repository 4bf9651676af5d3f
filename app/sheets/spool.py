"""What the reading child hands over: lines of JSON in a file that has no name.

Chunks of rows come first, sheet after sheet, then one line that tells of all sheets and where their rows lie, and last
that line's place in twenty digits. A row is ``[shape, number, text, …]``; a shape stands there as ``[columns, kinds]``
the first time in a sheet and by its number from then on. Only texts cross over: what a number or a date is gets worked
out when somebody asks.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from app.sheets.limits import Limits
from app.sheets.ooxml.refused import RefusedError

TRAILER = 20
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
        self._chunk: list[list[Any]] = []
        self._pending = self._height = self._width = self._filled = 0
        self._start = self._written

    def begin(self, name: str) -> None:
        """Begin the rows of a sheet."""
        self._begin(name)

    def row(self, number: int, columns: tuple[int, ...], kinds: str, texts: list[str]) -> None:
        """Keep one row that holds something; rows come in order."""
        shape: int | list[Any] | None = self._shapes.get((columns, kinds))
        if shape is None:
            shape = [columns, kinds]
            self._shapes[columns, kinds] = len(self._shapes)
            self._width = max(self._width, columns[-1])
        if number > self._limits.rows or self._width > self._limits.columns:
            raise RefusedError("wide", self._name, number, columns[-1])
        self._height = number
        self._filled += 1
        self._chunk.append([shape, number, *texts])
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
        self._line(self._chunk)
        self._chunk, self._pending = [], 0

    def _line(self, content: Any) -> None:
        self._write(_encode(content).encode("utf-8", "replace") + b"\n")

    def _write(self, content: bytes) -> None:
        self._target.write(content)
        self._written += len(content)
