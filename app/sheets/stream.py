"""A table file opened for reading row by row. Workbooks are parsed in a child: one kilobyte can end a process.

The child has read everything before the first row is given out, so nothing half-read is ever seen; what it found lies
in a nameless file, so that a sheet may be gone through again and again and never stands in memory.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import IO, Any, Self

from app.sheets import refusals
from app.sheets.cells import Row, Shape, Visibility
from app.sheets.delimited import Delimited
from app.sheets.limits import Limits
from app.sheets.signature import Kind, recognise
from app.sheets.spool import CELL, ROW, TRAILER

_BLOCK = 1 << 18
_ROOT = Path(__file__).resolve().parents[2]
_START = "import importlib, sys; sys.path.insert(0, sys.argv[1]); importlib.import_module(sys.argv[4]).main()"
ENTRY = "app.sheets.reader_child"
_REFUSED = 3


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a sheet before its rows are read.

    ``height`` is the number of the last row that holds anything, ``filled`` how many rows do, ``width`` the last such
    column; ``declared_rows`` counts the rows that the file itself holds, empty ones too, where its format tells.
    ``is_1904`` tells that the workbook counts days from 1904.
    """

    name: str
    visibility: Visibility
    height: int
    width: int
    filled: int
    declared_rows: int | None = None
    merged: tuple[str, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[str] = frozenset()
    is_1904: bool = False


class OpenWorkbook:
    """A file that was read in full; ``rows`` gives the rows of a sheet, each time from the first. Close it."""

    def __init__(
        self, kind: str, heads: tuple[Head, ...], read: Callable[[int], Iterator[Row]], close: Callable[[], None]
    ) -> None:
        self.kind = kind
        self.heads = heads
        self._read, self._close = read, close

    def filled_rows(self, head: Head) -> Iterator[Row]:
        """Give the rows that hold anything, in order."""
        return self._read(next(place for place, known in enumerate(self.heads) if known is head))

    def rows(self, head: Head) -> Iterator[Row]:
        """Give all rows from the first to the last that holds anything, blank ones included."""
        number = 0
        for row in self.filled_rows(head):
            for blank in range(number + 1, row.number):
                yield Row.packed(blank, head.name, _NOTHING, [], head.width)
            yield row
            number = row.number

    def close(self) -> None:
        """Let go of what was read."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


_NOTHING = Shape((), "")


def open_workbook(content: bytes, filename: str = "", *, limits: Limits | None = None) -> OpenWorkbook:
    """Open ``content`` (.xlsx, .xls, .xlsb, .ods or .csv).

    The kind is told by the content; ``filename`` only names the sheet of a CSV file. Raises ``NotATable`` with the
    reason and the remedy.
    """
    limits = limits or Limits()
    kind = recognise(content, limits)
    if kind is Kind.CSV:
        return _delimited(Delimited(content, limits), PurePath(filename).stem or "CSV")
    handed = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the workbook
    try:
        refused = run_child(ENTRY, kind.value, content, limits, handed)
        if refused is not None:
            raise refusals.from_child(refused)
        sheets = _sheets(handed)
        _check_names([sheet["name"] for sheet in sheets])
    except BaseException:
        handed.close()
        raise
    if not sheets:
        handed.close()
        raise refusals.no_sheets()
    heads = tuple(_head(sheet) for sheet in sheets)
    return OpenWorkbook(kind.value, heads, lambda place: _spooled(handed.fileno(), sheets[place]), handed.close)


def _delimited(table: Delimited, name: str) -> OpenWorkbook:
    head = Head(name, Visibility.VISIBLE, table.height, table.width, table.height, table.height)
    return OpenWorkbook(Kind.CSV.value, (head,), lambda _place: table.rows(name), lambda: None)


def run_child(entry: str, argument: str, content: bytes, limits: Limits, handed: IO[bytes]) -> dict[str, Any] | None:
    """Let a child of ours work on ``content`` within limits; what it makes goes to ``handed``.

    Input and output are files, so that neither side can block the other. Returns what the child said when it gave the
    file back (``refusals.from_child``); raises ``NotATable`` when it had to be stopped.
    """
    command = [sys.executable, "-I", "-c", _START, str(_ROOT), argument, json.dumps(asdict(limits)), entry]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as told:
        given.write(content)
        given.seek(0)
        try:
            code = _ended(command, given, handed, told, limits.seconds)
        except subprocess.TimeoutExpired:
            raise refusals.too_slow(limits.seconds) from None
        told.seek(0)
        said = told.read(4_000).decode("utf-8", "replace")
    if code == -signal.SIGXCPU:
        raise refusals.too_slow(limits.cpu_seconds)
    if code < 0:
        # a signal: the library gave up for want of the memory it was not granted
        raise refusals.too_wide()
    if code == _REFUSED:
        refused: dict[str, Any] = json.loads(said)
        return refused
    if code > 0:
        raise RuntimeError(f"the child failed: {said[-2000:]}")
    return None


def _ended(command: list[str], given: IO[bytes], handed: IO[bytes], told: IO[bytes], seconds: float) -> int:
    """Run a child to its end and return its code. Raises ``subprocess.TimeoutExpired`` when it was stopped."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdin=given, stdout=handed, stderr=told, env={"LANG": "C.UTF-8"}
    ) as child:
        try:
            return _wait(child, seconds)
        except BaseException:
            child.kill()
            raise


def _wait(child: subprocess.Popen[bytes], seconds: float) -> int:
    """Wait for the end of a child. The system tells it at once; ``Popen.wait`` alone looks every 50 ms."""
    try:
        watched = os.pidfd_open(child.pid)
    except (AttributeError, OSError):  # not Linux, or a container that forbids it
        return child.wait(seconds)
    try:
        ends = select.poll()
        ends.register(watched, select.POLLIN)
        if not ends.poll(seconds * 1_000):
            raise subprocess.TimeoutExpired(child.args, seconds)
    finally:
        os.close(watched)
    return child.wait()


def _sheets(handed: IO[bytes]) -> list[dict[str, Any]]:
    size = os.fstat(handed.fileno()).st_size
    place = int(os.pread(handed.fileno(), TRAILER, size - TRAILER))
    handed.seek(place)
    sheets: list[dict[str, Any]] = json.loads(handed.readline())["sheets"]
    return sheets


def _check_names(names: list[str]) -> None:
    """A cell is found again by its sheet's name; Excel writes no name twice, and mends a file that has one."""
    if (twice := next((name for place, name in enumerate(names) if name in names[:place]), None)) is not None:
        raise refusals.same_name(twice)


def _head(sheet: dict[str, Any]) -> Head:
    return Head(
        name=sheet["name"],
        visibility=Visibility(sheet["visibility"]),
        height=sheet["height"],
        width=sheet["width"],
        filled=sheet["filled"],
        declared_rows=sheet["declared"],
        merged=tuple(sheet["merged"]),
        hidden_rows=frozenset(sheet["hidden_rows"]),
        hidden_columns=frozenset(sheet["hidden_columns"]),
        is_1904=sheet.get("is_1904", False),
    )


def _spooled(handed: int, sheet: dict[str, Any]) -> Iterator[Row]:
    name, width = sheet["name"], sheet["width"]
    shapes: list[Shape] = []
    for line in _lines(handed, sheet["start"], sheet["end"]):
        if line.startswith(b"{"):
            shapes += [Shape(tuple(columns), kinds) for columns, kinds in json.loads(line)["shapes"]]
        elif line.startswith(b"["):
            for shape, number, texts in json.loads(line):
                yield Row.packed(number, name, shapes[shape], texts, width)
        else:
            for row in line.decode().split(ROW):
                at, number, *texts = row.split(CELL)
                yield Row.packed(int(number), name, shapes[int(at)], texts, width)


def _lines(handed: int, start: int, end: int) -> Iterator[bytes]:
    rest = b""
    while start < end:
        block = os.pread(handed, min(_BLOCK, end - start), start)
        start += len(block)
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
