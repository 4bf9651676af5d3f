"""Imports in a browser without JavaScript: upload, look, import, undo, download."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Reach
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.firms.models import Firm
from app.imports.models import ImportBatch
from tests.factories.firms import make_firm
from tests.factories.imports import listed_csv, listed_row, table
from tests.support.browser import Browser
from tests.support.people import People

TWO = listed_csv([listed_row(1), listed_row(2, rd_expense_yuan="")])


@pytest.fixture
def browser(people: People) -> Browser:
    return people.browser(people.caseworker(name="经办人甲"))


def _upload(app: Flask, browser: Browser, content: bytes, name: str = "年度表.csv", *, expect: int = 200) -> None:
    browser.get("/office/imports/new")
    browser.submit({"file": (io.BytesIO(content), name), "year": "2025", "profile": "annual-firms"}, expect=expect)
    app.extensions["yuqi_worker"].run_pending()
    if expect == 200:
        browser.get(browser.url)


def test_from_upload_to_undo(app: Flask, browser: Browser, people: People, session: Session) -> None:
    browser.get("/office/imports/")
    assert "还没有导入过表格" in browser.text
    _upload(app, browser, TWO)
    assert "3 行 = 2 新增企业 + 0 更新数据 + 0 完全相同 + 0 待处理 + 1 非数据行" in browser.text
    assert "第 3 行『研发费用』：未填写或未披露，按缺失处理，不作 0" in browser.text
    assert "不是公布的数据，不作为申报值" in browser.text
    assert not session.scalars(select(Firm)).all()
    session.commit()
    _submit(browser)
    assert "等待另一位同事核对后导入" in browser.text
    browser.get("/office/imports/1/apply")
    assert "须由另一位同事确认导入" in browser.text
    browser.post("/office/imports/1/apply", {}, expect=403)
    second = people.browser(people.reviewer(name="审核人乙"))
    second.get("/office/imports/1/apply")
    assert "将新建 2 家企业，申报 21 个数据（待审核）" in second.text
    second.submit(form="main form")
    assert "执行导入：年度表.csv" in second.text
    assert second.page.select_one("[data-progress-url]")
    app.extensions["yuqi_worker"].run_pending()
    browser.get("/office/imports/1")
    assert "审核人乙 已于" in browser.text
    assert "新增 2 家企业，申报 21 个数据，由审核人核定后生效" in browser.text
    assert len(session.scalars(select(Firm)).all()) == 2
    session.commit()
    browser.get("/office/imports/1/undo")
    browser.submit({"reason": ""}, expect=422, form="main form")
    assert "请写明撤销原因" in browser.text
    browser.submit({"reason": "传错了"}, form="main form")
    assert "已撤销批次 1" in browser.text
    assert not session.scalars(select(Firm)).all()
    browser.get("/office/imports/1/undo", expect=409)


def _submit(browser: Browser, batch: int = 1) -> None:
    browser.get(f"/office/imports/{batch}/submit")
    browser.submit({"note": "统计局的表"}, form="main form.x-form")


def _confirm(app: Flask, people: People, batch: int = 1) -> None:
    second = people.browser(people.reviewer(name="审核人丙"))
    second.get(f"/office/imports/{batch}/apply")
    second.submit(form="main form.x-form")
    app.extensions["yuqi_worker"].run_pending()


def test_the_same_file_again_is_noticed(app: Flask, browser: Browser, people: People) -> None:
    _upload(app, browser, TWO)
    _submit(browser)
    _confirm(app, people)
    _upload(app, browser, TWO)
    assert "由 审核人丙 导入（批次 1）" in browser.text
    assert "没有需要写入的内容" in browser.text
    assert "2 完全相同" in browser.text


def test_rows_are_found_by_outcome_problem_and_missing_figure(app: Flask, browser: Browser) -> None:
    rows = [["虚构甲公司", "", "1", "3,0O0", "1"], ["虚构乙公司", "", "1", "", "1"], ["", "", "1", "1", "1"]]
    _upload(app, browser, table(rows))

    def shown(query: str) -> list[str]:
        browser.get(f"/office/imports/1?{query}")
        page = browser.page
        return [" ".join(cell.get_text(" ").split()) for cell in page.select("#results tbody th")]

    assert shown("outcome=review") == ["虚构甲公司"]
    assert shown("outcome=rejected") == ["（没有企业）"]
    assert shown("missing=rd_expense_audit") == ["虚构乙公司"]
    assert shown("kind=number") == ["虚构甲公司 年度表!D2"]
    assert shown("q=%E4%B9%99") == ["虚构乙公司"]
    assert shown("outcome=nonsense&after=broken") == ["（没有企业）", "虚构甲公司", "虚构乙公司", "（没有企业）"]


def test_one_row_shows_what_stood_in_the_file(app: Flask, browser: Browser) -> None:
    _upload(app, browser, TWO)
    browser.get("/office/imports/1/row", query_string={"sheet": "年度表", "row": "2"})
    assert "750" not in browser.text
    assert "150,546.831742 万元" in browser.text
    assert "1505468317.42" in browser.text
    assert "L2" in browser.text
    browser.get("/office/imports/1/row", query_string={"sheet": "年度表", "row": "99"}, expect=404)
    browser.get("/office/imports/1/row", query_string={"sheet": "年度表", "row": "x"}, expect=404)


def test_files_are_refused_at_the_field(app: Flask, browser: Browser, session: Session) -> None:
    _upload(app, browser, b"%PDF-1.7 x", "材料.pdf", expect=422)
    assert "这个文件的内容是 PDF 文档，不是表格" in browser.text
    _upload(app, browser, b"", "空.csv", expect=422)
    assert "文件是空的" in browser.text
    browser.get("/office/imports/new")
    browser.submit({"year": "2025"}, expect=422)
    assert "请选择要导入的表格文件" in browser.text
    browser.submit({"file": (io.BytesIO(TWO), "a.csv"), "year": "2031"}, expect=422)
    browser.submit({"file": (io.BytesIO(TWO), "a.csv"), "profile": "nope"}, expect=422)
    assert not session.scalars(select(ImportBatch)).all()


def test_a_table_without_a_known_header_is_told_with_the_template(app: Flask, browser: Browser) -> None:
    _upload(app, browser, b"a,b\n1,2\n", "别的.csv")
    assert "没有找到表头" in browser.text
    assert browser.page.select_one("a[href='/office/imports/template/annual-firms']")
    assert not browser.page.select_one("form[action$='/apply']")


def test_downloads(app: Flask, browser: Browser) -> None:
    rows = [["虚构甲公司", "", "1", "=1+1", "1"], ["虚构乙公司", "", "1", "1", "1"]]
    _upload(app, browser, table(rows), "年度 表.csv")
    browser.get("/office/imports/1/original")
    assert browser.response.data == table(rows)
    assert "attachment" in browser.response.headers["Content-Disposition"]
    assert "sandbox" in browser.response.headers["Content-Security-Policy"]
    browser.get("/office/imports/1/problems")
    sheet = load_workbook(io.BytesIO(browser.response.data)).worksheets[0]
    told = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert told[0][:4] == ["导入结果", "原因与处理办法", "原表位置", "企业名称"]
    assert told[1][0] == "待处理"
    assert "D2 第 2 行『研发费用』：“=1+1”不是数字" in told[1][1]
    assert told[1][2:5] == ["年度 表!2", "虚构甲公司", None]
    assert not told[2][0] or "虚构乙公司" not in told[2]
    browser.get("/office/imports/template/annual-firms")
    book = load_workbook(io.BytesIO(browser.response.data))
    assert "填写说明" in book.sheetnames
    checks = {str(check.sqref): check.formula1 for check in book.worksheets[0].data_validations.dataValidation}
    assert sum("选项" in str(formula) for formula in checks.values()) >= 3
    browser.get("/office/imports/template/nope", expect=422)


def test_a_register_that_changed_meanwhile_is_told_and_rehearsed_again(
    app: Flask, browser: Browser, people: People, session: Session
) -> None:
    _upload(app, browser, TWO)
    make_firm(session, name="虚构后来公司", credit_code=None, security_code="000002")
    _submit(browser)
    _confirm(app, people)
    browser.get("/office/imports/1")
    assert "有 1 行的结果不同。已重新预检，请再看一遍后导入；本次没有写入。" in browser.text
    assert "1 新增企业 + 1 更新数据" in browser.text
    assert len(session.scalars(select(Firm)).all()) == 1
    session.commit()
    _confirm(app, people)
    browser.get("/office/imports/1")
    assert "由审核人核定后生效" in browser.text


def test_giving_up_and_rehearsing_again(app: Flask, browser: Browser) -> None:
    _upload(app, browser, TWO)
    browser.submit(form="form[action$='/rehearse']")
    assert "已重新预检，0 行的结果有变化。" in browser.text
    browser.submit(form="form[action$='/discard']")
    assert "已放弃这次导入" in browser.text
    browser.get("/office/imports/1")
    assert not browser.page.select_one("a[href$='/submit']")
    browser.post("/office/imports/1/apply", {}, expect=409)


def test_who_may_not_import(app: Flask, browser: Browser, people: People) -> None:
    _upload(app, browser, TWO)
    auditor = people.browser(people.make(Role.AUDITOR))
    auditor.get("/office/imports/1")
    assert not auditor.page.select_one("form[action$='/apply']")
    auditor.post("/office/imports/1/apply", {}, expect=403)
    auditor.get("/office/imports/new", expect=403)
    people.browser(people.make(Role.LEADER)).get("/office/imports/", expect=403)
    scoped = people.browser(people.caseworker(reach=Reach.PORTFOLIO))
    for path in ("/office/imports/1", "/office/imports/1/original", "/office/imports/1/problems"):
        scoped.get(path, expect=404)
    scoped.get("/office/imports/")
    assert "还没有导入过表格" in scoped.text


def test_firms_that_may_be_meant_are_chosen_by_one_click(app: Flask, browser: Browser, session: Session) -> None:
    firm = make_firm(session, name="虚构群星照明电器有限公司")
    session.commit()
    _upload(app, browser, table([["虚构群星照明电气有限公司", "100"]], header=["企业名称", "营业收入（万元）"]))
    browser.get("/office/imports/1?kind=ambiguous")
    assert f"就是这家 {firm.name} {firm.credit_code} 读音相同" in browser.text
    name = browser.page.select_one("caption + thead + tbody th a")
    assert name is not None
    browser.get(str(name["href"]))
    assert "可能是下面的企业，请选定：" in browser.text
    browser.submit(form=".x-offers form", button="decision=firm")
    assert "已记下对第 2 行的决定" in browser.text
    assert "是这家企业" in browser.text
    assert "可能是下面的企业" not in browser.text


def test_what_happens_to_figures_held_already_is_said_by_column(
    app: Flask, browser: Browser, people: People, session: Session
) -> None:
    head = ["企业名称", "营业收入（万元）"]
    _upload(app, browser, table([["虚构甲公司", "100"]], header=head))
    _submit(browser)
    _confirm(app, people)
    _upload(app, browser, table([["虚构甲公司", "101"]], header=head), "后来的.csv")
    assert "导入将申报 1 个数据" in browser.text
    browser.submit({"policy-operating_revenue": "blank"}, form="main form[action$=policy]")
    assert "已按选定的办法重新预检，1 行的结果有变化" in browser.text
    assert "导入将申报 0 个数据" in browser.text
    session.expire_all()
    told = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert told is not None
    assert told.changes == {"operating_revenue": [None, "blank"]}
