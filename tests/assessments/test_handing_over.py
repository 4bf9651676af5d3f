"""The filler hands over, the head is told once and sees everything before signing, documents stay as submitted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.accounts.models import User
from app.assessments import attaching, queries, reviewing, submitting
from app.assessments.models import Assessment, Handover
from app.assessments.places import Place
from app.assessments.reviewing import Draft
from app.audit.models import AuditEvent
from app.core import clock
from app.facts import locker
from app.facts.locker import Upload
from app.facts.models import Document
from app.files.store import FileStore
from app.firms.models import Firm
from app.reminders import service as reminders
from app.reminders.models import DueKind, Reminder
from tests.assessments.conftest import NOW, STAFF, Fill
from tests.facts.samples import PDF
from tests.support.people import People

PLACE = Place("tech_staff_month_avg", 2025)
FORM = "高新技术企业认定自评（2025 年度）"


@pytest.fixture
def paper(session: Session, firm: Firm, filler: Actor, store: FileStore, form: Assessment) -> Document:
    upload = Upload("花名册.pdf", PDF, title="社保名册", valid_until=date(2026, 12, 31))
    made = locker.keep(session, store, firm.id, upload, by=filler)
    attaching.attach(session, form.id, PLACE, [made], by=filler)
    session.commit()
    return made


def submit(session: Session, form: Assessment, by: Actor) -> None:
    seen = queries.form(session, form.id, for_=by).row.revision
    submitting.submit(session, form.id, seen=seen, agrees=True, by=by)
    session.commit()


def told(session: Session) -> list[tuple[str, str]]:
    session.rollback()
    rows = session.execute(
        select(User.name, Reminder.title)
        .join(User, User.id == Reminder.user_id)
        .where(Reminder.kind == DueKind.SIGN)
        .order_by(Reminder.id)
    )
    return [(name, title) for name, title in rows]


def test_a_form_that_is_ready_is_handed_over_and_the_head_is_told_once(
    session: Session, people: People, whole: Assessment, filler_user: User, head_user: User, fill: Fill, filler: Actor
) -> None:
    browser, head = people.browser(filler_user), people.browser(head_user)
    fill(filler, {STAFF: ""})
    browser.get(f"/portal/assessments/{whole.id}")
    assert browser.page.select_one("form[action*='/reminders/sign/']") is None  # something is left to mend
    browser.post(f"/portal/reminders/sign/{whole.id}", {"until": "2026-06-22"}, expect=409)
    fill(filler, {STAFF: "20"})
    browser.get("/portal/")
    assert f"{FORM}已填好，可以请负责人签署" in browser.text
    browser.get(f"/portal/assessments/{whole.id}")
    browser.submit({}, form="form[action*='/reminders/sign/']")
    assert "已提醒 1 位负责人登录签署" in browser.text
    assert "等待负责人签署：赵填报 已于" in browser.text
    title = "高新技术企业认定 2025 年度自评已填好，赵填报请您于 2026-06-22 前核对签署"
    assert told(session) == [("钱总", title)]
    reminders.remind(session, clock.today(), mails=False)  # the night tells nobody again
    session.commit()
    assert told(session) == [("钱总", title)]
    browser.post(f"/portal/reminders/sign/{whole.id}", {"until": "2026-06-22"}, expect=409)
    browser.get("/portal/")
    assert f"{FORM}已填好，等待负责人签署" in browser.text
    head.get("/portal/")
    link = head.page.select_one(f"a[href='/portal/assessments/{whole.id}/sign']")
    assert link is not None
    assert "请您核对后签署提交" in link.text
    assert "还有 7 天" in link.parent.text  # by the day that was asked for
    assert "1" in head.page.select_one("nav a[href='/portal/reminders/']").text
    head.get("/portal/reminders/")
    assert "赵填报请您于 2026-06-22 前核对签署" in head.text
    logged = session.scalars(select(AuditEvent.action).where(AuditEvent.action == Action.OWN_HAND)).all()
    assert len(logged) == 1
    head.get(f"/portal/assessments/{whole.id}/sign")
    head.submit({"agrees": "y"}, form="form:has(input[name=agrees])")
    head.get("/portal/reminders/")
    assert "核对签署" not in head.text  # what is signed is told no more


def test_who_may_not_sign_and_days_that_make_no_sense_are_refused(
    session: Session, people: People, whole: Assessment, filler_user: User
) -> None:
    browser = people.browser(filler_user)
    browser.get(f"/portal/assessments/{whole.id}")
    for day in ("2026-06-14", "2026-09-30", "", "明天"):
        browser.post(f"/portal/reminders/sign/{whole.id}", {"until": day}, expect=422)
        browser.get(f"/portal/assessments/{whole.id}")
    browser.post(f"/portal/reminders/sign/{whole.id}", {"until": "2026-06-22"}, expect=409)
    assert "本企业还没有能签署的负责人" in browser.text
    assert session.scalars(select(Handover)).all() == []


def test_the_head_sees_every_document_and_what_is_new_since_the_last_round(
    session: Session, people: People, whole: Assessment, head_user: User, head: Actor, reviewer: Actor, filler: Actor,
    fill: Fill, paper: Document,
) -> None:  # fmt: skip
    browser = people.browser(head_user)
    browser.get(f"/portal/assessments/{whole.id}/sign")
    page = browser.page
    link = page.select_one(f"main a[href='/portal/facts/documents/{paper.id}']")
    assert link is not None
    assert link.text == "社保名册"
    assert "随本次提交的佐证材料（1 份）" in browser.text
    assert "其他材料 · 至 2026-12-31 · 69 字节 · 佐证：2025 年科技人员数（全年月平均）" in browser.text
    assert "有变化" not in browser.text
    assert [one.text for one in page.select("main h2")][1:4] == ["基本信息", "人员", "收入与利润"]
    submit(session, whole, head)
    draft = Draft(PLACE, "请按月平均数填写")
    reviewing.return_for_correction(session, whole, 1, [draft], NOW.date() + timedelta(days=9), by=reviewer)
    session.commit()
    fill(filler, {STAFF: "21"})
    browser.get(f"/portal/assessments/{whole.id}/sign")
    page = browser.page
    assert "与第 1 次提交相比有 1 处不同" in browser.text
    assert "20 人" in page.select_one("main del").text


def test_what_moved_between_looking_and_signing_is_looked_at_again(
    session: Session, people: People, whole: Assessment, head_user: User, filler: Actor, paper: Document,
    store: FileStore,
) -> None:  # fmt: skip
    browser = people.browser(head_user)
    browser.get(f"/portal/assessments/{whole.id}/sign")
    locker.replace(session, store, paper, Upload("新.pdf", PDF + b"%\n", title="另一份名册"), by=filler)
    session.commit()
    browser.submit({"agrees": "y"}, form="main form.x-form", expect=409)
    assert "请重新核对后再签署" in browser.text
    assert "另一份名册" in browser.text
    assert not browser.page.select("main input[name=agrees][checked]")
    browser.submit({"agrees": "y"}, form="main form.x-form")
    made = queries.submission(session, whole.id, 1)
    assert [one["documents"][0]["title"] for one in made.content if one["documents"]] == ["另一份名册"]


def test_documents_stay_as_submitted_and_the_reviewer_sees_what_changed_since(
    session: Session, people: People, whole: Assessment, head: Actor, filler: Actor, reviewer_user: User,
    paper: Document,
) -> None:  # fmt: skip
    submit(session, whole, head)
    office = people.browser(reviewer_user)
    office.get(f"/office/assessments/{whole.id}/submissions/1")
    assert "至 2026-12-31" in office.text
    assert "提交后" not in office.text
    found = session.get_one(Document, paper.id)
    found.title, found.valid_until = "社保名册（补正）", date(2027, 6, 30)
    session.commit()
    office.get(f"/office/assessments/{whole.id}/submissions/1")
    assert "提交后标题已改为“社保名册（补正）”" in office.text
    assert "提交后有效期已改为：至 2027-06-30" in office.text
    [kept] = next(
        one["documents"] for one in queries.submission(session, whole.id, 1).content if one["key"] == PLACE.key
    )
    assert (kept["title"], kept["valid_until"], kept["kind"]) == ("社保名册", "2026-12-31", "其他材料")
