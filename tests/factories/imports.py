"""Tables for tests of the imports room; every firm in them is invented and says so."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from openpyxl import Workbook

from app.access.actor import Actor
from app.core.db import Database
from app.files.store import FileStore
from app.imports import confirmation, queries, repairs, service, work
from app.imports.models import ImportBatch

LISTED_HEADER = (
    "security_code", "exchange", "board", "short_name", "full_name", "province", "city", "registered_address",
    "industry_csrc", "listing_date", "fiscal_year", "revenue_yuan", "revenue_yoy_pct",
    "revenue_prev_year_implied_yuan", "parent_net_profit_yuan", "rd_expense_yuan", "rd_to_revenue_pct", "employees",
    "gross_margin_pct", "debt_asset_ratio_pct", "roe_weighted_pct", "latest_quarter_report", "retrieved_at_utc",
)  # fmt: skip
FIGURES = 11
"""How many figures a full listed row states."""
PROFILE = "annual-firms"
HEADER = ("企业名称", "统一社会信用代码", "营业收入（万元）", "研发费用（万元）", "从业人员数")


def listed_row(number: int, **changes: str) -> dict[str, str]:
    """Return one row as the published tables have it, of an invented firm."""
    row = {
        "security_code": f"{number:06d}",
        "exchange": "SZSE",
        "board": "main_board",
        "short_name": f"虚构{number}",
        "full_name": f"虚构上市样例{number}号股份有限公司",
        "province": "广东",
        "city": "江门市",
        "registered_address": f"广东省江门市虚构路{number}号",
        "industry_csrc": "C 制造业",
        "listing_date": "2011-07-15",
        "fiscal_year": "2025",
        "revenue_yuan": f"{number}505468317.42",
        "revenue_yoy_pct": "27.550553",
        "revenue_prev_year_implied_yuan": "396288613.05",
        "parent_net_profit_yuan": "-88556470495.639999",
        "rd_expense_yuan": "106511493.85",
        "rd_to_revenue_pct": "21.071844",
        "employees": "515",
        "gross_margin_pct": "45.228391",
        "debt_asset_ratio_pct": "26.256134",
        "roe_weighted_pct": "4.63",
        "latest_quarter_report": "2026-03-31",
        "retrieved_at_utc": "2026-05-14T10:44:16+00:00",
    }
    unknown = set(changes) - set(row)
    assert not unknown, unknown
    return {**row, **changes}


def listed_csv(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return a CSV with the header of the published tables."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, LISTED_HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


def table(rows: Iterable[Sequence[object]], *, header: Sequence[str] = HEADER, encoding: str = "utf-8") -> bytes:
    """Return a CSV with Chinese headers."""
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\n").writerows([header, *rows])
    return target.getvalue().encode(encoding)


def workbook(sheets: Mapping[str, Iterable[Sequence[object]]], *, hidden: Sequence[str] = ()) -> bytes:
    """Return an .xlsx with these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name in hidden:
            sheet.sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def staged(
    database: Database, store: FileStore, content: bytes, *, by: Actor, name: str = "表.csv", year: int = 2025
) -> ImportBatch:
    """Return a batch that was received and rehearsed (or refused)."""
    with database.transaction() as session:
        batch = service.receive(session, store, name=name, content=content, profile_id=PROFILE, year=year, by=by)
    return work.stage(database, store, batch.id, by=by)


def recognised(
    database: Database, store: FileStore, content: bytes, *, by: Actor, name: str = "表.xlsx", year: int = 0
) -> ImportBatch:
    """Return a batch whose source and (without ``year``) year were recognised."""
    with database.transaction() as session:
        batch = service.receive(session, store, name=name, content=content, profile_id="", year=year, by=by)
    return work.stage(database, store, batch.id, by=by)


def applied(database: Database, store: FileStore, content: bytes, *, by: Actor, name: str = "表.csv") -> ImportBatch:
    """Return a batch that was applied by one person alone, as the command line does it."""
    return work.apply(database, staged(database, store, content, by=by, name=name).id, by=by, alone=True)


def outcomes(database: Database, batch: ImportBatch) -> list[str]:
    """Return the outcome of every row in the order of the file."""
    with database.session() as session:
        return [row.outcome.value for row in queries.all_rows(session, batch.id)]


def messages(database: Database, batch: ImportBatch, *, level: str = "") -> list[str]:
    """Return what is told about the rows, in the order of the file; of one level if given."""
    with database.session() as session:
        told = [one for row in queries.all_rows(session, batch.id) for one in repairs.problems_of(row)]
    return [str(one.message) for one in told if not level or one.level.value == level]


def submitted(database: Database, batch: ImportBatch, *, by: Actor) -> None:
    """Hand a rehearsed batch over for another person to confirm."""
    with database.transaction() as session:
        confirmation.submit(session, queries.batch(session, batch.id, for_=by, lock=True), by=by)
