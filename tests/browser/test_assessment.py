"""In a real browser: a form filled in while the line fails, the session ends and a colleague writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.accounts.models import SignInSession, User
from app.assessments import service
from app.assessments.models import Answer, AnswerText
from app.core import clock
from tests.browser.conftest import SIZES
from tests.factories.eligibility import AS_OF, LACKS_STAFF, NO_EXPERTS, editions, make_judged_firm
from tests.support.axe import bring_axe, complaints
from tests.support.people import PASSWORD, People

pytestmark = pytest.mark.browser
STAFF = "2025 年科技人员数（全年月平均）"
ALL = "2025 年职工总数（全年月平均）"


@pytest.fixture
def begun(session: Session, people: People) -> tuple[int, User, User, User]:
    """A form begun before the program runs: its id, who fills it in, the head of the firm, who reviews."""
    assert clock.today().year == AS_OF.year, "the invented figures are of the year before AS_OF"
    editions(session)
    firm = make_judged_firm(session, "江门甲电机有限公司", NO_EXPERTS, LACKS_STAFF)
    filler = people.make(Role.FIRM_FILLER, name="赵填报", firm_id=firm.id)
    head = people.make(Role.FIRM_SIGNATORY, name="钱总", firm_id=firm.id)
    form = service.start(session, "hitech_recognition", "new", 2025, by=filler.as_actor())
    session.commit()
    return form.id, filler, head, people.reviewer(name="王审核")


def sign_in(context: BrowserContext, user: User) -> Page:
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("账号").fill(user.login)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def test_nothing_typed_is_lost(
    begun: tuple[int, User, User, User], window: Callable[[], BrowserContext], session: Session
) -> None:
    form_id, filler, _head, _reviewer = begun
    context = window()
    bring_axe(context)
    page = sign_in(context, filler)
    address = f"/portal/assessments/{form_id}/sections/staff"
    page.goto(address)
    saved, trouble = page.locator("#saved"), page.locator("#trouble")

    page.get_by_label(STAFF, exact=True).fill("9")
    expect(saved).to_contain_text("已保存")
    expect(page.locator("#preview")).to_contain_text("9.00%")

    context.set_offline(True)  # the line is cut while typing: told at once, saved by itself when it is back
    page.get_by_label(STAFF, exact=True).fill("19")
    expect(trouble).to_contain_text("网络不通")
    assert not complaints(page)
    context.set_offline(False)
    expect(trouble).to_be_hidden()
    expect(saved).to_contain_text("已保存")

    context.route("**/answers", lambda route: route.abort())  # the page is even loaded anew before it is saved
    page.get_by_label(STAFF, exact=True).fill("18")
    expect(trouble).to_contain_text("网络不通")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(address)
    context.unroute("**/answers")
    expect(page.get_by_label(STAFF, exact=True)).to_have_value("19")
    page.get_by_role("button", name="恢复并保存").click()
    expect(saved).to_contain_text("已保存")
    expect(page.get_by_label(STAFF, exact=True)).to_have_value("18")

    for row in session.scalars(select(SignInSession)):  # the session ends while the page stands open
        row.ended_at = clock.now()
    session.commit()
    page.get_by_label(ALL, exact=True).fill("101")
    expect(trouble).to_contain_text("登录已过期")
    assert not complaints(page)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录并继续保存").click()
    expect(saved).to_contain_text("已保存")
    expect(trouble).to_be_hidden()

    other = context.new_page()  # two tabs: the later one sees both texts
    other.goto(address)
    page.get_by_label(STAFF, exact=True).fill("20")
    expect(saved).to_contain_text("已保存")
    expect(page.locator("#preview")).to_contain_text("19.8")
    other.get_by_label(STAFF, exact=True).fill("21")
    expect(other.locator(".x-ask__clash")).to_contain_text("您填写的是：21")
    assert not complaints(other)
    other.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    assert other.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    other.get_by_role("button", name="用我填写的").click()
    expect(other.locator("#saved")).to_contain_text("已保存")
    expect(page.get_by_label(STAFF, exact=True)).to_have_value("21", timeout=12_000)  # the first hears of it

    session.expire_all()
    assert {row.key: row.text for row in session.scalars(select(Answer))} == {
        "tech_staff_month_avg": "21",
        "employees_month_avg": "101",
    }
    texts = session.scalars(select(AnswerText.text).where(AnswerText.key == "tech_staff_month_avg")).all()
    assert texts == ["9", "19", "18", "20", "21", "21"]
