"""The district's pages: whom to phone and what to ask, what is within reach, who stands close to a threshold."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Reach
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.core.db import Database
from app.district import calls, exports, queries, service
from app.district.calls import Wanted, Which
from app.district.models import DistrictGain, DistrictSurvey
from app.district.plan import Status, plan
from app.eligibility.gap import service as gaps
from app.eligibility.gap.service import IntakeDraft
from app.eligibility.runs import service as runs
from app.eligibility.runs.models import EligibilityRun
from app.facts.models import Claim
from app.firms import contacts
from app.firms.contacts import ContactDraft
from app.firms.models import Firm
from app.firms.taxonomy import Town
from app.rulebooks.leads import leads
from tests.factories.eligibility import (
    AS_OF,
    LACKS_STAFF,
    TOO_LITTLE_RESEARCH,
    edition,
    editions,
    figures_reviewer,
    hold,
    make_judged_firm,
)
from tests.support.people import People

STAFF = ("tech_staff_month_avg", 2025)


def judged_all(database: Database, session: Session) -> EligibilityRun:
    made = runs.begin(session, AS_OF, by=SYSTEM)
    session.commit()
    runs.carry_out(database, made.id, lambda *_told: None)
    session.commit()
    return session.get_one(EligibilityRun, made.id)


@pytest.fixture
def lacking(database: Database, session: Session) -> Firm:
    """A firm of which one figure is missing, which several programmes wait for, and somebody to phone."""
    editions(session)
    firm = make_judged_firm(session, "江门丙五金有限公司", LACKS_STAFF, town=Town.BAISHA)
    contacts.add(session, firm, ContactDraft(name="李姐", post="财务", phone="13812345678"), by=SYSTEM)
    session.commit()
    judged_all(database, session)
    return firm


# --- the call list ---------------------------------------------------------------------------------------------------


def test_one_call_asks_for_all_programmes_at_once(session: Session, lacking: Firm) -> None:
    run = queries.newest_run(session, "new")
    assert run is not None
    held = calls.waiting_each(session, run, Wanted(), for_=SYSTEM)
    assert edition(session).id in held[Which.ONE][lacking.id]
    assert set(held[Which.ONE]) <= set(held[Which.ALL])
    call = calls.call_of(session, run, lacking.id, for_=SYSTEM)
    assert len({one.place for one in call.asks}) == len(call.asks), "a figure is asked for once"
    ask = next(one for one in call.asks if one.place == STAFF)
    waits = {wait.rulebook.id: wait.bar for wait in ask.waits}
    assert waits["hnte-2016"] == "达到 10 人即符合本条"
    assert all(book.id in {one.id for one in call.editions} for book in (wait.rulebook for wait in ask.waits))
    assert calls.waiting_each(session, run, Wanted(town="duruan"), for_=SYSTEM)[Which.ALL] == {}


def test_an_answer_becomes_a_claim_and_is_not_asked_again(session: Session, people: People, lacking: Firm) -> None:
    browser = people.browser(people.caseworker())
    browser.get("/office/district")
    assert "请问贵公司 2025 年科技人员数（全年月平均）是多少人？" in browser.text
    assert "达到 10 人即符合本条" in browser.text
    assert "138****5678" in browser.text
    assert "13812345678" not in browser.text
    page = f"/office/firms/{lacking.id}/call"
    browser.get(page)
    browser.submit({"f-tech_staff_month_avg-2025": "十二", "who": "李姐"}, form="form[action*='answers']", expect=422)
    assert "不是数字" in browser.text
    browser.get(page)
    browser.submit({"f-tech_staff_month_avg-2025": "12", "who": "李姐"}, form="form[action*='answers']")
    assert "已记下 1 项电话答复" in browser.text
    assert "已答复，待审核" in browser.text
    session.rollback()
    claim = session.scalars(select(Claim).order_by(Claim.id.desc()).limit(1)).one()
    assert (claim.key, claim.year, claim.number, claim.source) == (*STAFF, 12, "phone")
    browser.get("/office/district/sheet")
    assert "请问贵公司 2025 年科技人员数" not in browser.text


def test_a_phone_is_shown_to_who_asks_and_the_log_says_so(session: Session, people: People, lacking: Firm) -> None:
    person = people.caseworker()
    browser = people.browser(person)
    browser.get(f"/office/firms/{lacking.id}/call")
    browser.submit(form="form[action*='reveal']")
    assert "13812345678" in browser.text
    session.rollback()
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (event.action, event.actor_name) == (Action.FIRM_REVEAL, person.name)
    auditor = people.browser(people.make(Role.AUDITOR))
    auditor.get(f"/office/firms/{lacking.id}/call")
    assert auditor.page.select_one("form[action*='reveal'], form[action*='answers']") is None
    outside = people.browser(people.caseworker(reach=Reach.TOWNS, towns=["duruan"]))
    outside.get(f"/office/firms/{lacking.id}/call", expect=404)
    outside.get("/office/district?which=all")
    assert lacking.name not in outside.text


def test_what_came_in_since_the_run_is_not_asked(session: Session, lacking: Firm) -> None:
    hold(session, lacking.id, {"tech_staff_month_avg": {2025: 20}})
    run = queries.newest_run(session, "new")
    assert run is not None
    held = calls.waiting_each(session, run, Wanted(edition_id=edition(session).id), for_=SYSTEM)[Which.ONE]
    (call,) = calls.calls(session, run, held, for_=SYSTEM)
    assert call.asks == ()
    assert [decision.value for _book, decision in call.settled] == ["eligible"]


# --- what is within reach --------------------------------------------------------------------------------------------


def test_the_effects_on_the_plan_are_those_it_states() -> None:
    found = plan()
    assert len(found.indicators) == 12
    programmes = {one.programme for one in leads()}
    assert {one.programme for one in found.effects} <= programmes
    stated = {(one.programme, one.indicator.id) for one in found.effects if one.status is Status.STATED}
    assert ("engineering_centre", "provincial_platforms") in stated
    assert found.rank("hitech_recognition") == 2, "none of the twelve counts such firms"
    assert found.rank("sme_digital") == 1, "the plan does not define what counts"


def test_gains_are_worked_out_once_and_sorted(app: Flask, database: Database, session: Session, people: People) -> None:
    editions(session)
    firm = make_judged_firm(session, "江门乙灯饰有限公司", TOO_LITTLE_RESEARCH)
    make_judged_firm(session, "江门甲电机有限公司")
    by = people.reviewer()
    window = IntakeDraft("hitech_recognition", "第一批", date(2099, 1, 1), date(2099, 12, 31), "通知")
    gaps.add_intake(session, window, by=figures_reviewer(session))
    session.commit()
    browser = people.browser(by)
    browser.get("/office/district/gains")
    assert "还没有做过全部判定" in browser.text
    judged_all(database, session)
    browser.get("/office/district/gains")
    browser.submit(form="form[action$='/survey']")
    assert "推算进度" in browser.text
    app.extensions["yuqi_worker"].run_pending()
    session.rollback()
    survey = session.scalars(select(DistrictSurvey)).one()
    assert survey.is_complete
    pairs = session.execute(select(DistrictGain.firm_id, DistrictGain.edition_id)).all()
    assert sorted([list(pair) for pair in pairs]) == survey.waiting
    gain = session.scalars(select(DistrictGain).where(DistrictGain.edition_id == edition(session).id)).one()
    assert (gain.firm_id, gain.found.value, gain.clause, gain.in_time) == (firm.id, "plan", "HNTE-11-5a", True)
    rows = list(queries.all_gains(session, survey, queries.GainFilter(), for_=SYSTEM))
    assert [one.rank for one in rows] == sorted(one.rank for one in rows)
    assert sum(queries.counts(session, survey, for_=SYSTEM).values()) == len(rows)
    browser.get("/office/district/gains?rank=2&within=1")
    assert gain.steps[0] in browser.text
    assert "赶得上" in browser.text
    assert "规划自相矛盾，未裁定" in browser.text


def test_a_survey_goes_on_where_it_stopped(database: Database, session: Session, people: People) -> None:
    editions(session)
    make_judged_firm(session, "江门乙灯饰有限公司", TOO_LITTLE_RESEARCH)
    by = people.reviewer().as_actor()
    run = judged_all(database, session)
    found = service.request(session, run, by=by)
    whole = list(found.waiting)
    session.commit()
    service.go_on(session, found.id)
    session.commit()
    held = session.get_one(DistrictSurvey, found.id)
    assert held.done == min(len(whole), service.AT_ONCE)
    while not service.go_on(session, found.id).is_complete:
        session.commit()
    session.commit()
    assert len(session.scalars(select(DistrictGain)).all()) == len(whole)


# --- close to a threshold --------------------------------------------------------------------------------------------


def test_who_is_close_is_told_exactly_on_both_sides(database: Database, session: Session, people: People) -> None:
    editions(session)
    names = {}
    # 3 % of 66,700 万元 over three years is 2,001: on it, a hair above, 2.9955 %, and far off
    sales = {"sales_revenue": {2023: 20000, 2024: 22000, 2025: 24700}}
    for name, spent in (("压线", "2001"), ("略高", "2002"), ("进位", "1998"), ("太远", "1000")):
        research = {"rd_expense_hnte": {2023: 0, 2024: 0, 2025: spent}, "rd_expense_hnte_domestic": {2025: spent}}
        names[name] = make_judged_firm(session, f"虚构{name}有限公司", sales, research, {"total_income": {2025: 24800}})
    judged_all(database, session)
    browser = people.browser(people.caseworker())
    address = f"/office/district/margins?edition={edition(session).id}"
    browser.get(f"{address}&within=5")
    row = next(one for one in browser.page.select("tbody tr") if "HNTE-11-5c" in one.get_text())
    assert [one.get_text() for one in row.select("td")] == ["2", "1", "1"]
    browser.get(f"{address}&within=5&bar=HNTE-11-5c&side=unmet")
    assert names["进位"].name in browser.text
    assert "四舍五入后等于界限" in browser.text
    assert names["压线"].name not in browser.text
    browser.get(f"{address}&within=0.1&bar=HNTE-11-5c")
    assert names["压线"].name in browser.text
    assert "恰好等于界限" in browser.text
    assert names["太远"].name not in browser.text
    browser.get(f"{address}&within=0&bar=HNTE-11-5c")
    assert [one.get_text() for one in browser.page.select("tbody th a")] == [names["压线"].name]
    asked = {"edition": str(edition(session).id), "bar": "HNTE-11-5c", "within": "5"}
    session.rollback()
    assert exports.MARGINS.count(session, SYSTEM, asked) == 3
    (table,) = exports.MARGINS.tables(session, SYSTEM, asked)
    told = {str(row["name"]): (row["margin"], row["exact"]) for row in table.rows}  # type: ignore[union-attr]
    assert told[names["压线"].name] == ("0 个百分点", "0")
    assert told[names["略高"].name] == ("约 +0.001499 个百分点", "1/66700"), "no rounding to nothing"


def test_each_page_is_taken_out_as_a_workbook(database: Database, session: Session, people: People) -> None:
    editions(session)
    firm = make_judged_firm(session, "江门丙五金有限公司", LACKS_STAFF)
    contacts.add(session, firm, ContactDraft(name="李姐", phone="13812345678"), by=SYSTEM)
    judged_all(database, session)
    browser = people.browser(people.caseworker())
    browser.get("/office/exports/new?kind=calls")
    browser.submit(form="main form[method=post]")
    assert exports.CALLS.count(session, SYSTEM, {}) == 1
    (table,) = exports.CALLS.tables(session, SYSTEM, {"which": "all"})
    rows = list(table.rows)  # type: ignore[arg-type]
    assert {row["phone"] for row in rows} == {"138****5678"}
    assert any("达到 10 人即符合本条" in str(row["bar"]) for row in rows)
    assert exports.GAINS.count(session, SYSTEM, {}) == 0
