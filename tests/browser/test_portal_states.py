"""The portal in every state that a visit to its addresses does not show: refusals, errors, nothing there yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.accounts.models import User
from app.assessments.models import Assessment, AssessmentState, Part
from app.assessments.places import FieldPlace
from app.assessments.saving import Typed, save
from app.core import clock
from app.core.db import Database
from app.eligibility.gap.models import Intake
from tests.browser.conftest import SIZES, sign_in
from tests.factories.eligibility import editions
from tests.factories.firms import make_firm
from tests.support.axe import complaints
from tests.support.people import People

pytestmark = pytest.mark.browser


class Eye:
    """Looks at what a page shows, at both widths, and remembers what is wrong."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.seen: list[str] = []

    def look(self, state: str) -> None:
        self.seen.append(state)
        for size in SIZES:
            self.page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
            self.wrong += [f"{state} {size}: {one}" for one in complaints(self.page)]
            width = self.page.evaluate("document.documentElement.scrollWidth")
            if width > SIZES[size]["width"]:
                self.wrong.append(f"{state}: {width - SIZES[size]['width']} px stick out")

    def visit(self, address: str, status: int = 200) -> None:
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status == status, f"{address}: {answer.status}"
        self.look(address)

    def send(self, address: str, words: str, *, button: str = "main form button[type=submit]", **fields: str) -> None:
        """Send a form with what it refuses."""
        self.page.goto(address)
        for name, text in fields.items():
            self.page.locator(f"main [name={name}]").first.fill(text)
        self.page.evaluate("document.querySelectorAll('main form').forEach(form => form.noValidate = true)")
        self.page.locator(button).first.click()
        expect(self.page.get_by_text(words).first).to_be_visible()
        self.look(f"{address} refused: {words}")


EMPTY = (
    "/portal/", "/portal/facts", "/portal/facts/claims", "/portal/facts/documents", "/portal/assessments",
    "/portal/people", "/portal/reminders", "/portal/eligibility", "/portal/facts?q=没有这个指标", "/acting",
)  # fmt: skip


@pytest.fixture
def head(people: People, session: Session) -> User:
    """The head of a firm of which nothing is held; made before the program runs."""
    editions(session)
    return people.make(Role.FIRM_SIGNATORY, name="钱总", firm_id=make_firm(session).id)


def test_an_empty_portal_and_every_refusal_are_accessible(
    head: User, window: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    eye = Eye(sign_in(window(), head))
    for address in EMPTY:
        eye.visit(address)
    for address, status in (("/portal/assessments/77", 404), ("/office/firms", 403), ("/invitation/x", 404)):
        eye.visit(address, status)
    eye.send("/portal/people/invite", "请写明邀请谁", invitee="")
    eye.send("/portal/facts/new?key=sales_revenue", "请填写数值", value="")
    eye.send("/ask", "请填写 18 位统一社会信用代码", credit_code="")
    eye.send("/profile", "邮箱格式应如", email="甲")
    eye.send("/password", "请填写原密码", old="")
    wrong = tmp_path / "证明.pdf"
    wrong.write_bytes(b"MZ not a document")
    eye.page.goto("/portal/facts/new?key=sales_revenue")
    eye.page.locator("main [name=value]").fill("100")
    eye.page.locator("main [name=source]").fill("审计报告")
    eye.page.locator("main input[type=file]").first.set_input_files(wrong)
    eye.page.locator("main form button[type=submit]").first.click()
    expect(eye.page.locator("#error-summary")).to_be_focused()
    eye.look("an upload refused")
    eye.page.goto("/profile")
    eye.page.evaluate("document.querySelector('main [name=csrf_token]').value = 'x'")
    eye.page.locator("main form button[type=submit]").first.click()
    expect(eye.page.get_by_text("页面停留时间过长")).to_be_visible()
    eye.look("a form that stood open too long")
    eye.page.context.clear_cookies()
    eye.visit("/portal/facts")
    expect(eye.page.get_by_label("密码")).to_be_visible()
    eye.send("/sign-in", "账号或密码不正确", login="nobody", password="wrong-wrong")
    eye.visit("/register")
    assert eye.wrong == []


def test_a_form_that_is_overtaken_closed_or_submitted_is_accessible(
    begun: tuple[int, User, User, User], window: Callable[..., BrowserContext], database: Database
) -> None:
    form_id, filler, _head, _reviewer = begun
    eye = Eye(sign_in(window(), filler))
    section = f"/portal/assessments/{form_id}/sections/staff"
    eye.page.goto(section)
    field = FieldPlace("tech_staff_month_avg", 2025, Part.VALUE)
    with database.transaction() as session:
        save(session, form_id, [Typed(field, "21", 0)], by=filler.as_actor())
    eye.page.locator(f"#{field.name}").evaluate("one => { one.value = '22'; one.form.submit(); }")  # no script saves it
    expect(eye.page.get_by_text("您填写的内容：22")).to_be_visible()
    eye.look("overtaken, without a script")
    day = clock.today() - timedelta(days=1)
    with database.transaction() as session:
        form = session.get_one(Assessment, form_id)
        ended = Intake(
            programme=form.programme, name="第一批", opens_on=day, closes_on=day, source="通知", created_by_name="局"
        )
        session.add(ended)
        session.flush()
        form.intake_id = ended.id
    eye.visit(f"/portal/assessments/{form_id}")
    expect(eye.page.get_by_text("本批次已于").first).to_be_visible()
    with database.transaction() as session:
        session.get_one(Assessment, form_id).state = AssessmentState.SUBMITTED
    eye.visit(section)
    expect(eye.page.get_by_text("不能修改")).to_be_visible()
    assert eye.wrong == []
