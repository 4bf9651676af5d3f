"""A workbook saved by other programs is read as it stands, or refused with the sheet and what to do."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import openpyxl
import pytest
import xlsxwriter
import xlwt
from flask import Flask
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.assessments.models import Assessment
from app.assessments.offline.differences import Kind
from tests.assessments.conftest import Fill
from tests.assessments.test_offline import ALL, SALES, STAFF
from tests.assessments.workbooks import Round, saved, written
from tests.support.workbooks import opened

Table = tuple[str, Sequence[Sequence[object]]]


@pytest.fixture
def trip(session: Session, form: Assessment, app: Flask) -> Round:
    return Round(session, app, form.id)


@pytest.fixture
def content(trip: Round, fill: Fill, filler: Actor) -> bytes:
    fill(filler, {SALES: "3645.5"})
    return written(trip.out(filler), {STAFF: 20, ALL: "是"})


def _tables(content: bytes) -> list[Table]:
    return [(sheet.title, list(sheet.values)) for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets]


def _inline(tables: Sequence[Table], *, as_text: bool = False) -> bytes:
    """Another writer: no shared strings, no styles, no protection, nothing hidden; numbers as text where asked."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        for name, rows in tables:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value is not None:
                        sheet.write(number, column, str(value) if as_text else value)
    return target.getvalue()


def _xls(tables: Sequence[Table]) -> bytes:
    book, target = xlwt.Workbook(), io.BytesIO()
    for name, rows in tables:
        sheet = book.add_sheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(number, column, value)
    book.save(target)
    return target.getvalue()


def _ods(tables: Sequence[Table]) -> bytes:
    sheets = [opened.table("".join(opened.row(*map(opened.cell, row)) for row in rows), name) for name, rows in tables]
    return opened.ods("".join(sheets))


def _csv(tables: Sequence[Table], encoding: str) -> bytes:
    """A program that saves one sheet: the one with the question about staff."""
    target = io.StringIO()
    csv.writer(target).writerows(
        next(rows for _name, rows in tables if any("tech_staff" in str(row[0]) for row in rows))
    )
    return target.getvalue().encode(encoding)


def _sheets(content: bytes) -> tuple[openpyxl.Workbook, dict[str, Worksheet]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return book, {sheet.title: sheet for sheet in book.worksheets}


def _rearranged(content: bytes) -> bytes:
    """Sheets renamed, moved and added, rows sorted with all their columns, a column put in front, a note above."""
    book, sheets = _sheets(content)
    sheet = sheets["人员"]
    head, *rows = list(sheet.values)
    sheet.delete_rows(1, sheet.max_row)
    for row in [("财务部填写",), (), head, *reversed(rows)]:
        sheet.append(row)
    sheet.insert_cols(1, 2)
    sheet.title = "人力资源部"
    book.move_sheet(sheet, -2)
    book.create_sheet("备注")["A1"] = "填写"
    return saved(book)


def test_what_other_programs_make_of_it_is_read_as_it_stands(content: bytes, trip: Round, filler: Actor) -> None:
    tables = _tables(content)
    whole = {
        "inline strings.xlsx": _inline(tables),
        "numbers as text.xlsx": _inline(tables, as_text=True),
        "rearranged.xlsx": _rearranged(content),
        "old.xls": _xls(tables),
        "open.ods": _ods(tables),
    }
    found = {}
    for name, sent in whole.items():
        made = trip.back(sent, filler, name)
        found[name] = (trip.kinds(made, filler), made.strays, made.missing)
    assert found == dict.fromkeys(whole, ({STAFF: Kind.NEW, ALL: Kind.NEW}, [], 0))
    for encoding in ("utf-8-sig", "gb18030"):
        made = trip.back(_csv(tables, encoding), filler, "人员.csv")
        assert (trip.kinds(made, filler).keys() & {STAFF, ALL}, made.missing > 0) == ({STAFF, ALL}, True)


def test_what_can_no_longer_be_told_apart_is_refused_by_sheet_and_with_a_remedy(
    content: bytes, trip: Round, filler: Actor
) -> None:
    book, sheets = _sheets(content)
    sheets["人员"].delete_cols(1)  # a program that drops hidden columns
    assert trip.refused(saved(book), filler) == (
        "工作表“人员”的标识列（隐藏的 A 列）不见了，无法对应到各个问题。请重新下载 Excel，把填好的内容抄过去再上传"
    )
    book, sheets = _sheets(content)
    sheet = sheets["人员"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    for number, (row, other) in enumerate(zip(rows, reversed(rows), strict=True), start=2):
        for column, value in enumerate((row[0], *other[1:]), start=1):  # sorted without the hidden column
            sheet.cell(number, column).value = value  # type: ignore[assignment]
    assert "工作表“人员”第 2 行的“指标”与它隐藏的标识（A 列）对不上" in trip.refused(saved(book), filler)
    assert "请先在本页下载" in trip.refused("说明,只填浅黄色的格子\n".encode(), filler, "说明.csv")
