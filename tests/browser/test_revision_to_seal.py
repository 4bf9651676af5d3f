"""In a real browser: a revision goes from clone to seal with its impact shown; pages propose the edition live."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.accounts.models import User
from app.eligibility import service
from app.eligibility.models import Verdict
from app.rulebooks import queries as rulebooks
from tests.browser.test_list_replays import sign_in
from tests.factories.eligibility import AS_OF, edition, figures_reviewer, make_judged_firm
from tests.support.people import People

pytestmark = pytest.mark.browser
CODE = "hnte-2027"
JUST = {"rd_expense_hnte_domestic": {2023: 100, 2024: 110, 2025: 115}}


@pytest.fixture
def judged(session: Session, people: People) -> tuple[int, int, User, User]:
    """A firm that just keeps the share of domestic research: edition, verdict, who writes and who seals."""
    firm = make_judged_firm(session, "江门甲电机有限公司", JUST)
    old = edition(session)
    kept = service.judge(session, firm.id, old, AS_OF, by=figures_reviewer(session))
    session.commit()
    return old.id, kept.id, people.reviewer(name="起草人"), people.make(Role.LEADER, name="封存人")


def edit_text(page: Page, change: Callable[[str], str]) -> None:
    area = page.locator("textarea[name=text]")
    area.fill(change(area.input_value()))
    page.get_by_role("button", name="保存", exact=True).click()


def cases_for(text: str) -> str:
    """Leave out the cases at 60 %, which the new text contradicts."""
    return re.sub(r"(?s)\n\[\[(case|sweep)\]\](?:(?!\n\[\[).)*HNTE-11-5d(?:(?!\n\[\[).)*", "\n", text)


def test_from_clone_to_seal_with_the_impact_shown(
    judged: tuple[int, int, User, User], window: Callable[[], BrowserContext], session: Session
) -> None:
    edition_id, verdict_id, writer, sealer = judged
    page = window().new_page()
    sign_in(page, writer.login)
    page.goto(f"/office/rulebooks/{edition_id}")
    page.get_by_role("link", name="修订", exact=True).click()
    page.get_by_label("新版编号").fill(CODE)
    page.get_by_label("施行日期").fill("2027-01-01")
    page.get_by_label("修订依据").fill("虚构的新办法")
    page.get_by_role("button", name="开始修订").click()
    expect(page.get_by_text("与原版 hnte-2016 的差别（1 处）")).to_be_visible()

    page.locator("#text").get_by_role("link", name="HNTE-11-5d").click()
    expect(page.get_by_text("原版怎么说")).to_be_visible()
    edit_text(page, lambda text: text.replace("at_least = 0.60", "at_least = 0.70"))
    page.get_by_role("link", name="编辑算例").click()
    edit_text(page, cases_for)
    expect(page.get_by_text("每个算例的结果都与文本一致")).to_be_visible()

    impact = page.locator("#impact")
    impact.get_by_label("判定日期").fill(AS_OF.isoformat())
    impact.get_by_label("每家奖补金额").fill("20")
    impact.get_by_role("button", name="测算").click()
    expect(impact).to_contain_text("逐家判定 1 家：新符合 0 家，不再符合 1 家", timeout=20_000)
    expect(impact).to_contain_text("江门甲电机有限公司")
    page.get_by_role("button", name="提交封存").click()
    expect(page.get_by_text("您参与了起草，须由另一人封存。")).to_be_visible()

    other = window().new_page()
    sign_in(other, sealer.login)
    other.goto(page.url)
    other.get_by_role("link", name="核对并封存").click()
    expect(other.locator("#impact")).to_contain_text("不再符合 1 家")
    other.get_by_label("核对情况").fill("与新办法逐条一致")
    other.get_by_role("button", name="封存为新版").click()
    expect(other.get_by_text(f"已封存为“{CODE}”")).to_be_visible()
    session.rollback()
    new = rulebooks.by_code(session, CODE)
    assert new.effective_from == date(2027, 1, 1)
    assert session.scalars(select(Verdict.edition_id).where(Verdict.id == verdict_id)).one() == edition_id

    page.goto("/office/eligibility/new")
    proposed = page.locator("#proposal")
    page.get_by_label("规则版本").select_option(label="高新技术企业认定（hnte-2016）")
    page.get_by_label("判定日期").fill("2026-12-31")
    expect(proposed).to_contain_text("2026-12-31 的新申请适用 hnte-2016")
    page.get_by_label("判定日期").fill("2027-01-01")  # nothing is sent: the proposal follows the field
    expect(proposed).to_contain_text(f"所选的 hnte-2016 不是应用的版本。2027-01-01 的新申请适用 {CODE}")
    proposed.get_by_role("link", name=f"改用 {CODE}").click()
    expect(page.get_by_label("规则版本")).to_have_value(str(new.id))
