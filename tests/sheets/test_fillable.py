"""A questionnaire written and read back: every text is the one that was given, whatever it is, wherever it stands."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from app.sheets.columns import Column, ColumnKind
from app.sheets.fillable import FillRow, FillSheet, Guide, Slot, typed_cell, write_fillable
from app.sheets.filled import FilledSheet, plain, read_filled
from app.sheets.refusals import NotATable
from tests.support.hostile import TEXTS

AT = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
TOLD = (Column("question", "指标"),)
ASKED = (Column("value", "填写"), Column("reason", "说明原因"))
TITLES = {"填写": "value", "说明原因": "reason"}
KINDS = (ColumnKind.TEXT, ColumnKind.NUMBER, ColumnKind.SHARE, ColumnKind.DATE, ColumnKind.YEAR, ColumnKind.CODE)
NUMBER = ColumnKind.NUMBER
HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "=cmd|' /C calc'!A0", "'=1", "0012", "１２３", "1,234.50",
    "1e3", "0.1", "0.30000000000000004", "123456789012345678", "-0", "1.", ".5", "5.2%", "0.052", "5.20%", "%", "1/2",
    "2023-05-01", "2023-5-1", "1900-02-29", "1899-12-31", "9999-12-31", "TRUE", "#REF!", "无", " 前后有空 ", "\t", "\n",
    "一\n二\r\n三\r四", "_x000D_", "_x0041_", "a\x0bb\x1f\x7f", "\ufffe\uffff", "\u202e右", "<b>&amp;</b>]]>", "𠮷😀",
    "NaN", "Infinity", "1_000", "9" * 5000, "字" * 5000, "null", "${7*7}", "{{7*7}}", "'; DROP--", "\u00a0", "\ufeff",
)  # fmt: skip


def made(texts: list[tuple[str, ColumnKind]]) -> bytes:
    rows = [
        FillRow(f"q{number}", ["问题"], {"value": Slot(text, kind), "reason": Slot(text)})
        for number, (text, kind) in enumerate(texts)
    ]
    guide = Guide("说明", "标题", ["一", "=1+1"])
    return write_fillable(guide, [FillSheet("财务", "财务", TOLD, ASKED, rows)], mark="m:AB12", created=AT)


def read(content: bytes) -> list[FilledSheet]:
    return read_filled(content, "x.xlsx", marked="m:", titles=TITLES)


def changed(content: bytes, change: Callable[[Worksheet], None]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book["财务"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_every_text_comes_back_as_it_was_given_and_none_of_it_runs() -> None:
    texts = [(text, kind) for text in HOSTILE for kind in KINDS]
    texts += [(text, KINDS[number % len(KINDS)]) for number, text in enumerate(TEXTS)]
    content = made(texts)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert not [name for name, text in parts.items() if "<f>" in text or "<f " in text or "<hyperlink" in text]
    (sheet,) = read(content)
    assert sheet.mark == "AB12"
    back = [(row.cells["value"].text, row.cells["reason"].text) for row in sheet.rows]
    assert back == [(plain(text), plain(text)) for text, _kind in texts]


def test_what_looks_like_a_number_comes_back_as_the_very_text() -> None:
    """Numbers, shares and days in every spelling, also those that a spreadsheet would write otherwise."""
    draw = Random(7)
    texts = [
        ("".join(draw.choices("0123456789.-+%eE, ", k=draw.randint(1, 18))), draw.choice(KINDS))
        for _number in range(600)
    ] + [(str(Decimal(draw.randint(-(10**15), 10**15)).scaleb(-draw.randint(0, 8))), NUMBER) for _number in range(600)]
    assert sum(typed_cell(text, kind) is not None for text, kind in texts) > 300
    assert [row.cells["value"].text for row in read(made(texts))[0].rows] == [plain(text) for text, _kind in texts]


def test_plain_numbers_shares_and_days_stand_in_typed_cells() -> None:
    cells = [("3645.5", ColumnKind.NUMBER), ("5.2%", ColumnKind.SHARE), ("2023-05-01", ColumnKind.DATE),
             ("2019", ColumnKind.YEAR), ("0012", ColumnKind.NUMBER)]  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(made(cells)))["财务"]
    values = [sheet.cell(number, 3).value for number in range(2, 7)]
    assert values == [3645.5, 0.052, datetime(2023, 5, 1), 2019, "0012"]
    assert [sheet.cell(2, column).protection.locked for column in (2, 3)] == [True, False]
    assert sheet.column_dimensions["A"].hidden


def test_rows_and_columns_may_be_moved_and_what_is_not_asked_is_told() -> None:
    content = made([("1", ColumnKind.NUMBER), ("2", ColumnKind.NUMBER)])

    def change(sheet: Worksheet) -> None:
        sheet.title = "改名"
        sheet.insert_rows(1, 3)
        sheet.insert_cols(2)
        sheet["D8"], sheet["E7"] = "在表外", "同一原因"

    (sheet,) = read(changed(content, change))
    assert [row.cells["value"].text for row in sheet.rows] == ["1", "2"]
    assert [cell.place for cell in sheet.strays] == ["改名!E7", "改名!D8"]


def test_a_question_told_twice_and_a_lost_column_are_refused_by_place() -> None:
    content = made([("1", ColumnKind.NUMBER), ("2", ColumnKind.NUMBER)])

    def twice(sheet: Worksheet) -> None:
        sheet["A3"] = "q0"

    def lost(sheet: Worksheet) -> None:
        sheet["C1"], sheet["D1"] = "甲", "乙"

    def doubled(sheet: Worksheet) -> None:
        sheet["F1"] = "填写"

    for change, told in ((twice, "第 2 行和第 3 行"), (lost, "第 1 行的表头里找不到"), (doubled, "F1")):
        with pytest.raises(NotATable, match=told):
            read(changed(content, change))
    with pytest.raises(NotATable, match="不完整或已损坏"):
        read(content[: len(content) // 2])


def test_an_error_is_told_and_a_result_is_read() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["C2"], sheet["D2"], sheet["C3"], sheet["D3"] = "#REF!", True, "=1+1", datetime(2024, 2, 3)

    rows = read(changed(made([("", ColumnKind.TEXT)] * 2), change))[0].rows
    assert (rows[0].cells["value"].error, rows[0].cells["value"].text) == ("#REF!", "")
    assert rows[0].cells["reason"].text == "是"
    assert rows[1].cells["value"].error  # openpyxl writes a formula without its result
    assert rows[1].cells["reason"].text == "2024-02-03"
