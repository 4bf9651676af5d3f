"""Reading a workbook of 10,000 × 40 cells beside openpyxl, and the memory that 100,000 rows take."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl

from app.sheets.stream import open_workbook
from bench.figure import Figure, Limit
from bench.tables import table_file

ROWS, MANY = 10_000, 100_000
RUNS = 5
_PEAK = """
import re, sys
def peak():
    # not ru_maxrss, which a process inherits from the one that started it
    return int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) / 1024
"""
_WORKER = """
from app.sheets.stream import open_workbook
with open_workbook(b"a,b\\n1,2\\n", "x.csv") as book:
    list(book.rows(book.heads[0]))
content = open(sys.argv[1], "rb").read()
idle = peak()
with open_workbook(content) as book:
    rows = sum(1 for row in book.rows(book.heads[0]) if row.at(5).value is not None)
assert rows == 100_001, rows
print(peak() - idle)
"""
CHILD = """
from app.sheets.limits import Limits
from app.sheets.reader_child import hand_over
idle = peak()
hand_over("xlsx", open(sys.argv[1], "rb"), open("/dev/null", "wb"), Limits())
print(peak() - idle)
"""


def measure() -> Iterator[Figure]:
    """Yield the ratio of times, child process included, and memory above idle in MiB."""
    content = table_file(ROWS)
    pairs = [(_ours(content), _theirs(content)) for _ in range(RUNS)]
    yield Figure(
        "read_10000x40",
        min(ours for ours, _ in pairs) / min(theirs for _, theirs in pairs),
        "ratio",
        Limit("at_most", 0.25),
        "openpyxl, read only, all values; fastest of five runs each, taken in turns",
    )
    worker, child = _memory()
    yield Figure("read_100000x40_memory_worker", worker, "MiB", Limit("at_most", 300))
    yield Figure("read_100000x40_memory_child", child, "MiB", Limit("at_most", 300))


def _ours(content: bytes) -> float:
    begun = time.perf_counter()
    with open_workbook(content) as book:
        rows = sum(1 for _ in book.rows(book.heads[0]))
    _same(rows)
    return time.perf_counter() - begun


def _theirs(content: bytes) -> float:
    begun = time.perf_counter()
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    rows = sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))
    _same(rows)
    return time.perf_counter() - begun


def _same(rows: int) -> None:
    if rows != ROWS + 1:
        raise RuntimeError(f"{rows} rows were read instead of {ROWS + 1}")


def _memory() -> tuple[float, float]:
    """Return what a fresh worker and its child need above an idle one of each, in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.xlsx"
        path.write_bytes(table_file(MANY))
        return above_idle(_WORKER, path), above_idle(CHILD, path)


def above_idle(code: str, path: Path) -> float:
    """Return the MiB that a fresh process prints, which runs ``code`` on a path; ``peak()`` is at its hand."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _PEAK + code, str(path)], capture_output=True, check=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    return float(done.stdout)
