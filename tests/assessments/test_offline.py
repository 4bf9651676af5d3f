"""The form as a workbook: what comes back is compared with what was given out and what stands now; a person chooses."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.access.roles import Role
from app.accounts.models import User
from app.assessments import queries, service
from app.assessments.models import (
    AnswerText,
    Assessment,
    AssessmentState,
    ReturnItem,
    Submission,
    SubmissionState,
)
from app.assessments.offline import bringing
from app.assessments.offline import queries as offline
from app.assessments.offline import service as workbooks
from app.assessments.offline.differences import Kind
from app.assessments.offline.models import ReturnState, TakenOut
from app.audit.models import AuditEvent
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.firms.models import Firm
from app.jobs.models import Job, JobState
from app.sheets.filled import FilledSheet
from tests.assessments.conftest import NOW, Fill
from tests.assessments.workbooks import Round, saved, written
from tests.factories.eligibility import make_judged_firm
from tests.support.people import People

STAFF, SALES = "value-tech_staff_month_avg-2025", "value-sales_revenue-2025"
ALL, WHY = "confirm-employees_month_avg-2025", "reason-sales_revenue-2025"
HOSTILE = ("=1+1", "@SUM(A1)", "\tx", " 二十\r\n<b>人</b>\u202e'--", "a\x0bb", "𠮷", "1,234", "5.20%")


@pytest.fixture
def trip(session: Session, form: Assessment, app: Flask) -> Round:
    return Round(session, app, form.id)


def test_unchanged_is_no_difference_whatever_stands_in_it(
    session: Session, form: Assessment, filler: Actor, fill: Fill, trip: Round
) -> None:
    filled = queries.filled(session, queries.form(session, form.id, for_=filler))
    texts = dict(zip((line.name("value") for line in filled.lines), HOSTILE, strict=False))
    fill(filler, {**texts, WHY: "=1+1\r\n第二行", ALL: "yes", SALES: "3645.5"})
    content = trip.out(filler)
    first = trip.back(content, filler)
    again = trip.back(saved(openpyxl.load_workbook(io.BytesIO(content))), filler)  # saved by another program
    assert [(one.state, one.found, one.strays, one.missing) for one in (first, again)] == [
        (ReturnState.SAME, [], [], 0)
    ] * 2
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[1]
    assert "甲电机" not in str(sheet["A1"].value)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert "江门甲电机有限公司" in str(book.worksheets[0]["A1"].value)
    declared = [line for line in filled.lines if line.question.is_declaration]
    cells = {row[0].value: row for sheet in book.worksheets[1:] for row in sheet.iter_rows(min_row=2)}
    for line in declared[len(HOSTILE) :]:
        assert {cell.value for cell in cells[f"{line.question.key}-{line.question.year or ''}"][4:]} <= {None}


def test_every_difference_is_shown_and_only_what_was_chosen_is_written(
    session: Session, form: Assessment, firm: Firm, people: People, filler: Actor, fill: Fill, trip: Round
) -> None:
    colleague = people.make(Role.FIRM_FILLER, name="钱会计", firm_id=firm.id).as_actor()
    assets, profit = "value-total_assets-2025", "value-net_assets-2025"
    fill(filler, {SALES: "3700", WHY: "审计调增", assets: "4000", profit: "900"})
    content = trip.out(filler)
    fill(colleague, {SALES: "3800", profit: "905"})
    brought = trip.back(
        written(content, {STAFF: 20, ALL: "是", SALES: 3750, WHY: None, assets: "约四千", profit: 905}), filler
    )
    assert trip.kinds(brought, filler) == {
        STAFF: Kind.NEW,
        ALL: Kind.NEW,
        SALES: Kind.CONFLICT,
        WHY: Kind.CLEARED,
        assets: Kind.UNREADABLE,  # what a colleague wrote as well is no difference
    }
    standing = queries.answers(session, form.id)
    assert {field.name: one.text for field, one in standing.items()} == {
        SALES: "3800", WHY: "审计调增", assets: "4000", profit: "905",
    }  # fmt: skip
    with pytest.raises(Invalid, match="还没有选择"):
        trip.take(brought, filler)
    session.rollback()
    assert trip.take(brought, filler, STAFF, ALL) == (2, [])
    texts = {field.name: one.text for field, one in queries.answers(session, form.id).items()}
    assert (texts[STAFF], texts[ALL], texts[SALES], texts[WHY]) == ("20", "yes", "3800", "审计调增")
    kept = session.execute(select(AnswerText.text, AnswerText.version).where(AnswerText.text == "3750")).all()
    assert [tuple(row) for row in kept] == [("3750", None)]  # the text that was not taken stays in the history
    with pytest.raises(Conflict, match="已经办理"):
        trip.take(brought, filler, SALES)
    session.rollback()
    events = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id.desc()).limit(2)).all()
    assert events == [Action.OWN_EXCHANGE, Action.OWN_FILL]


def test_what_moved_on_while_one_looked_is_not_overwritten(
    session: Session, form: Assessment, filler: Actor, fill: Fill, trip: Round
) -> None:
    brought = trip.back(written(trip.out(filler), {STAFF: 20, ALL: "是"}), filler)
    looked = {STAFF: 0, ALL: 0}
    fill(filler, {STAFF: "19"})
    saved_now, late = workbooks.take_over(session, form.id, brought.id, looked, by=filler)
    session.commit()
    assert (saved_now, [one.field.name for one in late]) == (1, [STAFF])
    assert (brought.state, brought.taken) == (ReturnState.WAITING, 1)
    assert trip.kinds(brought, filler) == {STAFF: Kind.CONFLICT}
    assert trip.take(brought, filler, STAFF) == (1, [])
    form.state = AssessmentState.SUBMITTED
    session.commit()
    with pytest.raises(Conflict, match="已提交"):
        trip.back(trip.out(filler), filler)


def test_a_workbook_belongs_to_one_form(
    session: Session, app: Flask, form: Assessment, people: People, filler: Actor, trip: Round
) -> None:
    content = trip.out(filler)
    other = service.start(session, "hitech_recognition", "new", 2024, by=filler)
    session.commit()
    assert "属于“高新技术企业认定自评（2025 年度）”" in Round(session, app, other.id).refused(content, filler)
    stranger_firm = make_judged_firm(session, "江门乙电机有限公司", {})
    stranger = people.make(Role.FIRM_FILLER, firm_id=stranger_firm.id).as_actor()
    theirs = service.start(session, "hitech_recognition", "new", 2025, by=stranger)
    session.commit()
    assert "不是本企业这份自评的" in Round(session, app, theirs.id).refused(content, stranger)
    with pytest.raises(NotFound):
        trip.out(stranger)
    two = openpyxl.load_workbook(io.BytesIO(content))
    two.worksheets[2]["A1"] = "yuqi-form:OTHER"
    assert "来自两次不同的下载" in trip.refused(saved(two), filler)
    assert "找不到标识" in trip.refused(saved(openpyxl.Workbook()), filler)
    with pytest.raises(Invalid, match="不是表格"):
        trip.bring(b"%PDF-1.7", filler)


def test_what_cannot_be_read_names_its_cell(session: Session, filler: Actor, trip: Round) -> None:
    texts: dict[str, object] = {STAFF: "#DIV/0!", ALL: "大概是", WHY: "长" * 5001, SALES: "12345678901234567890"}
    brought = trip.back(written(trip.out(filler), texts), filler)
    form = queries.form(session, trip.form_id, for_=filler)
    shown = {one.field.name: one for one in offline.compared(session, form, brought, for_=filler)}
    assert {one.kind for one in shown.values()} == {Kind.UNREADABLE}
    assert "单元格 人员!" in str(shown[STAFF].why)
    assert "公式错误（#DIV/0!）" in str(shown[STAFF].why)
    assert [shown[name].may_be_taken for name in (STAFF, ALL, WHY, SALES)] == [False, False, False, True]


def test_what_was_returned_is_answered_in_the_workbook_too(
    session: Session, form: Assessment, filler: Actor, trip: Round
) -> None:
    made = Submission(assessment_id=form.id, number=1, edition_id=form.edition_id, content=[], digest="0" * 64,
                      statement="", signed_by_name="钱总", submitted_at=NOW, state=SubmissionState.RETURNED,
                      due_on=NOW.date())  # fmt: skip
    session.add(made)
    session.flush()
    session.add(ReturnItem(submission_id=made.id, key="tech_staff_month_avg", year=2025, reason="请附花名册"))
    form.state = AssessmentState.RETURNED
    session.commit()
    content = trip.out(filler)
    rows = [row for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets for row in sheet.values]
    assert [row for row in rows if "请附花名册" in row][0][0] == "tech_staff_month_avg-2025"
    reply = "reply-tech_staff_month_avg-2025"
    brought = trip.back(written(content, {reply: "已附"}), filler)
    assert trip.kinds(brought, filler) == {reply: Kind.NEW}
    assert trip.take(brought, filler, reply) == (1, [])


def test_the_way_through_pages_without_a_script(
    app: Flask, people: People, filler_user: User, session: Session, form: Assessment, fill: Fill, filler: Actor
) -> None:
    browser = people.browser(filler_user)
    address = f"/portal/assessments/{form.id}"
    browser.get(address)
    browser.get(f"{address}/offline")
    browser.submit({}, form=f'form[action$="{form.id}/offline/workbook"]')
    assert browser.response.headers["Content-Disposition"].startswith("attachment")
    content = browser.response.data
    browser.get(f"{address}/offline")
    assert session.scalars(select(TakenOut.code)).one() in browser.text
    session.commit()

    work = Round(session, app, form.id).work

    def send(data: bytes, expect: int = 200) -> None:
        browser.get(f"{address}/offline")
        browser.submit({"file": (io.BytesIO(data), "自评.xlsx")}, form="#bring", expect=expect)
        if expect == 200:
            assert "正在读取" in browser.text
            work()
            browser.get(browser.url)

    send(b"", 422)
    assert "请选择填好的 Excel 文件" in browser.text or "文件是空的" in browser.text
    send(content[:2000])
    assert "不完整或已损坏" in browser.text
    assert "改好后重新上传" in browser.text
    send(content)
    assert "没有不同" in browser.text
    fill(filler, {SALES: "3700"})
    send(written(content, {STAFF: "<b>20</b>", ALL: "是", SALES: "3701"}))
    assert browser.page.select_one(f'input[name=take][value="{SALES}"][checked]') is None
    assert browser.page.select_one(f'input[name=take][value="{ALL}"][checked]') is not None
    assert browser.page.find("b", string="20") is None
    page = browser.url
    browser.get(address)
    assert "还没有选定采用哪些内容" in browser.text  # left and come back: the difference is still there
    browser.get(page)
    browser.submit({"take": []}, form="#take", expect=422)
    browser.submit({"take": [ALL]}, form="#take")
    assert "已写入 1 项" in browser.text
    send(written(content, {STAFF: "20"}))
    browser.submit({}, form='form[action$="/give-up"]')
    assert "系统里的内容不变" in browser.text


def test_workbooks_are_not_brought_back_without_end(
    people: People, filler_user: User, filler: Actor, trip: Round, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "MOST_A_DAY", 2)
    monkeypatch.setattr(workbooks, "MOST_A_DAY", 1)
    browser = people.browser(filler_user)
    content = trip.out(filler)
    trip.bring(content, filler)
    trip.bring(content, filler)
    for path, form, told in (("bring", "#bring", "一天最多上传 2 次"), ("out", "form[action$=workbook]", "下载 1 次")):
        browser.get(f"/portal/assessments/{trip.form_id}/offline")
        sent = {"file": (io.BytesIO(b"never looked at"), "自评.xlsx")} if path == "bring" else {}
        browser.submit(sent, form=form, expect=422)
        assert told in browser.text
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=1, seconds=1))
    assert trip.back(content, filler).state is ReturnState.SAME
    monkeypatch.setattr(bringing, "MOST_BYTES_A_DAY", len(content))
    with pytest.raises(Invalid, match="一天内上传的 Excel 已有"):
        trip.bring(content, filler)


def test_reading_is_a_job_that_can_be_stopped_outlives_the_worker_and_is_read_again(
    app: Flask, people: People, filler_user: User, filler: Actor, trip: Round, session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    browser, content = people.browser(filler_user), trip.out(filler)
    changed = written(content, {STAFF: 20})
    stopped = trip.bring(changed, filler)
    page = f"/portal/assessments/{trip.form_id}/offline/uploads/{stopped.id}"
    browser.get(f"/portal/assessments/{trip.form_id}")
    assert "还没有读完" in browser.text
    browser.get(page)
    assert browser.page.select_one(f'[data-progress-url="{page}/progress"]') is not None
    assert browser.client.get(f"{page}/progress").get_json()["finished"] is False
    browser.submit({}, form="form[action$='/stop']")
    assert "已取消读取" in browser.text
    trip.work()
    session.refresh(stopped)
    assert (stopped.state, stopped.found) == (ReturnState.STOPPED, [])
    session.commit()
    with monkeypatch.context() as patch:  # stopped while the file is being read: what was read is thrown away
        late = trip.bring(changed, filler)

        def read(*given: object) -> list[FilledSheet]:
            with app.extensions["yuqi_database"].transaction() as other:
                bringing.stop(other, trip.form_id, late.id, by=filler)
            return []

        patch.setattr(bringing, "read", read)
        trip.work()
    session.refresh(late)
    assert late.state is ReturnState.STOPPED
    session.commit()
    made = trip.bring(changed, filler)
    session.execute(
        update(Job).where(Job.id == made.job_id).values(state=JobState.FAILED, error="执行任务的进程多次中断")
    )
    session.commit()
    browser.get(f"/portal/assessments/{trip.form_id}/offline/uploads/{made.id}")
    assert "执行任务的进程多次中断" in browser.text
    browser.submit({}, form="form[action$='/again']")
    trip.work()
    session.refresh(made)
    assert (made.state, trip.kinds(made, filler)) == (ReturnState.WAITING, {STAFF: Kind.NEW})
    session.commit()
    browser.get(browser.url)
    assert "新填写：1 项" in browser.text
