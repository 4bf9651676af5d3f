"""Staging a workbook of 10,000 × 40 cells (cleaning, matching, storing) beside reading it, and the memory it takes."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from app.accounts import queries as accounts
from app.core.db import Database
from app.demo.invented import ALPHABET, CLUSTERS, PRODUCTS, WEIGHTS, WORDS
from app.files.store import FileStore
from app.imports import service, work
from app.imports.layouts.profile import ProfileColumn, profile
from app.imports.models import BatchState
from app.rooms import load_models
from app.sheets.stream import open_workbook
from bench.figure import Figure, Limit
from bench.firms import fill
from bench.measurements.applying import people
from bench.measurements.reading import CHILD, above_idle

ROWS, MANY = 10_000, 100_000
COLUMNS = 40
YEAR = 2024
RUNS = 3
_WORKER = """
from pathlib import Path
from bench.measurements import staging
folder = Path(sys.argv[1])
database, store = staging.place(folder)
staging.staged(database, store, (folder / "few.xlsx").read_bytes())
idle = peak()
staging.staged(database, store, (folder / "many.xlsx").read_bytes())
print(peak() - idle)
"""

_CLEANER = """
from pathlib import Path
from app.imports.cleaned import cleaned
from app.imports.layouts.profile import profile
from app.imports.table import open_table
def clean(name):
    with open_table((Path(sys.argv[1]) / name).read_bytes(), name, profile=profile("annual-firms"), year=2024) as table:
        return sum(1 for row in map(cleaned, table.rows()))
clean("few.xlsx")
idle = peak()
assert clean("many.xlsx") == 100_001
print(peak() - idle)
"""


def measure() -> Iterator[Figure]:
    """Yield the ratio of staging to reading, in one run each, and memory above idle in MiB."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database, store = place(folder)
        fill(database, ROWS)
        people(database)
        content = table_file(ROWS)
        pairs = [(_read(content), staged(database, store, content)) for _ in range(RUNS)]
        database.dispose()
        yield Figure(
            "stage_10000x40_to_read",
            min(staged for _, staged in pairs) / min(read for read, _ in pairs),
            "ratio",
            Limit("at_most", 3),
            "reading the same workbook, child process included; fastest of three runs each, taken in turns",
        )
        worker, cleaner, child = _memory(folder)
        yield Figure("stage_100000x40_memory_worker", worker, "MiB", Limit("at_most", 300))
        yield Figure("stage_100000x40_memory_cleaner", cleaner, "MiB", Limit("at_most", 300))
        yield Figure("stage_100000x40_memory_child", child, "MiB", Limit("at_most", 300))


def place(folder: Path) -> tuple[Database, FileStore]:
    """Return the database and the store of files in a folder."""
    load_models()
    return Database(f"sqlite:///{folder / 'bench.db'}"), FileStore(folder / "files")


def staged(database: Database, store: FileStore, content: bytes) -> float:
    """Stage a workbook, whichever columns it has, and return the seconds from its content to the rehearsed batch."""
    begun = time.perf_counter()
    with database.transaction() as session:
        user = accounts.by_login(session, "importer")
        assert user is not None
        importer = user.as_actor()
        batch = service.receive(
            session, store, name="测量.xlsx", content=content, profile_id="annual-firms", year=YEAR, by=importer
        )
        batch_id = batch.id
    done = work.stage(database, store, batch_id, by=importer)
    took = time.perf_counter() - begun
    if done.state is not BatchState.STAGED:
        raise RuntimeError(f"the workbook was not staged: {done.state} {done.report}")
    return took


def table_file(count: int) -> bytes:
    """Return an .xlsx of firms with name, code and figures, as Excel saves it."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheet = book.add_worksheet("年报")
    columns = [one for one in profile("annual-firms").columns if one.indicator and one.indicator.kind == "number"]
    before = [f"{YEAR - 1}年{_title(one)}" for one in columns if one.indicator and one.indicator.by_year]
    asked = (columns + [one for one in columns if one.indicator and one.indicator.by_year])[: COLUMNS - 2]
    titles = [*(_title(one) for one in columns), *before][: COLUMNS - 2]
    sheet.write_row(0, 0, ["企业名称", "统一社会信用代码", *titles])
    for number in range(1, count + 1):
        sheet.write_string(number, 0, _name(number))
        sheet.write_string(number, 1, _code(number))
        for spot, column in enumerate(asked, start=2):
            sheet.write_number(number, spot, float(_figure(column, number, spot)))
    book.close()
    return target.getvalue()


def _title(column: ProfileColumn) -> str:
    return f"{column.header}（{column.unit}）" if column.unit else column.header


def _name(number: int) -> str:
    """Return a name as ``bench.firms`` gives it."""
    kind = PRODUCTS[CLUSTERS[number % 5]][number // 5 % 4]
    return f"虚构{WORDS[number % 40]}{kind}{number:05d}有限公司"


def _code(number: int) -> str:
    """Return a code with a right check digit; those below 10,000 are firms of the register."""
    body = f"91440703XAMPL{number:04d}" if number < 10_000 else f"91440703XAM{number:06d}"
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(body, WEIGHTS, strict=True))
    return body + ALPHABET[-total % 31]


def _figure(column: ProfileColumn, number: int, spot: int) -> Decimal:
    """Return a figure that is in order: revenue, staff and assets stand before what is a part of them."""
    indicator = column.indicator
    if indicator is not None and indicator.is_ratio:
        return Decimal(number % 89 + 1) / 100
    if indicator is not None and indicator.unit != "万元":
        return Decimal((number * 7 % 900 + 100) * 20 // spot)
    return Decimal((number * 7_919 % 10**6 + 10**5) * 20 // spot) / 100


def _read(content: bytes) -> float:
    begun = time.perf_counter()
    with open_workbook(content) as book:
        rows = sum(1 for _ in book.rows(book.heads[0]))
    if rows != ROWS + 1:
        raise RuntimeError(f"{rows} rows were read instead of {ROWS + 1}")
    return time.perf_counter() - begun


def _memory(folder: Path) -> tuple[float, float, float]:
    """Return what a fresh worker, the process that cleans ahead of it and the reading child need for many rows above
    what they need for a few, in MiB.
    """
    (folder / "few.xlsx").write_bytes(table_file(10))
    (folder / "many.xlsx").write_bytes(table_file(MANY))
    many = folder / "many.xlsx"
    return above_idle(_WORKER, folder), above_idle(_CLEANER, folder), above_idle(CHILD, many)
