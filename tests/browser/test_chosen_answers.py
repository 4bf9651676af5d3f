"""Answers that are chosen or written in columns instead of typed out: cards, and the rows of a register."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.accounts.models import User
from app.assessments import queries, service
from app.assessments.models import Part
from app.assessments.places import FieldPlace
from tests.browser.conftest import SIZES, sign_in
from tests.factories.eligibility import editions
from tests.factories.firms import make_firm
from tests.support.axe import complaints
from tests.support.people import People

pytestmark = pytest.mark.browser
AWARDS = FieldPlace("sci_award_records", None, Part.VALUE)
NETWORKS = FieldPlace("digital_networks", None, Part.VALUE)


@pytest.fixture
def forms(session: Session, people: People) -> tuple[int, int, User]:
    """Two forms begun before the program runs: one with a register, one with cards; and who fills them in."""
    editions(session)
    firm = make_firm(session, name="江门甲电机有限公司")
    filler = people.make(Role.FIRM_FILLER, name="赵填报", firm_id=firm.id)
    made = [
        service.start(session, name, "new", 2025, by=filler.as_actor()) for name in ("innovative_sme", "sme_digital")
    ]
    session.commit()
    return made[0].id, made[1].id, filler


def test_cards_and_rows_say_what_a_line_would(
    session: Session, forms: tuple[int, int, User], window: Callable[..., BrowserContext]
) -> None:
    awards, digital, filler = forms

    def text(form: int, field: FieldPlace) -> str:
        session.rollback()
        return queries.answers(session, form)[field].text

    page = sign_in(window("phone"), filler)
    page.goto(f"/portal/assessments/{awards}/sections/results")
    register = page.get_by_role("group", name="科技奖励记录")
    register.get_by_role("button", name="加一项").click()
    row = register.get_by_role("group", name="第 1 项")
    row.get_by_label("级别").select_option("省部级")
    row.get_by_label("名次").fill("2")
    row.get_by_label("落款日").fill("2025-03-01")
    with page.expect_response(lambda answer: "科技进步奖" in (answer.request.post_data or "")):
        # saved while it is typed, nobody has left the field; a divider would begin another column
        row.get_by_label("名称").fill("科技进步奖；一等")
    expect(page.locator("#saved")).to_contain_text("已保存")
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    assert text(awards, AWARDS) == "省部级；2；2025-03-01；科技进步奖，一等"
    page.reload()
    expect(row.get_by_label("落款日")).to_have_value("2025-03-01")
    row.get_by_role("button", name="删除这一项").click()
    register.get_by_label("确实没有").check()
    expect(page.locator("#saved")).to_contain_text("已保存")
    assert text(awards, AWARDS) == "无"
    register.get_by_role("button", name="改为按行填写").click()
    expect(page.get_by_role("textbox", name="科技奖励记录", exact=True)).to_have_value("无")

    page.goto(f"/portal/assessments/{digital}/sections/digital-base")
    page.get_by_label("工控网络").check()
    page.get_by_label("5G工业网络").check()
    expect(page.locator("#saved")).to_contain_text("已保存")
    assert text(digital, NETWORKS) == "工控网络\n5G工业网络"
    page.get_by_label("以上都没有").check()
    expect(page.get_by_label("工控网络")).not_to_be_checked()
    expect(page.locator("#saved")).to_contain_text("已保存")
    page.get_by_label("单个环节").check()
    expect(page.locator("#saved")).to_contain_text("已保存")
    assert text(digital, NETWORKS) == "无"
    assert complaints(page) == []
