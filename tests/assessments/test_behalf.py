"""Staff write in a firm's form by its recorded consent only; both sides see who wrote what, and the firm signs."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor, Reach
from app.access.roles import Role
from app.accounts.models import User
from app.assessments import consents, queries, reviewing, submitting
from app.assessments.models import Answer, AnswerText, Assessment, AssessmentState, Consent
from app.assessments.offline.models import BroughtBack, TakenOut
from app.audit.models import AuditEvent
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.firms.models import Firm
from tests.assessments.conftest import NOW, Fill
from tests.assessments.workbooks import Round, written
from tests.support.people import People

STAFF, ALL = "value-tech_staff_month_avg-2025", "confirm-employees_month_avg-2025"
SAFETY = "value-major_safety_incident_dates-"
UNTIL = date(2026, 7, 15)


@pytest.fixture
def clerk_user(people: People) -> User:
    return people.caseworker(name="李经办")


@pytest.fixture
def clerk(clerk_user: User) -> Actor:
    return clerk_user.as_actor()


@pytest.fixture
def consent(session: Session, form: Assessment, head: Actor) -> Consent:
    made = consents.give(session, form, UNTIL, agrees=True, by=head)
    session.commit()
    return made


def test_without_a_consent_or_after_its_end_the_door_refuses(
    session: Session, form: Assessment, head: Actor, filler: Actor, clerk: Actor, fill: Fill,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with pytest.raises(Refused, match="没有委托代填"):
        fill(clerk, {STAFF: "20"})
    session.rollback()
    with pytest.raises(Invalid, match="勾选"):
        consents.give(session, form, UNTIL, agrees=False, by=head)
    with pytest.raises(Invalid, match="最长 90 天"):
        consents.give(session, form, UNTIL + timedelta(days=90), agrees=True, by=head)
    made = consents.give(session, form, UNTIL, agrees=True, by=head)
    session.commit()
    with pytest.raises(Conflict, match="已有到 2026-07-15"):
        consents.give(session, form, UNTIL, agrees=True, by=head)
    session.rollback()
    assert fill(clerk, {STAFF: "20"})[0].by == "李经办（代填）"
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: NOW + timedelta(days=31))  # the day after the last
        with pytest.raises(Refused):
            fill(clerk, {STAFF: "21"})
        session.rollback()
    consents.end(session, form, made.id, "不需要了", by=filler, action=Action.OWN_WITHDRAW)
    session.commit()
    with pytest.raises(Refused):
        fill(clerk, {STAFF: "21"})
    session.rollback()
    with pytest.raises(Conflict, match="已经收回"):
        consents.end(session, form, made.id, "", by=filler, action=Action.OWN_WITHDRAW)
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(3)).all()
    assert [one.action for one in events] == [Action.OWN_WITHDRAW, Action.ASSESSMENT_FILL, Action.OWN_ENTRUST]
    assert {one.firm_id for one in events} == {form.firm_id}


def test_what_staff_wrote_is_marked_until_the_firm_writes_itself(
    session: Session, form: Assessment, consent: Consent, clerk: Actor, filler: Actor, fill: Fill, people: People
) -> None:
    elsewhere = people.make(Role.CASEWORKER, reach=Reach.PORTFOLIO).as_actor()
    fill(clerk, {STAFF: "20", ALL: "yes"})
    filled = queries.filled(session, queries.form(session, form.id, for_=filler))
    assert [line.question.key for line in filled.lines if line.staff == "李经办"] == [
        "employees_month_avg", "tech_staff_month_avg",
    ]  # fmt: skip
    marks = [one["staff"] for one in submitting.content_of(filled) if one["staff"]]
    assert marks == ["李经办", "李经办"]
    with pytest.raises(Invalid, match="企业申明"):
        fill(clerk, {SAFETY: "无"})
    session.rollback()
    late = fill(clerk, {STAFF: "22"}, seen=0)[0]
    assert (late.is_mine, late.text) == (False, "20")  # staff overwrite nothing that they did not look at either
    fill(filler, {STAFF: "21"})
    kept = session.execute(select(AnswerText.text, AnswerText.consent_id).where(AnswerText.part == "value")).all()
    assert [tuple(row) for row in kept] == [("20", consent.id), ("22", consent.id), ("21", None)]
    assert session.scalars(select(Answer.consent_id).where(Answer.text == "21")).one() is None
    session.commit()
    with pytest.raises(NotFound):
        fill(elsewhere, {STAFF: "20"})


def test_who_wrote_for_the_firm_does_not_accept_it(
    session: Session, form: Assessment, consent: Consent, head: Actor, filler: Actor, fill: Fill, people: People
) -> None:
    reviewer, other = people.reviewer(name="王审核").as_actor(), people.reviewer(name="周审核").as_actor()
    filled = queries.filled(session, queries.form(session, form.id, for_=filler))
    texts = {line.name("confirm"): "yes" for line in filled.lines if line.may_confirm}
    texts |= {line.name("value"): "无" for line in filled.lines if line.question.is_declaration}
    fill(filler, texts)
    fill(reviewer, {STAFF: "20"})
    seen = queries.form(session, form.id, for_=head).row.revision
    submitting.submit(session, form.id, seen=seen, agrees=True, by=head)
    session.commit()
    row = session.get_one(Assessment, form.id)
    with pytest.raises(Conflict, match="另一位审核人"):
        reviewing.accept(session, row, 1, by=reviewer)
    session.rollback()
    with pytest.raises(Conflict, match="已提交"):
        fill(reviewer, {STAFF: "21"})
    session.rollback()
    reviewing.accept(session, session.get_one(Assessment, form.id), 1, by=other)
    assert session.get_one(Assessment, form.id).state is AssessmentState.ACCEPTED


def test_the_way_through_pages(
    people: People, form: Assessment, filler_user: User, head_user: User, clerk_user: User, firm: Firm
) -> None:
    office = people.browser(clerk_user)
    address = f"/office/assessments/behalf/{form.id}"
    office.get(f"{address}/sections/staff", expect=403)
    office.get(address)
    assert "看不到企业正在填写的内容" in office.text
    filler = people.browser(filler_user)
    filler.get(f"/portal/assessments/{form.id}/behalf")
    assert "只有企业负责人能委托代填" in filler.text
    assert filler.page.select_one("#consent") is None
    filler.post(f"/portal/assessments/{form.id}/behalf/", {"agrees": "y", "until": "2026-07-15"}, expect=403)
    head = people.browser(head_user)
    head.get(f"/portal/assessments/{form.id}/behalf")
    assert head.page.select_one("input[name=agrees][checked]") is None
    head.submit({"until": "2026-07-15"}, form="#consent", expect=422)
    head.submit({"until": "2026-07-15", "agrees": "y"}, form="#consent")
    assert "已委托主管部门代填" in head.text
    office.get("/office/assessments/behalf")
    assert "到 2026-07-15" in office.text
    office.get(f"{address}/sections/conduct")
    assert office.page.select_one(f'[name="{SAFETY}"]') is None or office.page.select_one(
        f'[name="{SAFETY}"][disabled]'
    )
    office.get(f"{address}/sections/staff")
    office.submit({STAFF: "20", ALL: ["yes"]}, form="#assess-form")
    assert "已代填 2 处" in office.text
    office.get(f"{address}/sections/staff")
    fields = {"name": [STAFF], "text": ["21"], "seen": ["1"]}  # as the script of the page saves what is typed
    token = office.page.select_one("#assess-form input[name=csrf_token]")
    assert token is not None
    told = office.client.post(f"{address}/answers", data={**fields, "csrf_token": token["value"]}).get_json()
    assert (told["fields"][0]["mine"], told["fields"][0]["by"]) == (True, "李经办（代填）")
    assert office.client.get(f"{address}/changes?since=0").get_json()["fields"]
    assert 'id="preview"' in office.client.get(f"{address}/preview").get_json()["html"]
    head.get(f"/portal/assessments/{form.id}/sections/staff")
    assert "由主管部门李经办填写" in head.text
    head.get(f"/portal/assessments/{form.id}/sign")
    assert "其中 2 项由主管部门代填" in head.text
    filler.get(f"/portal/assessments/{form.id}/behalf")
    filler.submit({"reason": "自己填"}, form="form[action$='/end']")
    assert "主管部门立即不能再代填" in filler.text
    office.post(f"{address}/sections/staff", {STAFF: "30", f"seen-{STAFF}": "1"}, expect=403)
    refused = office.client.post(f"{address}/answers", data={**fields, "csrf_token": token["value"]})
    assert (refused.status_code, "没有委托代填" in refused.get_json()["message"]) == (409, True)
    assert office.client.get(f"{address}/changes?since=0").status_code == 403


def test_a_paper_is_entered_by_a_reviewer_who_may_not_use_it(
    people: People, form: Assessment, clerk_user: User, filler_user: User, session: Session, fill: Fill
) -> None:
    reviewer_user = people.reviewer(name="王审核")
    reviewer, address = people.browser(reviewer_user), f"/office/assessments/behalf/{form.id}"
    reviewer.get(address)
    sent = {"person": "钱总", "signed_on": "2026-06-10", "until": "2026-07-15"}
    reviewer.submit(sent, form="#paper", expect=422)
    assert "请选择签字盖章的委托书扫描件" in reviewer.text

    def paper(name: str) -> tuple[io.BytesIO, str]:
        return io.BytesIO(b"%PDF-1.4\n%%EOF\n"), name

    reviewer.submit({**sent, "file": paper("委托书.png")}, form="#paper", expect=422)
    reviewer.submit({**sent, "signed_on": "2026-06-20", "file": paper("委托书.pdf")}, form="#paper", expect=422)
    assert "不能晚于今天" in reviewer.text
    reviewer.submit({**sent, "file": paper("委托书.pdf")}, form="#paper")
    assert "已登记纸质委托书" in reviewer.text
    reviewer.get(f"{address}/sections/staff", expect=403)
    assert "由您登记" in reviewer.text
    assert fill(clerk_user.as_actor(), {STAFF: "20"})[0].is_mine
    firm = people.browser(filler_user)
    firm.get(f"/portal/assessments/{form.id}/behalf")
    link = firm.page.select_one("a[download]")
    assert link is not None
    firm.get(str(link["href"]))
    assert firm.response.data.startswith(b"%PDF")
    reviewer.get(address)
    reviewer.submit({"reason": ""}, form="form[action$='/end']", expect=422)
    reviewer.get(address)
    reviewer.submit({"reason": "企业来电收回"}, form="form[action$='/end']")
    assert "企业来电收回" in reviewer.text


def test_a_paper_is_held_back_until_the_scanner_has_looked_at_it(
    app: Flask, people: People, form: Assessment, filler_user: User, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = app.extensions["yuqi_store"]
    monkeypatch.setattr(store, "rules", replace(store.rules, scanner="tcp://127.0.0.1:9"))
    reviewer = people.browser(people.reviewer())
    reviewer.get(f"/office/assessments/behalf/{form.id}")
    sent = {"person": "钱总", "signed_on": "2026-06-10", "until": "2026-07-15"}
    reviewer.submit({**sent, "file": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "委托书.pdf")}, form="#paper")
    number = session.scalars(select(Consent.id)).one()
    for door in (f"/portal/assessments/{form.id}/behalf", f"/office/assessments/behalf/{form.id}"):
        browser = reviewer if door.startswith("/office") else people.browser(filler_user)
        browser.get(f"{door}/consents/{number}/file", expect=409)
        assert "正在隔离查毒" in browser.text


def test_staff_fill_in_the_workbook_by_the_consent_which_every_answer_names(
    session: Session, app: Flask, people: People, form: Assessment, clerk_user: User, consent: Consent, filler: Actor,
    clerk: Actor,
) -> None:  # fmt: skip
    trip, browser = Round(session, app, form.id), people.browser(clerk_user)
    mine = f"/office/assessments/behalf/{form.id}"
    firms_own = written(trip.out(filler), {STAFF: 20, SAFETY: "无"})
    browser.get(mine)
    assert browser.page.select_one(f"a[href='{mine}/offline/']") is not None
    browser.get(f"{mine}/offline")
    browser.submit({}, form="form[action$='/offline/workbook']")
    given = browser.response.data
    taken = session.scalars(select(TakenOut).order_by(TakenOut.id.desc())).first()
    assert taken is not None
    assert (taken.consent_id, {name for name, *_ in taken.cells if "major_safety" in name}) == (consent.id, set())
    session.commit()
    browser.get(f"{mine}/offline")
    browser.submit({"file": (io.BytesIO(written(given, {ALL: "是"})), "代填.xlsx")}, form="#bring")
    trip.work()
    browser.get(browser.url)
    browser.submit({"take": [ALL]}, form="#take")
    browser.get(f"{mine}/offline")
    browser.submit({"file": (io.BytesIO(firms_own), "企业填的.xlsx")}, form="#bring")
    trip.work()
    browser.get(browser.url)
    assert "企业申明须由企业自己填写，不能代填" in browser.text
    assert browser.page.select_one(f'input[name=take][value="{SAFETY}"]') is None
    browser.submit({"take": [STAFF, SAFETY]}, form="#take")
    answers = session.execute(select(Answer.key, Answer.text, Answer.saved_by_name, Answer.consent_id)).all()
    assert {tuple(row) for row in answers} == {
        ("employees_month_avg", "yes", "李经办", consent.id), ("tech_staff_month_avg", "20", "李经办", consent.id),
    }  # fmt: skip
    uploads = session.scalars(select(BroughtBack.consent_id)).all()
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.actor_id == clerk.id)).all()
    assert (uploads, set(actions) & {Action.OWN_EXCHANGE}) == ([consent.id] * 2, set())
    consents.end(session, session.get_one(Assessment, form.id), consent.id, "", by=filler, action=Action.OWN_WITHDRAW)
    session.commit()
    for path in ("", f"/uploads/{max(session.scalars(select(BroughtBack.id)))}"):
        browser.get(f"{mine}/offline{path}", expect=403)
    with pytest.raises(Refused):
        trip.out(clerk)
