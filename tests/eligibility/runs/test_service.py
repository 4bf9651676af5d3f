"""Everybody at once: what a run says is what the exact judge says; it can be stopped, goes on, and knows one moment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Reach
from app.audit.models import AuditEvent
from app.core.db import Database
from app.core.errors import Conflict, Invalid, NotFound
from app.eligibility.models import Shortfall, VerdictState
from app.eligibility.runs import queries, service
from app.eligibility.runs.models import EligibilityRun, EligibilityRunBlock
from app.facts.snapshot.packing import BLOCK
from app.firms.models import Firm
from app.firms.taxonomy import FirmStatus, Town
from app.jobs.models import Job, JobState
from app.jobs.worker import Worker
from app.rooms import JOBS
from tests.factories.eligibility import (
    AS_OF,
    GOOD,
    HNTE,
    edition,
    editions,
    figures_reviewer,
    hold,
    make_four_firms,
    make_list,
)
from tests.factories.facts import make_fact
from tests.factories.firms import make_firm
from tests.support.people import People


def silent(_what: str, _done: int, _total: int) -> None:
    pass


def run(database: Database, session: Session, kind: str = "new") -> EligibilityRun:
    """Return a complete run, as a fresh session sees it."""
    found = service.begin(session, AS_OF, by=SYSTEM, kind=kind)
    session.commit()
    service.carry_out(database, found.id, silent)
    session.expire_all()
    return queries.run(session, found.id)


def test_a_run_says_what_a_list_says(database: Database, session: Session) -> None:
    editions(session)
    firms = make_four_firms(session)
    make_firm(session, name="江门戊注销有限公司", status=FirmStatus.REVOKED)
    drawn = make_list(session)
    found = run(database, session)
    standing = queries.standing(session, found, edition(session).id, for_=SYSTEM)
    assert {state.value: number for state, number in standing.counts().items()} == drawn.counts
    assert found.counts[str(edition(session).id)] == {state: 1 for state in drawn.counts}
    for state in VerdictState:
        assert standing.of(state) == [firms[state.value].id]
    assert standing.short(Shortfall.ONE_SUBSTANCE) == [firms["ineligible"].id]
    assert standing.short(Shortfall.ONE_DATA, "HNTE-11-4") == [firms["undetermined"].id]
    assert standing.short(Shortfall.ONE_DATA, "HNTE-11-7") == []
    assert standing.short_counts()[Shortfall.ONE_SUBSTANCE] == {"HNTE-11-5a": 1}
    result = standing.firm(firms["eligible"].id)
    assert result is not None
    assert (result.state, result.score_low, result.score_high) == (VerdictState.ELIGIBLE, Decimal(92), Decimal(100))
    assert result.outcomes["HNTE-11-1"].value == "met"
    assert found.firms == 4
    assert found.editions[0]["digest"] == edition(session, found.editions[0]["code"]).digest


def test_the_heat_table_counts_outcomes_by_group(database: Database, session: Session) -> None:
    editions(session)
    firms = make_four_firms(session)
    standing = queries.standing(session, run(database, session), edition(session).id, for_=SYSTEM)
    heat = standing.heat({"甲": [firms["eligible"].id, firms["ineligible"].id], "乙": [firms["undetermined"].id]})
    assert {outcome.value: number for outcome, number in heat["甲"]["HNTE-11-5a"].items()} == {"met": 1, "unmet": 1}
    assert {outcome.value: number for outcome, number in heat["乙"]["HNTE-11-4"].items()} == {"unknown": 1}


def test_a_person_sees_the_firms_within_reach(database: Database, session: Session, people: People) -> None:
    editions(session)
    inside = make_firm(session, name="虚构内", town=Town.BAISHA)
    make_firm(session, name="虚构外", town=Town.DURUAN)
    found = run(database, session)
    person = people.caseworker(reach=Reach.TOWNS, towns=["baisha"]).as_actor()
    assert queries.standing(session, found, edition(session).id, for_=person).firm_ids.tolist() == [inside.id]
    assert len(queries.standing(session, found, edition(session).id, for_=SYSTEM)) == 2


def test_one_firms_results_tell_when_figures_have_changed_since(database: Database, session: Session) -> None:
    editions(session)
    firm = make_firm(session)
    hold(session, firm.id, GOOD)
    run(database, session)
    before = {one.edition_code: one for one in queries.of_firm(session, firm.id)}
    assert before[HNTE].state is VerdictState.ELIGIBLE
    assert not any(one.is_stale for one in before.values())
    make_fact(session, firm.id, "rd_expense_hnte", 2025, Decimal(1), reviewer=figures_reviewer(session))
    session.commit()
    after = {one.edition_code: one.is_stale for one in queries.of_firm(session, firm.id)}
    assert after[HNTE] is True
    assert after["tech-sme-2017"] is False, "that edition does not look at this figure"
    assert queries.of_firm(session, firm.id + 1) == []


def test_impossible_figures_are_refused_not_judged(database: Database, session: Session) -> None:
    editions(session)
    firm = make_firm(session)
    hold(session, firm.id, {**GOOD, "expert": {"IP1": 9}})
    standing = queries.standing(session, run(database, session), edition(session).id, for_=SYSTEM)
    assert standing.refused == [firm.id]
    assert sum(standing.counts().values()) == 0


def three_blocks(session: Session) -> list[Firm]:
    editions(session)
    firms = [Firm(id=number * BLOCK + 3, name=f"虚构{number}号厂") for number in range(3)]
    session.add_all(firms)
    session.flush()
    for firm in firms:
        hold(session, firm.id, GOOD)
    return firms


class Stopped(Exception):
    pass


def stop_at(block: int) -> service.Report:
    def report(what: str, done: int, _total: int) -> None:
        if what == "firms" and done == block:
            raise Stopped

    return report


def test_a_stopped_run_goes_on_at_its_block_and_judges_none_twice(database: Database, session: Session) -> None:
    firms = three_blocks(session)
    found = service.begin(session, AS_OF, by=SYSTEM)
    session.commit()
    with pytest.raises(Stopped):
        service.carry_out(database, found.id, stop_at(2))
    session.expire_all()
    assert (found.done, found.blocks, found.is_complete) == (2, 3, False)
    with pytest.raises(NotFound):
        queries.standing(session, found, edition(session).id, for_=SYSTEM)
    kept = session.execute(select(EligibilityRunBlock.edition_id, EligibilityRunBlock.block)).all()
    run_id = found.id
    session.rollback()
    seen: list[int] = []
    service.carry_out(database, run_id, lambda what, done, _total: seen.append(done) if what == "firms" else None)
    session.expire_all()
    assert seen == [2]
    assert set(kept) < set(session.execute(select(EligibilityRunBlock.edition_id, EligibilityRunBlock.block)).all())
    assert queries.standing(session, found, edition(session).id, for_=SYSTEM).of(VerdictState.ELIGIBLE) == [
        firm.id for firm in firms
    ]
    assert found.firms == 3
    session.rollback()
    service.carry_out(database, run_id, silent)  # through already: nothing happens
    session.expire_all()
    assert found.firms == 3


def test_a_run_that_goes_on_after_figures_changed_begins_again(database: Database, session: Session) -> None:
    firms = three_blocks(session)
    found = service.begin(session, AS_OF, by=SYSTEM)
    session.commit()
    with pytest.raises(Stopped):
        service.carry_out(database, found.id, stop_at(2))
    make_fact(session, firms[0].id, "rd_expense_hnte", 2025, Decimal(1), reviewer=figures_reviewer(session))
    session.commit()
    service.carry_out(database, found.id, silent)
    session.expire_all()
    standing = queries.standing(session, found, edition(session).id, for_=SYSTEM)
    assert standing.of(VerdictState.ELIGIBLE) == [firms[1].id, firms[2].id]
    assert (found.firms, sum(found.counts[str(edition(session).id)].values())) == (3, 3)


def test_a_cancelled_job_is_gone_on_with(database: Database, session: Session, people: People) -> None:
    three_blocks(session)
    by = people.reviewer().as_actor()
    found = service.request(session, AS_OF, by=by)
    session.commit()
    with pytest.raises(Conflict):
        service.resume(session, found, by=by)
    job = session.get_one(Job, found.job_id)
    job.cancel_requested = True
    session.commit()
    worker = Worker(database, JOBS, {})
    worker.run_pending()
    session.expire_all()
    assert (job.state, found.is_complete) == (JobState.CANCELLED, False)
    service.resume(session, found, by=by)
    session.commit()
    worker.run_pending()
    session.expire_all()
    assert session.get_one(Job, found.job_id).state is JobState.DONE
    assert found.is_complete
    with pytest.raises(Conflict):
        service.resume(session, found, by=by)
    told = session.scalars(select(AuditEvent).where(AuditEvent.action == "eligibility:run")).all()
    assert [event.actor_name for event in told] == [by.name, by.name]


def test_a_day_without_editions_is_refused(session: Session) -> None:
    with pytest.raises(Invalid, match="没有适用的规则版本"):
        service.begin(session, AS_OF, by=SYSTEM)
    editions(session)
    with pytest.raises(Invalid):
        service.begin(session, AS_OF, by=SYSTEM, kind="other")


def test_only_the_editions_that_apply_here_are_judged_by(session: Session) -> None:
    editions(session)
    found = service.begin(session, date(2026, 3, 20), by=SYSTEM)
    codes = {one["code"] for one in found.editions}
    assert {"srdi-gd-2024", "champion-nat-2023", "champion-gd-2024"} <= codes
    assert "srdi-2022" not in codes, "Guangdong has its own"
    assert [one.code for one in queries.passed_over(session, found)] == ["srdi-2022"]


def test_nobody_in_the_district_is_a_complete_run(database: Database, session: Session) -> None:
    editions(session)
    found = run(database, session)
    assert (found.is_complete, found.firms) == (True, 0)
    assert len(queries.standing(session, found, edition(session).id, for_=SYSTEM)) == 0
