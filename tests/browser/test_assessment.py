"""In a real browser: a form filled in while the line fails, the session ends and a colleague writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, Request, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import SignInSession, User
from app.assessments import queries
from app.assessments.models import AnswerText
from app.assessments.places import field_of
from app.assessments.saving import Typed, save
from app.core import clock
from app.facts import queries as facts
from tests.browser.conftest import SIZES, sign_in
from tests.support.axe import complaints
from tests.support.people import PASSWORD

pytestmark = pytest.mark.browser
STAFF = "2025 年科技人员数（全年月平均）"
ALL = "2025 年职工总数（全年月平均）"
HOSTILE = ('"><img src=x onerror=alert(1)>', "{{7*7}}'; DROP TABLE answer;--\u202e", "<script>alert(1)</script> =1+1")


class Typist:
    """Types into a form in a window and remembers every text; an alert would mean that one of them came to life."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.texts: list[str] = []
        self.alerts: list[str] = []
        self.tries = 0
        self.saved, self.trouble = page.locator("#saved"), page.locator("#trouble")
        page.on("dialog", self._hear)
        page.on("requestfailed", self._count)

    def type(self, label: str, text: str, *, page: Page | None = None) -> None:
        field = (page or self.page).get_by_label(label, exact=True)
        if not field.is_visible():  # a reason is folded away until it is wanted
            (page or self.page).locator("summary").filter(has_text=label.removesuffix("：原因")).click()
        field.fill(text)
        self.texts.append(text)

    def is_saved(self) -> None:
        expect(self.trouble).to_be_hidden()
        expect(self.saved).to_contain_text("已保存")

    def _hear(self, dialog: Dialog) -> None:
        if dialog.type == "alert":
            self.alerts.append(dialog.message)
        dialog.accept()

    def _count(self, request: Request) -> None:
        self.tries += request.url.endswith("/answers")


def look(page: Page, size: str) -> None:
    """Nothing sticks out, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    assert not complaints(page)


def cut_off(clerk: Typist, context: BrowserContext, size: str) -> None:
    """Two minutes without a line: told at once and all the while, tried again and again, saved when it is back."""
    context.set_offline(True)
    typed = ((STAFF, "19"), (f"{STAFF}：原因", HOSTILE[0]), (ALL, "103"), (f"{ALL}：原因", HOSTILE[1]))
    for label, text in typed:
        clerk.type(label, text)
        for _ in range(6):
            clerk.page.clock.run_for(5_000)
            expect(clerk.trouble).to_contain_text("网络不通")
    assert clerk.tries >= 20
    expect(clerk.saved).to_contain_text("有 4 处还没有保存")
    look(clerk.page, size)
    context.set_offline(False)
    clerk.is_saved()


def loaded_anew(clerk: Typist, context: BrowserContext, address: str, size: str) -> None:
    """The page is left before a text could be saved: it is offered again."""
    context.route("**/answers", lambda route: route.abort())
    clerk.type(STAFF, "18")
    expect(clerk.trouble).to_contain_text("网络不通")
    clerk.page.goto(address)
    context.unroute("**/answers")
    expect(clerk.page.get_by_label(STAFF, exact=True)).to_have_value("19")
    expect(clerk.page.get_by_role("button", name="恢复并保存")).to_be_visible()
    look(clerk.page, size)
    clerk.page.get_by_role("button", name="恢复并保存").click()
    clerk.is_saved()
    expect(clerk.page.get_by_label(STAFF, exact=True)).to_have_value("18")


def signed_out(clerk: Typist, session: Session, size: str) -> None:
    """The session ends while the page stands open: one signs in where one is."""
    for row in session.scalars(select(SignInSession)):
        row.ended_at = clock.now()
    session.commit()
    clerk.type(ALL, "101")
    expect(clerk.trouble).to_contain_text("登录已过期")
    look(clerk.page, size)
    clerk.page.get_by_label("密码").fill(PASSWORD)
    clerk.page.get_by_role("button", name="登录并继续保存").click()
    clerk.is_saved()


def two_tabs(clerk: Typist, context: BrowserContext, address: str, size: str) -> None:
    """The later one sees both texts, and a person chooses."""
    other = context.new_page()
    other.goto(address)
    clerk.type(STAFF, "20")
    clerk.is_saved()
    expect(clerk.page.locator("#preview")).to_contain_text("19.8")
    clerk.type(STAFF, "21", page=other)
    expect(other.locator(".x-ask__clash")).to_contain_text("您填写的是：21")
    look(other, size)
    other.get_by_role("button", name="用我填写的").click()
    expect(other.locator("#saved")).to_contain_text("已保存")
    clerk.page.clock.run_for(9_000)
    expect(clerk.page.get_by_label(STAFF, exact=True)).to_have_value("21")  # the first hears of it
    other.close()


def answer_rest(session: Session, form_id: int, filler: User) -> None:
    """What the bureau holds is confirmed, nothing is declared but that there was nothing."""
    by = filler.as_actor()
    session.rollback()
    filled = queries.filled(session, queries.form(session, form_id, for_=by))
    texts = {line.name("confirm"): "yes" for line in filled.lines if line.may_confirm and line.is_blank}
    texts |= {line.name("value"): "无" for line in filled.lines if line.question.is_declaration}
    typed = [Typed(field, text, 0) for name, text in texts.items() if (field := field_of(name))]
    session.commit()  # a writing transaction of its own: the running program writes too
    save(session, form_id, typed, by=by)
    session.commit()


def sign(head: Page, form_id: int, size: str) -> None:
    head.goto(f"/portal/assessments/{form_id}/sign")
    look(head, size)
    head.get_by_label("我已阅读并作出以上声明").check()
    head.get_by_role("button", name="签署并提交").click()
    expect(head.get_by_role("heading", name="提交回执")).to_be_visible()
    look(head, size)


def give_back_three(office: Page, size: str) -> None:
    office.goto("/office/assessments")
    office.get_by_role("link", name="江门甲电机有限公司").click()
    for name in ("科技人员数（全年月平均） 2025 年", "销售收入 2025 年", "Ⅰ类知识产权"):
        row = office.get_by_role("row").filter(has=office.get_by_role("rowheader", name=name, exact=True))
        row.get_by_text("退回这一项").click()
        row.get_by_label("需要修改").check()
    look(office, size)
    office.get_by_role("button", name="退回所选各项").click()
    expect(office.get_by_text("已退回 3 项")).to_be_visible()


def answer_each(clerk: Typist, form_id: int, size: str) -> None:
    """Each card leads to its field; a figure is changed, two others are answered in words."""
    page = clerk.page
    page.goto(f"/portal/assessments/{form_id}")
    look(page, size)
    expect(page.locator(".x-card")).to_have_count(3)
    page.locator(".x-card").filter(has_text="科技人员数").get_by_role("link", name="去修改").click()
    look(page, size)
    clerk.type(STAFF, "22")
    clerk.is_saved()
    for section, words in (("income", HOSTILE[2]), ("property", "证书已存入材料库")):
        page.goto(f"/portal/assessments/{form_id}/sections/{section}")
        clerk.type("答复（数据不改的须写明）", words)
        clerk.is_saved()
    page.goto(f"/portal/assessments/{form_id}")
    expect(page.locator(".x-card").filter(has_text="待修改")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_from_the_first_key_to_the_facts_nothing_typed_is_lost(
    begun: tuple[int, User, User, User], window: Callable[..., BrowserContext], session: Session, size: str
) -> None:
    form_id, filler, head_user, reviewer = begun
    context, address = window(size), f"/portal/assessments/{form_id}/sections/staff"
    clerk = Typist(sign_in(context, filler))
    clerk.page.clock.install()
    clerk.page.goto(address)
    clerk.type(STAFF, "9")
    clerk.is_saved()
    expect(clerk.page.locator("#preview")).to_contain_text("9.00%")
    cut_off(clerk, context, size)
    loaded_anew(clerk, context, address, size)
    signed_out(clerk, session, size)
    two_tabs(clerk, context, address, size)
    answer_rest(session, form_id, filler)
    head, office = sign_in(window(size), head_user), sign_in(window(size), reviewer)
    sign(head, form_id, size)
    give_back_three(office, size)
    answer_each(clerk, form_id, size)
    sign(head, form_id, size)
    expect(head.get_by_text("与上一次提交相比（3 处）")).to_be_visible()
    office.goto(f"/office/assessments/{form_id}/submissions/2?show=changed")
    look(office, size)
    office.get_by_role("button", name="核定本次提交").click()
    expect(office.get_by_text("个数据记入核定值")).to_be_visible()

    session.expire_all()
    kept = set(session.scalars(select(AnswerText.text).where(AnswerText.assessment_id == form_id)))
    assert [text for text in clerk.texts if text not in kept] == []
    assert clerk.alerts == []
    form = queries.form(session, form_id, for_=reviewer.as_actor())
    fact = facts.current_fact(session, form.row.firm_id, "tech_staff_month_avg", 2025)
    assert fact is not None
    assert "自评（2025 年度） 第 2 次提交 · 钱总签署" in fact.source
    office.goto(f"/office/facts/claims/{fact.claim_id}")
    office.get_by_role("link", name="第 2 次提交 · 钱总签署").click()
    expect(office.locator("#place-tech_staff_month_avg-2025")).to_contain_text("22")


def test_a_text_that_cannot_be_kept_holds_up_no_other_and_is_named(
    begun: tuple[int, User, User, User], window: Callable[..., BrowserContext], session: Session
) -> None:
    form_id, filler, _head, _reviewer = begun
    page = sign_in(window(), filler)
    page.goto(f"/portal/assessments/{form_id}/sections/staff")
    pasted = "one => { one.value = '甲\\u0000乙'; one.dispatchEvent(new Event('input', { bubbles: true })); }"
    page.get_by_label(ALL, exact=True).evaluate(pasted)
    page.get_by_label(STAFF, exact=True).fill("20")
    expect(page.locator("#trouble")).to_contain_text(f"没有保存：{ALL}：提交的内容里有不能保存的空字符")
    expect(page.locator("#preview")).to_contain_text("20.00%")
    session.rollback()
    assert session.scalars(select(AnswerText.text)).all() == ["20"]
    page.get_by_label(ALL, exact=True).fill("100")
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("#saved")).to_contain_text("已保存")
