"""Writing a table of 10,000 × 40 cells as .xlsx beside openpyxl, and the memory that 100,000 rows take."""

from __future__ import annotations

import io
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import openpyxl

from app.sheets.write import Table, Watermark, write_table, write_workbook_to
from bench.figure import Figure, Limit
from bench.tables import COLUMNS, records

ROWS, MANY = 10_000, 100_000
RUNS = 5
AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


def measure() -> Iterator[Figure]:
    """Yield the ratio of times, and the memory for a long table in MiB."""
    rows = list(records(ROWS))
    pairs = [(_ours(rows), _theirs(rows)) for _ in range(RUNS)]
    yield Figure(
        "write_10000x40",
        min(ours for ours, _ in pairs) / min(theirs for _, theirs in pairs),
        "ratio",
        Limit("at_most", 0.3),
        "openpyxl, write only, plain cells; fastest of five runs each, taken in turns",
    )
    yield Figure("write_100000x40_memory", _memory(), "MiB", Limit("at_most", 50))


def _ours(rows: list[dict[str, object]]) -> float:
    begun = time.perf_counter()
    write_table(COLUMNS, rows, created=AT, title="测量", watermark=Watermark("测量", AT))
    return time.perf_counter() - begun


def _theirs(rows: list[dict[str, object]]) -> float:
    begun = time.perf_counter()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    sheet.append([column.title for column in COLUMNS])
    for row in rows:
        sheet.append([row[column.key] for column in COLUMNS])
    book.save(io.BytesIO())
    return time.perf_counter() - begun


def _memory() -> float:
    tracemalloc.start()
    with tempfile.TemporaryFile() as target:
        write_workbook_to(target, [Table("数据", COLUMNS, records(MANY))], created=AT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1024**2
