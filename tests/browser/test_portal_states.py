"""The portal in every state that a visit to its addresses does not show: refusals, errors, nothing there yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.accounts.models import Mandate, User
from app.assessments import attaching, reviewing, submitting
from app.assessments.models import Assessment, AssessmentState, Part
from app.assessments.places import FieldPlace, Place
from app.assessments.saving import Typed, save
from app.core import clock
from app.core.db import Database
from app.eligibility.gap.models import Intake
from app.facts import locker
from app.facts.locker import Upload
from app.facts.models import Document
from app.files.models import ScanState, StoredFile
from app.files.store import FileStore
from tests.browser.conftest import sign_in
from tests.browser.eye import Eye
from tests.browser.test_assessment import answer_rest
from tests.factories.eligibility import editions
from tests.factories.firms import make_firm
from tests.facts.samples import PDF
from tests.support.people import People

pytestmark = pytest.mark.browser
NAMES = ("审计报告.pdf", "花名册.pdf", "证书.pdf")


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


def test_a_form_returned_whole_with_evidence_in_trouble_is_accessible(
    begun: tuple[int, User, User, User], window: Callable[..., BrowserContext], session: Session, database: Database,
    store: FileStore,
) -> None:  # fmt: skip
    form_id, filler, head, reviewer = begun
    by, there = filler.as_actor(), Place("tech_staff_month_avg", 2025)
    answer_rest(session, form_id, filler)
    with database.transaction() as session:
        form = session.get_one(Assessment, form_id)
        papers = [locker.keep(session, store, form.firm_id, Upload(name, PDF + name.encode()), by=by) for name in NAMES]
        attaching.attach(session, form_id, there, papers, by=by)
        save(session, form_id, [Typed(FieldPlace(*there, Part.VALUE), "19", 0)], by=by)
        session.refresh(form)
        made = submitting.submit(session, form_id, seen=form.revision, agrees=True, by=head.as_actor())
        everything = [reviewing.Draft(Place(one["key"], one["year"]), "请核对后重新填写") for one in made.content]
        reviewing.return_for_correction(session, form, 1, everything, clock.today(), by=reviewer.as_actor())
        for paper, state in zip(papers, (ScanState.WAITING, ScanState.INFECTED, ScanState.CLEAN), strict=True):
            session.get_one(StoredFile, paper.file_id).scan = state
        session.get_one(Document, papers[2].id).valid_until = clock.today() - timedelta(days=1)
    eye = Eye(sign_in(window(), filler))
    eye.visit(f"/portal/assessments/{form_id}")
    expect(eye.page.locator(".x-card")).to_have_count(len(everything))
    eye.visit(f"/portal/assessments/{form_id}/sections/staff")
    eye.visit(f"/portal/assessments/{form_id}/evidence/tech_staff_month_avg-2025")
    eye.visit("/portal/facts/documents")
    full = "服务器磁盘已满，没有保存；您填写的内容仍保留在本机，请联系主管部门。"
    eye.page.route("**/answers", lambda route: route.fulfill(status=507, json={"message": full}))
    eye.page.goto(f"/portal/assessments/{form_id}/sections/staff")
    eye.page.locator("[data-ask] input[data-field]").first.fill("101")
    expect(eye.page.locator("#trouble")).to_contain_text("磁盘已满")
    eye.look("the server's disk is full")
    with database.transaction() as session:
        session.execute(update(Mandate).values(valid_until=clock.today() - timedelta(days=1)))
    eye.page.unroute("**/answers")
    eye.page.evaluate("localStorage.clear()")
    eye.visit("/acting")
    eye.visit("/portal/assessments", 403)
    assert eye.wrong == []
