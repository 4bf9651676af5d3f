"""What goes out of a batch and comes back: the marked workbook, the rows that failed, the reasons for large changes."""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest
from flask import Flask
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.imports.models import ImportBatch
from app.sheets.annotated.mark import ERROR_FILL, LIST, WARNING_FILL
from tests.factories.facts import make_fact
from tests.factories.firms import make_firm
from tests.factories.imports import HEADER, workbook
from tests.support.browser import Browser
from tests.support.people import People

ROWS = [
    ["虚构甲公司", "", 12, "3,0O0", 7],
    ["虚构乙公司", "", 20000, 4, 8],
    ["虚构丙公司", "", 5, 1, 6],
]


@pytest.fixture
def browser(people: People) -> Browser:
    return people.browser(people.caseworker(name="经办人甲"))


@pytest.fixture
def staged(app: Flask, browser: Browser, session: Session, reviewer: Actor) -> Browser:
    """A workbook of three firms: a cell that is no number, a figure four times last year's, a row in order."""
    firm = make_firm(session, name="虚构乙公司", credit_code=None)
    make_fact(session, firm.id, "operating_revenue", 2024, Decimal(5000), reviewer=reviewer)
    session.commit()
    browser.get("/office/imports/new")
    book = io.BytesIO(workbook({"企业": [HEADER, *ROWS]}))
    browser.submit({"file": (book, "年度表.xlsx"), "year": "2025", "profile": "annual-firms"})
    app.extensions["yuqi_worker"].run_pending()
    return browser


def sheet_of(browser: Browser, address: str, name: str = "") -> Worksheet:
    answer = browser.client.get(address)
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    found = book[name] if name else book.worksheets[0]
    assert isinstance(found, Worksheet)
    return found


def test_the_users_own_workbook_comes_back_with_its_bad_cells_coloured_and_commented(staged: Browser) -> None:
    sheet = sheet_of(staged, "/office/imports/1/marked", "企业")
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        [value or None for value in row] for row in ROWS
    ]
    bad, odd, good = sheet["D2"], sheet["C3"], sheet["C4"]
    assert (bad.fill.fgColor.rgb, odd.fill.fgColor.rgb) == (ERROR_FILL, WARNING_FILL)
    assert "第 4 位是字母 O" in bad.comment.text
    assert "上年" in odd.comment.text
    assert good.comment is None
    assert good.fill.fill_type is None
    told = [[cell.value for cell in row] for row in sheet_of(staged, "/office/imports/1/marked", LIST).iter_rows()]
    assert any("D2" in str(row) and "3,0O0" in str(row) for row in told)


def test_failed_rows_come_back_mended_as_a_batch_of_their_own(app: Flask, staged: Browser, session: Session) -> None:
    failed = sheet_of(staged, "/office/imports/1/problems")
    rows = [[cell.value for cell in row] for row in failed.iter_rows()]
    head = next(row for row in rows if "企业名称" in row)
    mine = rows[rows.index(head) + 1]
    assert mine[head.index("企业名称")] == "虚构甲公司"
    assert "第 4 位是字母 O" in str(mine[head.index("原因与处理办法")])
    mine[head.index(HEADER[3])] = "3000"
    staged.get("/office/imports/1/supplement")
    staged.submit({"file": (io.BytesIO(workbook({"改好": [head, mine]})), "改好的行.xlsx")})
    app.extensions["yuqi_worker"].run_pending()
    batch = session.get_one(ImportBatch, 2)
    assert (batch.parent_id, batch.year, batch.counts["new"], batch.counts["review"]) == (1, 2025, 1, 0)
    staged.get("/office/imports/1")
    assert "补充导入：批次 2" in staged.text


def test_reasons_for_large_changes_go_out_as_a_table(staged: Browser) -> None:
    staged.get("/office/imports/1?kind=swing")
    link = staged.page.select_one("caption + thead + tbody th a")
    assert link is not None
    staged.get(str(link["href"]))
    staged.submit({"reason": "新厂投产"}, form="main form[action*=reason]")
    sheet = sheet_of(staged, "/office/imports/1/reasons")
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(row for row in rows if "变动原因" in row)
    told = dict(zip(head, rows[rows.index(head) + 1], strict=True))
    assert (told["企业"], told["年度"], told["变动原因"], told["填写人"], told["原表位置"]) == (
        "虚构乙公司", "2025", "新厂投产", "经办人甲", "企业!C3",
    )  # fmt: skip
    assert "20,000" in str(told["本年数值"])
    assert "5,000" in str(told["上年数值"])
