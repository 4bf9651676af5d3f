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
    assert "表格没有写明，请确认： B 营业收入：表头没有写单位，按万元读取" in browser.text
    browser.get("/office/imports/1/mapping")
    browser.submit({"unit0B": "元"}, form="main form[method=post]")
    app.extensions["yuqi_worker"].run_pending()
    browser.get("/office/imports/1/row?sheet=2025%E5%B9%B4%E5%BA%A6&row=2")
    assert "0.5 万元" in browser.text


@pytest.mark.parametrize("number", ["99999999999", "9" * 30, "0"])
def test_a_profile_of_a_number_that_no_table_holds_is_no_server_error(browser: Browser, number: str) -> None:
    for address in (f"/office/imports/template/saved-{number}", f"/office/imports/new?profile=saved-{number}"):
        assert browser.client.get(address).status_code < 500
    assert browser.client.post(f"/office/imports/profiles/{number}/retire").status_code < 500
