"""Submitting, returning, submitting again, accepting: who may, what is kept, what becomes of the figures."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.accounts.models import User
from app.assessments import checks, queries, returned, reviewing, submitting
from app.assessments.models import Assessment, AssessmentState, Submission
from app.assessments.places import Place
from app.assessments.receipts import contents
from app.assessments.reviewing import Draft
from app.core.errors import Conflict, Invalid, NotFound
from app.eligibility.gap.models import Intake
from app.facts import queries as facts
from app.facts.models import Claim, ClaimState
from tests.assessments.conftest import NOW, SALES, STAFF, Fill
from tests.factories.eligibility import hold
from tests.support.people import People

DUE = date(2026, 6, 30)


def _submit(session: Session, form: Assessment, by: Actor) -> Submission:
    seen = queries.form(session, form.id, for_=by).row.revision
    made = submitting.submit(session, form.id, seen=seen, agrees=True, by=by)
    session.commit()
    return made


def _claims(session: Session, state: ClaimState) -> dict[str, str]:
    """What the head's signature stated, but for the declarations, which are stated every time."""
    rows = session.scalars(select(Claim).where(Claim.state == state, Claim.stated_by_name == "钱总"))
    return {one.key: one.raw for one in rows if not one.key.endswith("_dates")}


def test_the_head_signs_what_was_looked_at_and_the_answers_become_claims(
    session: Session, whole: Assessment, head: Actor, filler: Actor, fill: Fill
) -> None:
    seen = queries.form(session, whole.id, for_=head).row.revision
    with pytest.raises(Invalid, match="声明"):
        submitting.submit(session, whole.id, seen=seen, agrees=False, by=head)
    fill(filler, {STAFF: "21"})
    with pytest.raises(Conflict, match="刚有改动"):
        submitting.submit(session, whole.id, seen=seen, agrees=True, by=head)
    session.rollback()
    made = _submit(session, whole, head)
    assert (made.number, made.signed_by_name) == (1, "钱总")
    assert _claims(session, ClaimState.PENDING) == {"tech_staff_month_avg": "21", "sales_revenue": "3700"}
    with pytest.raises(Conflict):
        fill(filler, {STAFF: "22"})


def test_nothing_is_submitted_with_a_fault_left_or_after_the_end(
    session: Session, whole: Assessment, head: Actor, filler: Actor, fill: Fill
) -> None:
    fill(filler, {STAFF: ""})
    with pytest.raises(Conflict, match="1 处"):
        _submit(session, whole, head)
    session.rollback()
    fill(filler, {STAFF: "20"})
    day = NOW.date() - timedelta(days=1)
    intake = Intake(programme="hitech_recognition", name="第一批", opens_on=day, closes_on=day, source="通知",
                    created_by_name="局")  # fmt: skip
    session.add(intake)
    session.flush()
    session.get_one(Assessment, whole.id).intake_id = intake.id
    session.commit()
    with pytest.raises(Conflict, match="已于 2026-06-14 截止"):
        _submit(session, whole, head)
    session.rollback()
    assert fill(filler, {STAFF: "19"})[0].is_mine  # the draft can still be read and written


def test_what_was_returned_is_answered_one_by_one(
    session: Session, whole: Assessment, head: Actor, filler: Actor, reviewer: Actor, fill: Fill
) -> None:
    _submit(session, whole, head)
    staff, sales, fields = (
        Place("tech_staff_month_avg", 2025), Place("sales_revenue", 2025), Place("hitech_field_code", None)
    )  # fmt: skip
    drafts = [Draft(staff, "请附月度花名册", "HNTE-11-4"), Draft(sales, "与纳税申报表不符"),
              Draft(fields, "须填到末级")]  # fmt: skip
    form = session.get_one(Assessment, whole.id)
    with pytest.raises(Invalid):
        reviewing.return_for_correction(session, form, 1, [], DUE, by=reviewer)
    with pytest.raises(Invalid, match="写明"):
        reviewing.return_for_correction(session, form, 1, [Draft(staff, " ")], DUE, by=reviewer)
    session.rollback()
    reviewing.return_for_correction(session, form, 1, drafts, DUE, by=reviewer, note="请尽快")
    session.commit()
    assert _claims(session, ClaimState.REJECTED) == {"tech_staff_month_avg": "20", "sales_revenue": "3700"}
    with pytest.raises(Conflict, match="已经办理"):
        reviewing.accept(session, form, 1, by=reviewer)
    session.rollback()

    def left() -> int:
        found = queries.form(session, whole.id, for_=filler)
        return len(returned.unanswered(session, found, queries.filled(session, found)))

    assert left() == 3
    fill(filler, {SALES: "3720", "reply-tech_staff_month_avg-2025": "花名册已存入材料库"})
    assert left() == 1
    with pytest.raises(Conflict, match="1 处"):
        _submit(session, whole, head)
    session.rollback()
    fill(filler, {"value-hitech_field_code-": "八-（二）-3", "reason-hitech_field_code-": "补到末级"})
    second = _submit(session, whole, head)
    first = queries.submission(session, whole.id, 1)
    assert {one.place for one in returned.changed(first.content, second.content)} == {staff, sales, fields}
    assert _claims(session, ClaimState.PENDING) == {
        "tech_staff_month_avg": "20",
        "sales_revenue": "3720",
        "hitech_field_code": "八-（二）-3",
    }


def test_a_confirmed_figure_that_the_bureau_changed_reads_otherwise_in_the_next_round(
    session: Session, whole: Assessment, head: Actor, reviewer: Actor, fill: Fill, filler: Actor
) -> None:
    first, form = _submit(session, whole, head), session.get_one(Assessment, whole.id)
    reviewing.return_for_correction(session, form, 1, [Draft(Place("sales_revenue", 2025), "请核对")], DUE, by=reviewer)
    hold(session, whole.firm_id, {"employees_month_avg": {2025: 120}})
    session.commit()
    fill(filler, {"reply-sales_revenue-2025": "无误"})
    second = _submit(session, whole, head)
    people = Place("employees_month_avg", 2025)
    changes = {one.place: one for one in returned.changed(first.content, second.content)}
    assert changes.keys() == {people, Place("sales_revenue", 2025)}
    assert (changes[people].is_figure, contents.said(changes[people].before)) == (True, "确认现有核定值：100 人")


def test_accepted_answers_are_facts_whose_source_is_the_submission(
    session: Session, whole: Assessment, head: Actor, reviewer: Actor
) -> None:
    _submit(session, whole, head)
    report = reviewing.accept(session, session.get_one(Assessment, whole.id), 1, by=reviewer)
    session.commit()
    assert (len(report.accepted), len(report.confirmed), report.refused) == (2, 3, ())  # three declarations
    fact = facts.current_fact(session, whole.firm_id, "sales_revenue", 2025)
    assert fact is not None
    assert str(fact.shown) == "3,700"
    assert "高新技术企业认定自评（2025 年度） 第 1 次提交 · 钱总签署" in fact.source
    claim = session.get_one(Claim, fact.claim_id)
    assert claim.reference["url"] == f"/office/assessments/{whole.id}/submissions/1#place-sales_revenue-2025"
    assert session.get_one(Assessment, whole.id).state is AssessmentState.ACCEPTED


def test_the_reviewer_runs_the_same_checks(session: Session, whole: Assessment, head: Actor, reviewer: Actor) -> None:
    def told(by: Actor) -> list[str]:
        return [
            str(one.message) for one in checks.faults(queries.filled(session, queries.form(session, whole.id, for_=by)))
        ]

    assert told(head) == told(reviewer)
    assert any("3,645 万元 不同" in one for one in told(reviewer))


def test_the_whole_path_in_pages(
    people: People, session: Session, whole: Assessment, filler_user: User, head_user: User, reviewer_user: User
) -> None:
    people.browser(filler_user).get(f"/portal/assessments/{whole.id}/sign", expect=403)
    head = people.browser(head_user)
    head.get(f"/portal/assessments/{whole.id}/sign")
    assert head.page.select_one("input[name=agrees][checked]") is None
    head.submit({}, form="main form.x-form", expect=422)
    head.submit({"agrees": "y"}, form="main form.x-form")
    assert "已签署提交，等待主管部门审核" in head.text
    assert "提交回执" in head.text
    assert "3,700 万元" in head.text  # a receipt says in which unit
    office = people.browser(reviewer_user)
    office.get("/office/")
    assert office.page.select_one("main a[href='/office/assessments/?state=waiting']") is not None
    office.get("/office/assessments")
    assert "江门甲电机有限公司" in office.text
    office.get(f"/office/assessments/{whole.id}/submissions/1")
    assert "3,645 万元 不同" in office.text
    assert "已说明原因" in office.text
    token = office.page.select_one("input[name=csrf_token]")
    assert token is not None
    sent = {"item": STAFF, f"why-{STAFF}": "请附花名册", f"clause-{STAFF}": "HNTE-11-4", f"example-{STAFF}": "社保名册"}
    office.post(f"/office/assessments/{whole.id}/submissions/1/return", {**sent, "due_on": "2026-06-01"}, expect=422)
    assert "不能早于今天" in office.text
    office.post(f"/office/assessments/{whole.id}/submissions/1/return", {**sent, "due_on": "2026-06-30"})
    assert "已退回 1 项" in office.text
    head.get(f"/portal/assessments/{whole.id}")
    assert "退回修改：1 项，请于 2026-06-30 前再次提交" in head.text
    assert "可接受的例子：社保名册" in head.text
    to_mend = head.page.select_one(".x-card a")
    assert to_mend is not None
    assert str(to_mend["href"]).endswith("/sections/staff#ask-tech_staff_month_avg-2025")  # where the words stand too
    assert "还有 1 处退回意见没有修改或答复" in head.text
    assert "没有发现问题" not in head.text
    assert "可以随时提交" not in head.text
    assert "王审核" not in head.text
    head.get(f"/portal/assessments/{whole.id}/sections/staff")
    head.submit({"reply-tech_staff_month_avg-2025": "已附"}, form="#assess-form")
    head.get(f"/portal/assessments/{whole.id}/sign")
    assert "退回意见：请附花名册" in head.text  # above the reply
    head.submit({"agrees": "y"}, form="main form.x-form")
    assert "与上一次提交相比（1 处）" in head.text
    assert head.page.select_one("del") is None  # the figure is as it was, only the reply is new
    assert "上次退回的 1 项和答复" in head.text
    assert "数据未变 答复：已附" in head.text
    office.get(f"/office/assessments/{whole.id}/submissions/2?show=changed")
    assert len(office.page.select("[aria-label=提交的内容] tbody tr")) == 1
    assert "数据未变 答复：已附" in office.text
    office.submit({}, form="#accept")
    assert "已核定，5 个数据记入核定值。" in office.text  # and not a word of 0 that differ
    office.get("/office/")
    assert office.page.select_one("main a[href='/office/assessments/?state=waiting']") is None


def test_a_round_tells_figures_remarks_and_what_went_away() -> None:
    def place(key: str, text: str, reason: str = "") -> dict[str, object]:
        return {"key": key, "year": 2025, "section": "income", "text": text, "reason": reason, "confirmed": False,
                "reply": ""}  # fmt: skip

    before = [place("sales_revenue", "1"), place("total_assets", "2", "旧"), place("net_assets", "3")]
    after = [place("sales_revenue", "9"), place("total_assets", "2", "新")]
    told = [(one.place.key, one.is_figure, one.is_dropped) for one in returned.changed(before, after)]
    assert told == [("sales_revenue", True, False), ("total_assets", False, False), ("net_assets", True, True)]


def test_another_firm_finds_no_submission(people: People, session: Session, whole: Assessment, head: Actor) -> None:
    _submit(session, whole, head)
    with pytest.raises(NotFound):
        queries.submission(session, whole.id, 2)
