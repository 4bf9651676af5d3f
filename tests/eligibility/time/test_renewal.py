"""Overtaken verdicts are found and judged anew, with what did it; decided things stay; stopped work goes on."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Reach
from app.audit.models import AuditEvent
from app.core import clock
from app.eligibility import queries as eligibility
from app.eligibility import service as judging
from app.eligibility.models import Verdict, VerdictState
from app.eligibility.overtaken import Overtaken
from app.eligibility.renewal import queries, service
from app.eligibility.renewal.models import EligibilityRenewal
from app.eligibility.renewal.queries import RenewedLine
from app.firms.models import Firm
from app.jobs import service as jobs
from app.nominations import service as nominations
from app.nominations.models import Nomination
from app.rooms import NIGHTLY
from app.rulebooks import blocks
from app.rulebooks import service as rulebooks
from tests.factories.days import on
from tests.factories.eligibility import (
    AS_OF,
    LACKS_STAFF,
    TOO_LITTLE_RESEARCH,
    edition,
    hold,
    make_four_firms,
    make_judged_firm,
    make_list,
    make_verdict,
)  # fmt: skip
from tests.factories.nominations import decide_all, make_draft
from tests.support.people import People


@pytest.fixture(autouse=True)
def the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, AS_OF)


def renewed(session: Session) -> EligibilityRenewal:
    found = service.begin(session, by=SYSTEM)
    while not service.renew_next(session, found):
        pass
    session.commit()
    return found


def lines(session: Session, found: EligibilityRenewal) -> list[RenewedLine]:
    return list(queries.page_of(session, found.id, for_=SYSTEM, everything=True, total=99).items)


def state(session: Session, firm: Firm) -> VerdictState:
    return eligibility.latest_verdicts(session, firm.id)[0].state


def test_figures_that_changed_or_arrived_and_what_they_did(session: Session) -> None:
    named = make_four_firms(session)
    make_list(session)
    assert renewed(session).counts == {}, "nothing was overtaken"
    hold(session, named["eligible"].id, TOO_LITTLE_RESEARCH)
    hold(session, named["undetermined"].id, {"tech_staff_month_avg": {2025: 20}})
    hold(session, named["ineligible"].id, {"tech_transfer_count_3y": 16})
    hold(session, named["needs_review"].id, {"in_abnormal_list": False})
    found = renewed(session)
    assert (found.done, found.is_complete) == (4, True)
    assert found.counts == {"figures": 2, "arrived": 1, "changed": 2}
    of = {one.firm_id: one for one in lines(session, found)}
    lost, won = of[named["eligible"].id], of[named["undetermined"].id]
    assert (lost.why, lost.before, lost.after) == (Overtaken.FIGURES, VerdictState.ELIGIBLE, VerdictState.INELIGIBLE)
    assert (won.why, won.after) == (Overtaken.ARRIVED, VerdictState.ELIGIBLE)
    datum = won.told[0]
    assert (datum["what"], datum["old"], datum["new"]) == ("2025 年科技人员数（全年月平均）", "", "20 人")
    assert "王审核" in datum["source"]
    assert state(session, named["eligible"]) is VerdictState.INELIGIBLE
    told = session.scalars(
        select(AuditEvent).where(AuditEvent.action == Action.ELIGIBILITY_RENEW, AuditEvent.firm_id.is_not(None))
    ).all()
    assert {one.firm_id for one in told} == {named["eligible"].id, named["undetermined"].id}
    assert renewed(session).counts == {}, "what was judged anew is not overtaken any more"


def test_an_edition_that_was_followed_by_another(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司")
    verdict = make_verdict(session, firm)
    content = blocks.with_head(edition(session).content, id="hnte-2027", effective_from=date(2026, 7, 1))
    rulebooks.issue(session, content, by=SYSTEM)
    session.commit()
    assert renewed(session).counts == {}, "it is not in force yet"
    on(monkeypatch, date(2026, 7, 1))
    found = renewed(session)
    assert found.counts == {"edition": 1}
    line = lines(session, found)[0]
    assert (line.old_id, line.why, line.code) == (verdict.id, Overtaken.EDITION, "hnte-2027")
    assert (line.told[0]["old"], line.told[0]["new"]) == ("hnte-2016", "hnte-2027")
    assert renewed(session).counts == {}
    assert eligibility.stale(session, [verdict.id]) == {}, "for its own day it is still right"


def test_a_day_that_passes_is_found_only_when_something_comes_out_otherwise(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = {"major_safety_incident_dates": ["2025-12-01"]}
    clean, burdened = make_judged_firm(session, "虚构甲公司"), make_judged_firm(session, "虚构乙公司", incident)
    make_list(session)
    assert (state(session, clean), state(session, burdened)) == (VerdictState.ELIGIBLE, VerdictState.INELIGIBLE)
    on(monkeypatch, date(2026, 12, 31))
    found = renewed(session)
    before = {one.firm_id: one for one in lines(session, found)}
    on(monkeypatch, date(2027, 3, 1))
    later = renewed(session)
    after = {one.firm_id: one for one in lines(session, later)}
    assert clean.id not in before, "the same figures, the same years: nothing to tell"
    lifted = before[burdened.id]
    assert (lifted.why, lifted.after) == (Overtaken.DAY, VerdictState.ELIGIBLE), "a year has gone by since"
    assert lifted.told[0]["new"] == "2026-12-31"
    assert after[clean.id].why is Overtaken.DAY, "the year 2026 is the last one now and nothing is known of it"
    assert after[clean.id].after is not VerdictState.ELIGIBLE


def test_a_figure_that_makes_judging_impossible_is_named(session: Session) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司")
    make_verdict(session, firm)
    hold(session, firm.id, {"expert": {"IP1": 99}})
    found = renewed(session)
    assert found.counts == {"figures": 1, "refused": 1}
    assert (lines(session, found)[0].after, "IP1" in lines(session, found)[0].refused) == (None, True)


def test_decided_cases_never_change(session: Session, people: People) -> None:
    caseworker = people.caseworker().as_actor()
    drawn = make_draft(session, caseworker)
    decide_all(session, drawn, caseworker)
    frozen = nominations.freeze(session, drawn.list.id, by=people.reviewer().as_actor())
    session.commit()
    kept = {one.id: (one.digest, one.sheet_digest, one.state, one.list_id) for one in session.scalars(select(Verdict))}
    places = session.execute(select(Nomination.id, Nomination.verdict_id).order_by(Nomination.id)).all()
    digest = frozen.digest
    for firm_id in session.scalars(select(Verdict.firm_id).distinct()).all():
        hold(session, firm_id, TOO_LITTLE_RESEARCH)
    assert renewed(session).counts["figures"] > 0
    session.expire_all()
    now = {one.id: (one.digest, one.sheet_digest, one.state, one.list_id) for one in session.scalars(select(Verdict))}
    assert {number: now[number] for number in kept} == kept
    assert all(row[3] is None for number, row in now.items() if number not in kept), "no list gets another verdict"
    assert session.execute(select(Nomination.id, Nomination.verdict_id).order_by(Nomination.id)).all() == places
    assert frozen.digest == digest


def test_the_button_the_night_and_going_on_after_a_stop(
    app: Flask, session: Session, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the worker takes jobs by the clock on the wall
    monkeypatch.setattr(service, "AT_ONCE", 1)
    firms = [make_judged_firm(session, f"虚构{name}公司", LACKS_STAFF) for name in "甲乙丙"]
    make_list(session)
    for firm in firms:
        hold(session, firm.id, {"tech_staff_month_avg": {2025: 20}})
    browser = people.browser(people.caseworker())
    browser.get("/office/eligibility/renewals/")
    assert "还没有复判过" in browser.text
    browser.submit(form="form[action$='/start']")
    worker, reported = app.extensions["yuqi_worker"], jobs.report

    def stop(session: Session, job_id: int, **given: object) -> bool:
        reported(session, job_id, **given)  # type: ignore[arg-type]
        return True

    with monkeypatch.context() as cancelling:
        cancelling.setattr(jobs, "report", stop)
        worker.run_pending()
    page = f"/office/eligibility/renewals/{service.unfinished(session).id}"  # type: ignore[union-attr]
    session.rollback()
    browser.get(page)
    assert "没有查完" in browser.text
    with app.extensions["yuqi_database"].transaction() as night:
        jobs.enqueue_nightly(night, {service.JOB: NIGHTLY[service.JOB]})
    worker.run_pending()  # the night goes on with what was stopped, and judges nothing twice
    browser.get(page)
    assert "查看了 3 家企业最近的判定" in browser.text
    assert all(firm.name in browser.text for firm in firms)
    assert "2025 年科技人员数（全年月平均）" in browser.text
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Verdict)) == 6
    far = people.browser(people.caseworker(reach=Reach.PORTFOLIO))
    far.get(page)
    assert all(firm.name not in far.text for firm in firms)


def test_a_verdict_for_a_day_to_come_keeps_its_day(session: Session) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司")
    planned = date(2026, 9, 1)
    judging.judge(session, firm.id, edition(session), planned, by=SYSTEM)
    hold(session, firm.id, TOO_LITTLE_RESEARCH)
    assert clock.today() < planned
    renewed(session)
    assert eligibility.latest_verdicts(session, firm.id)[0].as_of == planned
