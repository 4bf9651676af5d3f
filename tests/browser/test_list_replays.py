"""In a real browser: last month's list replays exactly; a firm's page tells the verdict of then and why it changed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import clock
from app.eligibility import service
from tests.factories.eligibility import (
    AS_OF,
    TOO_LITTLE_RESEARCH,
    edition,
    figures_reviewer,
    hold,
    make_four_firms,
)  # fmt: skip
from tests.support.people import PASSWORD, People

pytestmark = pytest.mark.browser


@pytest.fixture
def drawn(session: Session, people: People) -> tuple[int, int, User]:
    """A list drawn up, after which figures were restated: list, a firm restated and who looks."""
    assert clock.today().year == AS_OF.year, "the invented figures are of the year before AS_OF"
    firms = make_four_firms(session)
    about = service.draw_up(session, edition(session), AS_OF, by=figures_reviewer(session), title="六月清单")
    session.commit()
    hold(session, firms["eligible"].id, TOO_LITTLE_RESEARCH)
    hold(session, firms["undetermined"].id, {"tech_staff_month_avg": {2025: 20}})
    return about.id, firms["eligible"].id, people.caseworker(name="周经办")


def sign_in(page: Page, login: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/office/")


def test_last_months_list_replays_exactly(drawn: tuple[int, int, User], window: Callable[[], BrowserContext]) -> None:
    list_id, firm_id, user = drawn
    page = window().new_page()
    sign_in(page, user.login)
    page.goto(f"/office/eligibility/{list_id}")
    expect(page.get_by_text("判定之后有 2 家企业的数据有更新")).to_be_visible()
    page.get_by_role("link", name="重演核对").click()
    page.get_by_role("button", name="重演一次").click()
    # the page watches the job and shows its result by itself
    expect(page.get_by_text("完全一致：4 家企业的数据、逐条结果、理由和得分与清单一字不差。")).to_be_visible(
        timeout=20_000
    )
    digests = page.locator(".x-hash").all_text_contents()
    assert len(digests) == 2
    assert digests[0] == digests[1]
    assert re.fullmatch("[0-9a-f]{64}", digests[0])

    page.goto(f"/office/firms/{firm_id}/verdicts")
    page.get_by_role("link", name="某日的判定").click()
    result = page.locator("#results")
    page.get_by_label("判定日期").fill(AS_OF.isoformat())
    page.get_by_label("规则版本").select_option(label="高新技术企业认定（hnte-2016）")
    expect(page).to_have_url(re.compile(r"under=e%3Ahnte-2016"))
    expect(result).to_contain_text(f"{AS_OF.isoformat()} 的判定，按现在已知的数据")
    expect(result).to_contain_text("不符合条件")
    yesterday = clock.today() - clock.today().resolution
    page.get_by_label("数据截至").fill(yesterday.isoformat())
    expect(result).to_contain_text(f"{yesterday.isoformat()} 日终已知的数据")
    row = result.get_by_role("row").filter(has_text="HNTE-11-5a")
    expect(row).to_contain_text("未知")
    expect(row.get_by_role("link").first).to_have_attribute("href", re.compile("/office/facts/"))
    page.reload()
    expect(result).to_contain_text(f"{yesterday.isoformat()} 日终已知的数据")
