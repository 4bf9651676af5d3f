"""The mapping page in a browser without JavaScript: an unknown workbook is explained, read, and known the next time."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.audit.models import AuditEvent
from app.imports.cells.kept import Entries
from app.imports.models import ImportBatch, ImportProfile, ImportRow
from tests.factories.imports import workbook
from tests.support.browser import Browser
from tests.support.people import People

pytestmark = pytest.mark.usefixtures("in_process")

ROW = "/office/imports/1/row?sheet=2025%E5%B9%B4%E5%BA%A6&row=2"
STRANGE = {
    "月报": [
        ["2024年某科室月报"],
        ["编码", "对象", "产出", "心情"],
        ["", "虚构甲有限公司", 1000, "好"],
        ["", "虚构乙有限公司", 2000, "好"],
    ],
    "旧数据": [["企业名称", "净利润"], ["虚构丙有限公司", 5]],
}


@pytest.fixture
def browser(people: People) -> Browser:
    return people.browser(people.caseworker(name="经办人甲"))


def _upload(app: Flask, browser: Browser, name: str = "月报.xlsx") -> None:
    browser.get("/office/imports/new")
    content = workbook(STRANGE, hidden=["旧数据"])
    browser.submit({"file": (io.BytesIO(content), name)})
    app.extensions["yuqi_worker"].run_pending()
    browser.get(browser.url)


def test_an_unknown_workbook_is_explained_once_and_known_afterwards(
    app: Flask, browser: Browser, session: Session
) -> None:
    _upload(app, browser)
    assert "没有找到表头" in browser.text
    browser.get("/office/imports/1/mapping")
    assert "旧数据 隐藏的工作表" in browser.text
    assert "内容多为企业名称" in browser.text
    chosen = {"to0B": "企业名称", "to0C": "营业收入", "unit0C": "千元", "read0": "1", "year": "2024"}
    form = "main form[method=post]"
    browser.submit({**chosen, "to0C": "营业收人"}, form=form, expect=422)
    assert "『产出』：没有“营业收人”这个项目，是否应为“营业收入”" in browser.text
    browser.submit({**chosen, "name": "某科室月报"}, form=form)
    app.extensions["yuqi_worker"].run_pending()
    browser.get("/office/imports/1")
    assert "某科室月报 · 2024 年度" in browser.text
    assert "6 行 = 2 新增企业" in browser.text
    kept = session.scalars(select(ImportProfile)).one()
    assert (kept.name, kept.mapping["产出"]["target"]) == ("某科室月报", "key:operating_revenue")
    session.commit()
    _upload(app, browser, "下个月.xlsx")
    assert "读作：2024 年度某科室月报，单位千元，表头第 2 行。" in browser.text
    session.expire_all()
    assert session.scalars(select(ImportBatch.profile).order_by(ImportBatch.id.desc())).first() == f"saved-{kept.id}"


def test_the_unit_above_the_table_counts_for_columns_that_a_person_names(
    app: Flask, browser: Browser, session: Session
) -> None:
    """A thousandfold error otherwise: the title says 千元, the catalogue keeps 万元."""
    strange = {"摸底": [["摸底表", "", "", "单位：千元"], ["对象", "卖了多少", "税（元）", "几个人"],
                       ["虚构甲有限公司", 52000, 30000, 80]]}  # fmt: skip
    browser.get("/office/imports/new")
    browser.submit({"file": (io.BytesIO(workbook(strange)), "摸底表.xlsx")})
    app.extensions["yuqi_worker"].run_pending()
    browser.get("/office/imports/1/mapping")
    assert "表头上方注明的金额单位是千元" in browser.text
    chosen = {
        "to0A": "企业名称",
        "to0B": "营业收入",
        "to0C": "实缴税金",
        "to0D": "从业人员数",
        "read0": "1",
        "year": "2024",
    }
    form = "main form[method=post]"
    browser.submit({**chosen, "to0C": "研发费用"}, form=form, expect=422)
    assert "没有“研发费用”这个项目，请选定是哪一个：研发费用（高企口径）" in browser.text
    browser.submit(chosen, form=form)
    app.extensions["yuqi_worker"].run_pending()
    session.expire_all()
    row = session.scalars(select(ImportRow).where(ImportRow.name != "")).one()
    entry = Entries(session.scalars(select(ImportBatch)).one()).of(row)
    read = {figure.key: figure.columns[0] for figure in entry.figures}
    assert read == {"operating_revenue": 5200, "tax_paid": 3, "employees_total": 80}


def test_a_profile_is_retired_and_recognises_nothing_more(app: Flask, browser: Browser, session: Session) -> None:
    test_an_unknown_workbook_is_explained_once_and_known_afterwards(app, browser, session)
    session.commit()
    browser.get("/office/imports/profiles")
    browser.submit(form="main form")
    assert "样式“某科室月报”已停用" in browser.text
    _upload(app, browser, "再下个月.xlsx")
    assert "没有找到表头" in browser.text
    session.expire_all()
    told = session.scalars(select(AuditEvent.action).where(AuditEvent.action == Action.IMPORT_PROFILE)).all()
    assert [str(one) for one in told] == ["import:profile", "import:profile"]


def test_a_unit_is_changed_by_a_person_and_the_rows_are_read_again(app: Flask, browser: Browser) -> None:
    browser.get("/office/imports/new")
    content = workbook({"2025年度": [["企业名称", "营业收入"], ["虚构甲公司", 5000]]})
    browser.submit({"file": (io.BytesIO(content), "a.xlsx")})
    app.extensions["yuqi_worker"].run_pending()
    browser.get("/office/imports/1")
    assert "有 1 列金额没有写单位，按万元读取：营业收入（B）" in browser.text
    browser.get("/office/imports/1/mapping")
    browser.submit({"unit0B": "元"}, form="main form[method=post]")
    app.extensions["yuqi_worker"].run_pending()
    browser.get(ROW)
    assert "0.5 万元" in browser.text


def test_one_act_says_the_unit_of_all_money_but_where_the_header_says_its_own(app: Flask, browser: Browser) -> None:
    browser.get("/office/imports/new")
    header = ["企业名称", "营业收入", "净利润（万元）", "资产总额"]
    content = workbook({"2025年度": [header, ["虚构甲公司", 50000, 7, 90000]]})
    browser.submit({"file": (io.BytesIO(content), "a.xlsx")})
    app.extensions["yuqi_worker"].run_pending()
    browser.get("/office/imports/1")
    browser.submit({"unit": "寸"}, form="form:has(#money-unit)", expect=422)
    assert "请选择金额单位：元、千元、万元" in browser.text
    browser.get("/office/imports/1")
    browser.submit({"unit": "元"}, form="form:has(#money-unit)")
    app.extensions["yuqi_worker"].run_pending()
    browser.get(ROW)
    assert all(f"{told} 万元" in browser.text for told in ("营业收入 2025 5", "净利润 2025 7", "资产总额 2025 9"))
    browser.get("/office/imports/1/mapping")
    assert "按您为整张表选定的单位（元）读取" in browser.text
    browser.submit({"money0": "千元"}, form="main form[method=post]")
    app.extensions["yuqi_worker"].run_pending()
    browser.get(ROW)
    assert "营业收入 2025 5,000 万元" in browser.text


def test_the_year_that_a_file_does_not_say_is_said_where_it_is_missed(app: Flask, browser: Browser) -> None:
    browser.get("/office/imports/new")
    content = workbook({"2025年1-9月": [["企业名称", "净利润（万元）"], ["虚构甲公司", 7]]})
    browser.submit({"file": (io.BytesIO(content), "a.xlsx")})
    app.extensions["yuqi_worker"].run_pending()
    browser.get("/office/imports/1")
    browser.submit({"year": "2024"}, form="form:has(#said-year)")
    app.extensions["yuqi_worker"].run_pending()
    browser.get("/office/imports/1")
    assert "读作：2024 年度企业情况表，单位万元，表头第 1 行。" in browser.text


def test_only_what_was_applied_is_the_last_file_and_what_waits_comes_first(app: Flask, browser: Browser) -> None:
    for place, header in enumerate((["企业名称", "净利润（万元）"], ["企业名称", "净利润（万元）", "产值"])):
        browser.get("/office/imports/new")
        content = workbook({"2025年度": [header, ["虚构甲公司", 7]]})
        browser.submit({"file": (io.BytesIO(content), f"{place}.xlsx")})
        app.extensions["yuqi_worker"].run_pending()
    browser.get("/office/imports/2")
    assert "与上一份同类表格相比" not in browser.text
    browser.post("/office/imports/2/discard", {})
    browser.get("/office/imports")
    assert browser.text.index("0.xlsx") < browser.text.index("1.xlsx")


@pytest.mark.parametrize("number", ["99999999999", "9" * 30, "0"])
def test_a_profile_of_a_number_that_no_table_holds_is_no_server_error(browser: Browser, number: str) -> None:
    for address in (f"/office/imports/template/saved-{number}", f"/office/imports/new?profile=saved-{number}"):
        assert browser.client.get(address).status_code < 500
    assert browser.client.post(f"/office/imports/profiles/{number}/retire").status_code < 500
