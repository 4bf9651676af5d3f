"""Last month's list judged again: exactly the same after restating, merging and new editions, or every difference."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Reach
from app.core.digest import sha256_hex
from app.core.errors import Conflict
from app.eligibility import service as eligibility
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Judgement
from app.eligibility.models import EligibilityList
from app.eligibility.replay import queries, service
from app.eligibility.replay.comparing import Kept, compare
from app.eligibility.replay.models import Difference, EligibilityReplay
from app.facts import moments
from app.firms import merge, registry
from app.firms.models import Firm
from app.firms.taxonomy import EventKind, FirmStatus
from app.jobs import service as jobs
from app.jobs.models import Job
from app.rulebooks import blocks
from app.rulebooks import service as rulebooks
from app.rulebooks.queries import rulebook_of
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
from tests.factories.firms import make_firm
from tests.support.people import People


def replayed(session: Session, about: EligibilityList) -> EligibilityReplay:
    found = service.begin(session, about, by=SYSTEM)
    while not service.replay_next(session, found):
        pass
    session.commit()
    return found


def told(session: Session, found: EligibilityReplay) -> dict[Difference, list[str]]:
    rows = queries.differences(session, found.id, for_=SYSTEM, total=9).items
    return {one.kind: [str(entry["why"]) for entry in one.told] for one in rows}


def test_a_list_replays_exactly_whatever_happened_since(session: Session) -> None:
    named = make_four_firms(session)
    odd = make_judged_firm(session, "江门己电器有限公司", {"expert": {"IP1": 99}})
    about = make_list(session)
    exact = replayed(session, about)
    assert (exact.done, exact.same, exact.total) == (5, 5, 5)
    assert exact.digest == exact.list_digest

    hold(session, named["eligible"].id, TOO_LITTLE_RESEARCH)
    hold(session, named["undetermined"].id, {"tech_staff_month_avg": {2025: 20}})
    hold(session, odd.id, {"expert": {"IP1": 8}})
    registry.record_event(
        session,
        named["needs_review"],
        registry.EventDraft(kind=EventKind.CANCELLED, on_day=date(2026, 6, 9)),
        by=SYSTEM,
    )
    merge.merge(session, named["eligible"], named["ineligible"], merge.Choice("同一家企业，重复建档"), by=SYSTEM)
    newcomer = make_judged_firm(session, "江门庚机电有限公司")
    revised = blocks.with_head(edition(session).content, id="hnte-2025", effective_from=date(2025, 1, 1))
    rulebooks.issue(session, revised, by=SYSTEM)
    session.commit()
    again = replayed(session, about)
    assert told(session, again) == {}
    assert (again.same, again.digest) == (5, exact.digest)
    fresh = make_list(session)
    assert newcomer.id in fresh.scope["firms"]
    assert fresh.counts != about.counts, "judged today the list would be another"


def test_another_wording_of_the_program_is_told_from_another_result(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_judged_firm(session, "江门甲电机有限公司")
    about = make_list(session)
    judged = service.evaluate

    def other(*arguments: object) -> Judgement:
        judgement = judged(*arguments)  # type: ignore[arg-type]
        return replace(judgement, reason=f"{judgement.reason}。")

    monkeypatch.setattr(service, "evaluate", other)
    found = replayed(session, about)
    assert told(session, found) == {Difference.WORDING: ["engine"]}
    assert (found.same, found.digest == found.list_digest) == (0, False)


def test_every_figure_that_differs_is_named_with_its_reason(session: Session) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司")
    verdict = make_verdict(session, firm)
    session.refresh(verdict)
    past = moments.past(session, [firm.id])
    sheet = past.sheet(firm.id, AS_OF, verdict.judged_at)
    judgement, kept_sheet = canonical(verdict.judgement), sheet.canonical_json()
    kept = Kept(
        verdict.id, firm.id, verdict.judged_at, judgement, sha256_hex(judgement), kept_sheet, verdict.sheet_digest
    )
    assert compare(kept, judgement, sheet, past) is None

    staff = sheet.get("tech_staff_month_avg", 2025)
    assert staff is not None
    few = sheet.changed([replace(staff, value=Decimal(1))], without=[("employees_month_avg", 2025)])
    text = canonical(evaluate(rulebook_of(edition(session)), few, AS_OF).to_json())
    found = compare(kept, text, few, past)
    assert found is not None
    assert found.kind is Difference.FIGURES
    assert {one["why"] for one in found.told} == {"content", "gone", "follows"}
    later = compare(replace(kept, judged_at=verdict.judged_at - timedelta(days=1)), text, few, past)
    assert later is not None
    assert "accepting" in {one["why"] for one in later.told}
    spoilt = compare(replace(kept, sheet=kept.sheet.replace("180", "181")), judgement, sheet, past)
    assert spoilt is not None
    assert spoilt.kind is Difference.EVIDENCE


def canonical(plain: object) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def test_a_firm_that_the_register_of_then_does_not_put_there_is_named(session: Session) -> None:
    firm, other = make_judged_firm(session, "江门甲电机有限公司"), make_firm(session, name="虚构已注销公司")
    session.execute(Firm.__table__.update().where(Firm.id == other.id).values(status=FirmStatus.CANCELLED))
    session.commit()
    about = make_list(session)
    # a status that nobody logged: the register of then cannot be told from it
    session.execute(Firm.__table__.update().where(Firm.id == other.id).values(status=FirmStatus.ACTIVE))
    session.execute(Firm.__table__.update().where(Firm.id == firm.id).values(status=FirmStatus.REVOKED))
    session.commit()
    found = replayed(session, about)
    rows = queries.differences(session, found.id, for_=SYSTEM, total=9).items
    assert [(one.firm_id, one.kind) for one in rows] == [(firm.id, Difference.RANGE), (other.id, Difference.RANGE)]


def test_the_job_can_be_cancelled_and_goes_on_where_it_stopped(
    app: Flask, session: Session, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 2)
    make_four_firms(session)
    about = make_list(session)
    browser = people.browser(people.caseworker())
    browser.get(f"/office/eligibility/{about.id}")
    assert browser.page.select_one(f"a[href='/office/eligibility/{about.id}/replay']") is not None
    browser.get(f"/office/eligibility/{about.id}/replay")
    assert "还没有重演过" in browser.text
    browser.submit(form="form[action$='/replay']")
    worker = app.extensions["yuqi_worker"]
    reported = jobs.report

    def stop(session: Session, job_id: int, **given: object) -> bool:
        reported(session, job_id, **given)  # type: ignore[arg-type]
        return True

    with monkeypatch.context() as cancelling:
        cancelling.setattr(jobs, "report", stop)
        worker.run_pending()
    session.rollback()
    half = session.scalars(select(EligibilityReplay)).one()
    assert (half.done, half.is_complete) == (2, False)
    browser.get(f"/office/eligibility/{about.id}/replay")
    assert "继续重演" in browser.text
    browser.submit(form="form[action$='/replay']")
    worker.run_pending()
    browser.get(f"/office/eligibility/{about.id}/replay")
    assert "完全一致：4 家企业" in browser.text
    session.rollback()
    assert session.scalars(select(EligibilityReplay)).one().same == 4
    assert [one.state.value for one in session.scalars(select(Job).order_by(Job.id))] == ["cancelled", "done"]
    far = people.browser(people.caseworker(reach=Reach.PORTFOLIO))
    far.get(f"/office/eligibility/{about.id}/replay")


def test_an_unfinished_list_is_not_replayed(session: Session) -> None:
    make_judged_firm(session, "江门甲电机有限公司", LACKS_STAFF)
    about = eligibility.request(session, edition(session), AS_OF, by=SYSTEM)
    with pytest.raises(Conflict, match="还没有生成完毕"):
        service.begin(session, about, by=SYSTEM)
