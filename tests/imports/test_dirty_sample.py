"""A very dirty workbook end to end, held against what was expected of every row (data/README.md)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from app.access.actor import Actor
from app.core.db import Database
from app.files.store import FileStore
from app.imports import queries
from app.imports.cells.entry import Entry
from app.imports.cells.kept import Entries
from app.imports.models import ImportBatch, ImportRow, RowOutcome
from app.imports.problem import Level, Problem
from tests.factories.imports import recognised

DATA = Path(__file__).parent / "data"
KEYS = {
    "revenue_wan": ("operating_revenue",),
    "rd_wan": ("rd_expense_audit", "rd_expense_stat"),
    "net_profit_wan": ("net_profit",),
    "staff": ("employees_total",),
    "sci_staff": ("tech_staff_month_avg",),
}
NAMED = {"name": "name", "uscc": "credit_code", "securities_code": "security_code", "cert_no": "certificate"}
ALLOWED = {
    "OK": {"import", "warn"}, "OK_NORMALISED": {"import", "warn"}, "OK_FIELD_MISSING": {"import", "warn"},
    "WARN": {"warn"}, "REVIEW": {"review"}, "DUPLICATE": {"duplicate"}, "REJECT": {"reject"}, "SKIP": {"skip"},
    "OK_OR_REJECT": {"import", "warn", "reject"}, "SKIP_OR_SEPARATE": {"skip"}, "SKIP_UNLESS_CHOSEN": {"skip"},
}  # fmt: skip
SHEET = "2025年度汇总"
OURS: Mapping[tuple[str, int], tuple[str, str]] = {
    (SHEET, 222): ("review", "第 234–236 行用了它的代码或名称而内容不同，哪行对表里看不出来；一起等人核对比先导入稳妥"),
    (SHEET, 206): ("review", "第 72 行（同一证券代码）职工数是约数、正等人处理，这一行有准确数，留给同一个人一并决定"),
    (SHEET, 134): ("review", "第 210 行是同一家企业，有这一行没有的研发费用；不声不响略过其中一行都会丢数据"),
    (SHEET, 210): ("review", "见第 134 行：各有对方没有的数据，由人合并"),
}
"""Rows that we treat otherwise than expected: what happens, and why that is better for the person at the desk."""
FLAGS = {
    "rd_missing": "缺失", "formula_without_cached_value": "公式没有保存计算结果", "rd_is_percent": "百分比",
    "approximate": "约数", "unit_suspect": "请核对单位", "uscc_checksum": "校验码", "uscc_illegal_char": "字母 O",
    "uscc_length": "位", "uscc_numeric_precision_lost": "丢失", "name_empty": "名称", "staff_negative": "负数",
    "rd_exceeds_revenue_or_nonpositive_revenue": "请核对", "sci_staff_exceeds_staff": "大于", "staff_zero": "是 0",
    "staff_not_integer": "不是整数", "date_invalid": "日历上不存在", "date_ambiguous": "分不清年月日",
    "date_future": "今天之后", "date_incomplete": "没有写到日", "year_mismatch": "2024 年", "cert_province": "省码",
    "cert_expired": "过期", "name_too_long": "超过 120 个字", "not_an_enterprise": "个体工商户", "range": "范围",
    "hidden_row": "隐藏", "town_unknown": "不是本区镇街", "hidden_sheet": "隐藏的工作表",
    "branch_of_row_222": "分支机构",
}  # fmt: skip


def _expected() -> list[dict[str, str]]:
    with (DATA / "dirty_sample_expected.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _done(row: ImportRow) -> str:
    match row.outcome:
        case RowOutcome.REVIEW:
            return "review"
        case RowOutcome.REJECTED:
            return "reject"
        case RowOutcome.DUPLICATE:
            return "duplicate"
        case RowOutcome.SKIPPED:
            return "skip"
    levels = {Problem.from_json(one).level for one in row.problems}
    return "warn" if Level.WARNING in levels else "import"


Place = tuple[str, int]


@pytest.fixture
def batch(database: Database, store: FileStore, importer: Actor) -> ImportBatch:
    content = (DATA / "dirty_sample.xlsx").read_bytes()
    batch = recognised(database, store, content, by=importer, name="2025年度企业指标汇总表.xlsx")
    assert (batch.profile, batch.year) == ("annual-firms", 2025)
    return batch


@pytest.fixture
def rows(database: Database, batch: ImportBatch) -> dict[Place, ImportRow]:
    with database.session() as session:
        return {(row.sheet, row.row): row for row in queries.all_rows(session, batch.id)}


def test_every_row_of_the_dirty_sample_comes_out_as_expected(batch: ImportBatch, rows: dict[Place, ImportRow]) -> None:
    wrong: list[str] = []
    entries = Entries(batch)
    expected = _expected()
    assert len(expected) == 317
    for want in expected:
        at = (want["sheet"], int(want["excel_row"]))
        row = rows[at]
        allowed = {OURS[at][0]} if at in OURS else ALLOWED[want["expected_outcome"]]
        if _done(row) not in allowed:
            wrong.append(f"{at} {want['dirt']}: {_done(row)} instead of {want['expected_outcome']}: {_told(row)}")
        if row.values:
            wrong += [f"{at} {want['dirt']}: {why}" for why in _differences(row, entries.of(row), want)]
        flag = want["must_flag"]
        if (word := FLAGS.get(flag)) and word not in _told(row):
            wrong.append(f"{at} {want['dirt']}: {flag} is not told: {_told(row)}")
        if flag.startswith(("duplicate_of_row_", "uscc_used_by_row", "name_used_by_row", "conflicts_with_row")):
            other = flag.rpartition("_")[2]
            if other not in _told(row):
                wrong.append(f"{at} {want['dirt']}: row {other} is not named: {_told(row)}")
    assert not wrong, "\n".join(wrong)


def _told(row: ImportRow) -> str:
    return "；".join(str(Problem.from_json(one).message) for one in row.problems)


def _differences(row: ImportRow, entry: Entry, want: Mapping[str, str]) -> list[str]:
    said = {figure.key: figure.value for figure in entry.figures if isinstance(figure.value, Decimal)}
    found: list[str] = []
    for column, keys in KEYS.items():
        value = next((said[key] for key in keys if key in said), None)
        if want[column] and (value is None or abs(value - Decimal(want[column])) > Decimal("0.01")):
            found.append(f"{column} {value} instead of {want[column]}")
        if not want[column] and value is not None and want["expected_outcome"] not in {"DUPLICATE"}:
            found.append(f"{column} {value} where nothing may stand")
    named = row.values["named"]
    for column, name in NAMED.items():
        value = named.get(name, "")
        if want["expected_outcome"] == "DUPLICATE" and column == "name":
            continue  # the row stands under its former name, the expected file names the firm
        if value != want[column] and not (column == "name" and len(want[column]) > 120):
            found.append(f"{column} {value!r} instead of {want[column]!r}")
    if named.get("registered_on", "") != want["date_iso"]:
        found.append(f"date {named.get('registered_on')} instead of {want['date_iso']}")
    return found


def test_rare_signs_and_hostile_names_stay_text(rows: dict[Place, ImportRow]) -> None:
    names = {
        at: row.values["named"]["name"] for at, row in rows.items() if row.values and "name" in row.values["named"]
    }
    assert names[(SHEET, 270)] == "虚构样例䶮㙓𠮷𬭎精密有限公司"
    assert names[(SHEET, 272)] == "虚构样例臺灣電子（江門）有限公司"
    assert names[(SHEET, 264)] == "虚构样例丑（'; DROP TABLE firms;--）有限公司"
    assert rows[(SHEET, 256)].cells["P"] == "=1+1"
