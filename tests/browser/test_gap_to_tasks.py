"""In a real browser: the near-miss list leads to a firm, a what-if closes its gap, the plan becomes tasks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import clock
from app.eligibility import service
from app.engagement.models import Task
from app.facts.models import Claim
from tests.factories.eligibility import AS_OF, edition, figures_reviewer, make_judged_firm
from tests.support.people import PASSWORD, People

pytestmark = pytest.mark.browser
FEW_STAFF = {"tech_staff_month_avg": {2025: 8}}


@pytest.fixture
def near(session: Session, people: People) -> tuple[int, int, User]:
    """A list on which one firm is one clause short, made before the program runs: list, firm and who looks."""
    assert clock.today().year == AS_OF.year, "the invented figures are of the year before AS_OF"
    firm = make_judged_firm(session, "江门甲电机有限公司", FEW_STAFF)
    make_judged_firm(session, "江门乙电机有限公司")
    drawn = service.draw_up(session, edition(session), AS_OF, by=figures_reviewer(session))
    session.commit()
    return drawn.id, firm.id, people.caseworker(name="周经办")


def test_from_one_clause_short_to_a_task(
    near: tuple[int, int, User], window: Callable[[], BrowserContext], session: Session
) -> None:
    list_id, firm_id, user = near
    page = window().new_page()
    page.goto("/sign-in")
    page.get_by_label("账号").fill(user.login)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/office/")

    page.goto(f"/office/eligibility/{list_id}?tab=short&short=one_substance")
    page.get_by_role("link", name="差距和做法 江门甲电机有限公司").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("江门甲电机有限公司")
    expect(page.locator("#plan")).to_contain_text("2025 年科技人员数（全年月平均）增加 2 人（由 8 人到 10 人）")

    page.get_by_role("link", name="测算", exact=True).click()
    result = page.locator("#results")
    expect(result).to_contain_text("还没有改动数据")
    page.get_by_label("拖动：2025 年科技人员数（全年月平均）").fill(
        "9"
    )  # the slider moves the number, the page follows
    expect(page.get_by_label("2025 年科技人员数（全年月平均）", exact=True)).to_have_value("9")
    expect(result).to_contain_text("9.00%")
    expect(result).not_to_contain_text("不再卡住")
    page.get_by_label("2025 年科技人员数（全年月平均）", exact=True).fill("10")
    expect(result).to_contain_text("不再卡住：科技人员占企业当年职工总数比例不低于10%")
    expect(result).to_contain_text("测算，不保存，不作为依据")

    page.get_by_role("link", name="差距和做法").click()
    page.get_by_role("link", name="转为任务").click()
    page.get_by_label("责任人").select_option(label="周经办")
    page.get_by_role("button", name="建立任务").click()
    expect(page).to_have_url(re.compile(rf"/office/firms/{firm_id}/tasks$"))
    expect(page.get_by_role("row").filter(has_text="增加 2 人")).to_contain_text("HNTE-11-4")
    page.goto("/office/")
    page.get_by_role("link", name="我的任务").click()
    expect(page.get_by_role("link", name=re.compile("增加 2 人"))).to_be_visible()

    session.commit()
    task = session.scalars(select(Task)).one()
    assert (task.key, task.year, task.owner_id) == ("tech_staff_month_avg", 2025, user.id)
    tried = select(Claim.id).where(Claim.firm_id == firm_id, Claim.key == task.key, Claim.number != 8)
    assert session.scalars(tried).all() == []  # nothing of what was tried is kept
