"""The whole chain in a real browser: a workbook goes in, a dossier comes out, and its figure walks back to its cell."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from app.access.actor import SYSTEM
from app.accounts.models import User
from app.core.db import Database
from app.demo.invented import SOURCE, invented_firms
from app.facts import service as facts
from app.facts.models import SourceKind
from app.facts.service import Statement
from app.facts.sheet import FactSheet
from app.firms.models import Firm
from app.rulebooks import service as editions
from tests.factories.firms import make_firm
from tests.support.people import PASSWORD, People

pytestmark = pytest.mark.browser
CHOSEN = "523.45"  # the figure that the dossier must name and walk back to
HEADER = ["企业名称", "统一社会信用代码", "销售收入（万元）", "研发费用（加计扣除口径）（万元）", "资产总额（万元）"]
IMPORTED = {"sales_revenue", "rd_expense_super", "total_assets"}
YEAR = 2025


@pytest.fixture
def firm(database: Database, people: People) -> Firm:
    """A firm of which everything is held but what the workbook brings."""
    sample = next(one for one in invented_firms() if one.pattern == "strong")
    stater, reviewer = people.caseworker(name="填表人"), people.reviewer(name="初审人")
    with database.transaction() as session:
        editions.sync(session, by=SYSTEM)
        made = make_firm(session, name="虚构链条电子有限公司", credit_code=sample.credit_code)
        statements = [
            Statement(
                firm_id=made.id, key=fact.key, year=fact.year, value=fact.value, raw=str(fact.value),
                source_kind=SourceKind.CASEWORKER, source_label=SOURCE,
            )
            for fact in FactSheet.from_plain(sample.figures).facts()
            if not (fact.key in IMPORTED and fact.year == YEAR)
        ]  # fmt: skip
        claims = facts.state_many(session, statements, by=stater.as_actor())
        facts.accept_many(session, claims, by=reviewer.as_actor(), reason="测试")
    return made


def workbook(firm: Firm, folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "企业"
    sheet.append(HEADER)
    sheet.append([firm.name, firm.credit_code, 6800, float(CHOSEN), 8100])
    path = folder / "年度情况表.xlsx"
    book.save(path)
    return path


def sign_in(context: BrowserContext, user: User) -> Page:
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("账号").fill(user.login)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page).to_have_url(re.compile("/office/"))
    return page


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).first.click()


def follow(page: Page, name: str) -> None:
    page.locator("main").get_by_role("link", name=name, exact=True).first.click()


def test_from_a_cell_to_a_printed_dossier(
    window: Callable[[], BrowserContext], people: People, firm: Firm, tmp_path: Path
) -> None:
    refused: list[str] = []
    caseworker = sign_in(window(), people.caseworker(name="林经办"))
    reviewer = sign_in(window(), people.reviewer(name="陈审核"))
    for page in (caseworker, reviewer):
        page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)

    # import: upload, rehearse, submit; another person looks and confirms
    caseworker.goto("/office/imports/new")
    caseworker.locator("input[type=file]").set_input_files(workbook(firm, tmp_path))
    caseworker.get_by_label("数据年度").select_option(str(YEAR))
    press(caseworker, "上传并预检")
    submit = caseworker.locator("main").get_by_role("link", name="提交确认")
    expect(submit).to_be_visible(timeout=20_000)
    batch = caseworker.url
    submit.click()
    caseworker.get_by_label("按同类填写同一原因").fill("虚构企业扩产，与上年相比变动大")
    press(caseworker, "写到还缺原因的各处")
    press(caseworker, "提交给另一位同事确认")
    expect(caseworker.locator("main")).to_contain_text("等待另一位同事核对后导入")
    reviewer.goto(batch)
    follow(reviewer, "核对并导入")
    press(reviewer, "确认导入 1 行")
    expect(reviewer.locator("main")).to_contain_text("已于", timeout=20_000)
    expect(reviewer.locator("main")).to_contain_text("由审核人核定后生效", timeout=20_000)

    # accept: another person
    reviewer.goto("/office/facts")
    expect(reviewer.locator("main")).to_contain_text(CHOSEN)
    reviewer.locator("main [data-select-all]").first.check()
    press(reviewer, "核定所选")
    reviewer.goto("/office/facts")
    expect(reviewer.locator("main")).not_to_contain_text(CHOSEN)

    # judge and list
    caseworker.goto("/office/eligibility/new")
    edition = caseworker.locator("select[name=edition] option", has_text="科技型中小企业").get_attribute("value")
    caseworker.get_by_label("规则版本").select_option(edition)
    caseworker.get_by_label("判定日期").fill("2026-06-30")
    press(caseworker, "开始生成")
    expect(caseworker.locator("main")).to_contain_text(firm.name, timeout=20_000)
    expect(caseworker.locator("main")).to_contain_text("符合条件")

    # nominate, submit
    follow(caseworker, "拟定推荐名单")
    caseworker.get_by_label("名单名称").fill("虚构推荐名单")
    press(caseworker, "拟定名单")
    follow(caseworker, "提出意见")
    caseworker.get_by_label("推荐", exact=True).check()
    press(caseworker, "保存意见")
    press(caseworker, "提交锁定")
    listed = caseworker.url

    # freeze: the one who drew it up is not even offered it, a second person does it
    expect(caseworker.get_by_role("link", name="锁定名单")).to_have_count(0)
    reviewer.goto(listed)
    follow(reviewer, "锁定名单")
    press(reviewer, "锁定名单")
    expect(reviewer.locator("main")).to_contain_text("已锁定")

    # dossier
    caseworker.goto(listed)
    follow(caseworker, "申报材料")
    press(caseworker, "逐家生成")
    link = caseworker.locator("main").get_by_role("link", name="下载 PDF").first
    expect(link).to_be_visible(timeout=60_000)
    with caseworker.expect_download() as download:
        link.click()
    content = Path(download.value.path()).read_bytes()

    # the figure and where it came from stand in the paper
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    plain = re.sub(r"\s+", "", text)
    assert firm.name in plain
    assert CHOSEN in plain
    assert "年度情况表.xlsx" in plain
    assert "企业!D2" in plain
    assert "陈审核" in plain
    assert not refused
