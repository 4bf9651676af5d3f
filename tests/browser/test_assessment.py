"""In a real browser: a form filled in while the line fails, the session ends and a colleague writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.accounts.models import SignInSession, User
from app.assessments import queries, service
from app.assessments.models import Answer, AnswerText
from app.assessments.places import field_of
from app.assessments.saving import Typed, save
from app.core import clock
from app.facts import queries as facts
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


def answer_all(session: Session, form_id: int, filler: User) -> None:
    """Fill in the form but for nothing: two figures typed, the rest confirmed and declared."""
    by = filler.as_actor()
    filled = queries.filled(session, queries.form(session, form_id, for_=by))
    texts = {line.name("confirm"): "yes" for line in filled.lines if line.may_confirm}
    texts |= {line.name("value"): "无" for line in filled.lines if line.question.is_declaration}
    texts["value-tech_staff_month_avg-2025"] = "20"
    typed = [Typed(field, text, 0) for name, text in texts.items() if (field := field_of(name))]
    session.commit()  # a writing transaction of its own: the running program writes too
    save(session, form_id, typed, by=by)
    session.commit()


def looks_well(page: Page) -> None:
    """axe finds nothing, and nothing sticks out on a phone."""
    page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    assert not complaints(page)
    page.set_viewport_size(SIZES["wide"])  # type: ignore[arg-type]


def test_from_the_signature_to_facts(
    begun: tuple[int, User, User, User], window: Callable[[], BrowserContext], session: Session
) -> None:
    form_id, filler, head, reviewer = begun
    answer_all(session, form_id, filler)
    contexts = [window() for _ in range(3)]
    for context in contexts:
        bring_axe(context)
    boss, office, clerk = (
        sign_in(context, user) for context, user in zip(contexts, (head, reviewer, filler), strict=True)
    )

    def sign() -> None:
        boss.goto(f"/portal/assessments/{form_id}/sign")
        looks_well(boss)
        boss.get_by_label("我已阅读并作出以上声明").check()
        boss.get_by_role("button", name="签署并提交").click()
        expect(boss.get_by_role("heading", name="提交回执")).to_be_visible()
        looks_well(boss)

    sign()
    office.goto("/office/assessments")
    office.get_by_role("link", name="江门甲电机有限公司").click()
    for name in ("科技人员数（全年月平均） 2025 年", "销售收入 2025 年", "Ⅰ类知识产权"):
        row = office.get_by_role("row").filter(has=office.get_by_role("rowheader", name=name, exact=True))
        row.get_by_text("退回这一项").click()
        row.get_by_label("需要修改").check()
    looks_well(office)
    office.get_by_role("button", name="退回所选各项").click()
    expect(office.get_by_text("已退回 3 项")).to_be_visible()

    clerk.goto(f"/portal/assessments/{form_id}")
    looks_well(clerk)
    expect(clerk.locator(".x-card")).to_have_count(3)
    clerk.locator(".x-card").filter(has_text="科技人员数").get_by_role("link", name="去修改").click()
    looks_well(clerk)
    clerk.get_by_label(STAFF, exact=True).fill("22")
    expect(clerk.locator("#saved")).to_contain_text("已保存")
    for section, words in (("income", "与 A100000 表一致"), ("property", "证书已存入材料库")):
        clerk.goto(f"/portal/assessments/{form_id}/sections/{section}")
        clerk.get_by_label("答复（数据不改的须写明）").fill(words)
        expect(clerk.locator("#saved")).to_contain_text("已保存")
    clerk.goto(f"/portal/assessments/{form_id}")
    expect(clerk.locator(".x-card").filter(has_text="待修改")).to_have_count(0)

    sign()
    expect(boss.get_by_text("与上一次提交相比（3 处）")).to_be_visible()
    office.goto(f"/office/assessments/{form_id}/submissions/2?show=changed")
    looks_well(office)
    office.get_by_role("button", name="核定本次提交").click()
    expect(office.get_by_text("个数据记入核定值")).to_be_visible()
    form = queries.form(session, form_id, for_=reviewer.as_actor())
    fact = facts.current_fact(session, form.row.firm_id, "tech_staff_month_avg", 2025)
    assert fact is not None
    assert "自评（2025 年度） 第 2 次提交 · 钱总签署" in fact.source
    office.goto(f"/office/facts/claims/{fact.claim_id}")
    office.get_by_role("link", name="第 2 次提交 · 钱总签署").click()
    expect(office.locator("#place-tech_staff_month_avg-2025")).to_contain_text("22")


def test_a_section_is_filled_in_by_keyboard_alone(
    begun: tuple[int, User, User, User], window: Callable[[], BrowserContext]
) -> None:
    form_id, filler, _head, _reviewer = begun
    page = sign_in(window(), filler)
    page.goto(f"/portal/assessments/{form_id}/sections/staff")

    def tab_to(target: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("target => document.activeElement.matches(target)", target):
                return
        raise AssertionError(f"the keyboard does not reach {target}")

    tab_to("#confirm-employees_month_avg-2025")
    page.keyboard.press("Space")
    tab_to("#value-tech_staff_month_avg-2025")
    page.keyboard.type("20")
    tab_to("#assess-form button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("收入与利润")
    page.goto(f"/portal/assessments/{form_id}/sections/staff")
    expect(page.get_by_text("2 / 2 已完成")).to_be_visible()
