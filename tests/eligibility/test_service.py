"""Judging and keeping verdicts; drawing up lists; what is stale."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Actor, Reach
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.eligibility import listing, queries, service
from app.eligibility.engine.finding import Judgement
from app.eligibility.models import EligibilityList, Shortfall, Verdict, VerdictState
from app.eligibility.overtaken import Overtaken
from app.facts.sheet import FactSheet
from app.firms import merge, registry, unmerge
from app.firms.taxonomy import EventKind, FirmStatus, Town
from app.rulebooks import blocks
from app.rulebooks import service as rulebook_service
from tests.factories.eligibility import (
    AS_OF,
    HNTE,
    LACKS_STAFF,
    NO_EXPERTS,
    TECH_SME,
    TOO_LITTLE_RESEARCH,
    edition,
    hold,
    make_four_firms,
    make_judged_firm,
    make_list,
    make_verdict,
)  # fmt: skip
from tests.factories.firms import make_firm


def test_a_verdict_keeps_the_judgement_the_sheet_and_their_hashes(session: Session) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司")
    verdict = make_verdict(session, firm)
    assert verdict.state is VerdictState.ELIGIBLE
    assert verdict.shortfall is Shortfall.NONE
    assert "各项条件均符合" in verdict.reason
    stored = session.execute(text("SELECT judgement, sheet FROM verdict WHERE id = :id"), {"id": verdict.id}).one()
    assert hashlib.sha256(stored.judgement.encode()).hexdigest() == verdict.digest
    assert hashlib.sha256(stored.sheet.encode()).hexdigest() == verdict.sheet_digest
    session.expire_all()
    again = session.get_one(Verdict, verdict.id)
    judgement = Judgement.from_json(again.judgement)
    assert judgement.rulebook_digest == edition(session).digest
    assert FactSheet.from_canonical(stored.sheet).digest == verdict.sheet_digest
    assert judgement.finding("HNTE-11-4").fact_ids


@pytest.mark.parametrize(
    ("changes", "state", "shortfall", "clause"),
    [
        ({}, VerdictState.ELIGIBLE, Shortfall.NONE, ""),
        (TOO_LITTLE_RESEARCH, VerdictState.INELIGIBLE, Shortfall.ONE_SUBSTANCE, "HNTE-11-5a"),
        (LACKS_STAFF, VerdictState.UNDETERMINED, Shortfall.ONE_DATA, "HNTE-11-4"),
        (NO_EXPERTS, VerdictState.NEEDS_REVIEW, Shortfall.ONE_EXPERT, "HNTE-11-7"),
        (LACKS_STAFF | NO_EXPERTS, VerdictState.UNDETERMINED, Shortfall.ONE_DATA, "HNTE-11-4"),
        (LACKS_STAFF | TOO_LITTLE_RESEARCH, VerdictState.INELIGIBLE, Shortfall.MORE, ""),
    ],
)
def test_how_far_a_firm_is_from_eligible(
    session: Session, changes: dict[str, object], state: VerdictState, shortfall: Shortfall, clause: str
) -> None:
    verdict = make_verdict(session, make_judged_firm(session, "江门戊机电有限公司", changes))
    assert (verdict.state, verdict.shortfall, verdict.short_clause) == (state, shortfall, clause)
    assert verdict.reason


def test_an_edition_must_be_in_force_on_the_day(session: Session) -> None:
    firm = make_firm(session)
    with pytest.raises(Invalid) as refused:
        service.judge(session, firm.id, edition(session), date(2015, 12, 31), by=SYSTEM)
    assert refused.value.field == "as_of"
    assert "2016-01-01" in str(refused.value)
    assert service.judge(session, firm.id, edition(session), date(2016, 1, 1), by=SYSTEM).id
    assert session.scalar(select(func.count()).select_from(Verdict)) == 1


def test_an_edition_must_fit_the_kind_of_application(session: Session) -> None:
    firm = make_firm(session)
    with pytest.raises(Invalid) as refused:
        service.judge(session, firm.id, edition(session, TECH_SME), AS_OF, by=SYSTEM, kind="transfer")
    assert refused.value.field == "kind"


def test_a_firm_out_of_reach_is_not_judged(session: Session) -> None:
    firm = make_firm(session, town=Town.TANGXIA)
    person = Actor(None, "x", "赵经办", Role.CASEWORKER, Reach.TOWNS, (Town.BAISHA.value,))
    with pytest.raises(NotFound):
        service.judge(session, firm.id, edition(session), AS_OF, by=person)
    assert session.scalar(select(func.count()).select_from(Verdict)) == 0


def test_judging_again_adds_a_verdict_and_says_so_in_the_log(session: Session) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", LACKS_STAFF)
    first = make_verdict(session, firm)
    hold(session, firm.id, {"tech_staff_month_avg": {2025: 20}})
    second = make_verdict(session, firm)
    assert (first.state, second.state) == (VerdictState.UNDETERMINED, VerdictState.ELIGIBLE)
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == Action.ELIGIBILITY_JUDGE)).all()
    assert [event.firm_id for event in events] == [firm.id, firm.id]
    assert [line.id for line in queries.latest_verdicts(session, firm.id)] == [second.id]
    assert [line.id for line in queries.of_firm(session, firm.id)] == [second.id, first.id]


@pytest.mark.parametrize("statement", ["UPDATE verdict SET reason = 'x'", "DELETE FROM verdict"])
def test_a_verdict_cannot_be_changed_by_anybody(session: Session, statement: str) -> None:
    make_verdict(session, make_firm(session))
    with pytest.raises(DBAPIError, match="a verdict never changes"):
        session.execute(text(statement))


def test_a_list_holds_every_active_firm_with_a_reason(session: Session) -> None:
    named = make_four_firms(session)
    gone = make_firm(session, name="江门已注销有限公司")
    session.execute(update(type(gone)).where(type(gone).id == gone.id).values(status=FirmStatus.CANCELLED))
    session.commit()
    found = make_list(session)
    assert found.is_complete
    assert found.counts == {"eligible": 1, "ineligible": 1, "undetermined": 1, "needs_review": 1}
    rows = listing.all_rows(session, found.id, listing.ListFilter(), for_=SYSTEM)
    assert {row.firm_id for row in rows} == {firm.id for firm in named.values()}
    assert all(row.reason for row in rows)
    assert {row.state.value: row.firm_id for row in rows} == {state: firm.id for state, firm in named.items()}


def test_bulk_and_single_judging_agree(session: Session) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", LACKS_STAFF)
    single = make_verdict(session, firm)
    found = make_list(session)
    bulk = session.scalars(select(Verdict).where(Verdict.list_id == found.id)).one()
    for column in ("state", "shortfall", "short_clause", "obstacles", "reason", "sheet_digest", "digest", "score_low"):
        assert getattr(bulk, column) == getattr(single, column)


def test_the_towns_narrow_a_list_and_an_empty_scope_is_refused(session: Session) -> None:
    inside = make_firm(session, town=Town.DURUAN)
    make_firm(session, town=Town.BAISHA)
    found = make_list(session, towns=[Town.DURUAN.value])
    assert found.scope["firms"] == [inside.id]
    assert "杜阮镇" in found.title
    for towns in ([Town.CHAOLIAN.value], ["nowhere"]):
        with pytest.raises(Invalid) as refused:
            service.draw_up(session, edition(session), AS_OF, by=SYSTEM, towns=towns)
        assert refused.value.field == "towns"


def test_firms_left_out_for_their_registry_status_are_listed_and_a_list_drawn_up_keeps_them(session: Session) -> None:
    firm = make_firm(session, name="虚构存续公司")
    gone = {
        status: make_firm(session, name=f"虚构{status.label}公司", status=status)
        for status in (FirmStatus.CANCELLED, FirmStatus.REVOKED, FirmStatus.MOVED_OUT)
    }
    far = make_firm(session, name="虚构荷塘公司", town=Town.HETANG)
    merge.merge(session, firm, far, merge.Choice("重复建档，营业执照相同"), by=SYSTEM)
    found = make_list(session)
    session.commit()
    before = {one["firm"]: one["status"] for one in listing.excluded(session, found.id, for_=SYSTEM)}
    assert before == {one.id: status for status, one in gone.items()} | {far.id: FirmStatus.MERGED}
    assert before.keys().isdisjoint(found.scope["firms"])
    near = Actor(9, "t", "镇", Role.CASEWORKER, reach=Reach.TOWNS, towns=("duruan",))
    assert len(listing.excluded(session, found.id, for_=near)) == len(gone)
    restored = registry.EventDraft(kind=EventKind.RESTORED, on_day=date(2026, 4, 1))
    registry.record_event(session, gone[FirmStatus.REVOKED], restored, by=SYSTEM)
    session.commit()
    assert {one["firm"]: one["status"] for one in listing.excluded(session, found.id, for_=SYSTEM)} == before
    again = make_list(session)
    assert gone[FirmStatus.REVOKED].id in again.scope["firms"]
    assert len(listing.excluded(session, again.id, for_=SYSTEM)) == len(before) - 1


def test_an_impossible_figure_leaves_one_firm_out_and_names_it(session: Session) -> None:
    make_judged_firm(session, "江门甲电机有限公司")
    odd = make_judged_firm(session, "江门己电器有限公司", {"expert": {"IP1": 99}})
    found = make_list(session)
    assert sum(found.counts.values()) == 1
    left_out = listing.refused(session, found.id, for_=SYSTEM)
    assert [one["firm"] for one in left_out] == [odd.id]
    assert "IP1" in left_out[0]["reason"]


def test_a_complete_list_cannot_be_changed(session: Session) -> None:
    make_firm(session)
    found = make_list(session)
    with pytest.raises(DBAPIError, match="never changes"):
        session.execute(update(EligibilityList).where(EligibilityList.id == found.id).values(title="x"))
    session.rollback()
    with pytest.raises(Conflict):
        service.resume(session, session.get_one(EligibilityList, found.id), by=SYSTEM)


def test_a_verdict_is_stale_when_a_figure_it_may_look_at_changes(session: Session) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", LACKS_STAFF)
    verdict = make_verdict(session, firm)
    found = make_list(session)
    assert queries.stale(session, [verdict.id]) == {}
    hold(session, firm.id, {"tech_staff_month_avg": {2025: 20}})
    assert queries.stale(session, [verdict.id]) == {verdict.id: Overtaken.ARRIVED}
    assert queries.stale_count(session, found.id, for_=SYSTEM) == 1
    assert queries.of_firm(session, firm.id)[0].is_stale
    assert not queries.of_firm(session, make_firm(session).id)
    fresh = make_verdict(session, firm)
    assert queries.stale(session, [verdict.id, fresh.id]) == {verdict.id: Overtaken.ARRIVED}


def test_a_figure_the_edition_does_not_ask_for_makes_nothing_stale(session: Session) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司")
    verdict = make_verdict(session, firm, code=HNTE)
    hold(session, firm.id, {"in_abnormal_list": False})
    assert queries.stale(session, [verdict.id]) == {}


def test_what_a_verdict_rests_on_is_compared_by_the_facts_not_by_the_clock(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays, goes = (
        make_judged_firm(session, "江门甲电机有限公司", LACKS_STAFF),
        make_firm(session, name="江门甲电机公司"),
    )
    hold(session, goes.id, {"tech_staff_month_avg": {2025: 20}})
    earlier = clock.now() - timedelta(minutes=1)
    with monkeypatch.context() as early:  # stamped before the figures, which it read all the same
        early.setattr(clock, "now", lambda: earlier)
        verdict, found = make_verdict(session, stays), make_list(session)
    used = make_verdict(session, stays)
    assert queries.stale(session, [verdict.id, used.id]) == {}, "it is on the sheet, whatever its time says"
    assert queries.stale_count(session, found.id, for_=SYSTEM) == 0
    merged = merge.merge(session, stays, goes, merge.Choice("重复建档，营业执照相同"), by=SYSTEM)
    session.commit()
    assert queries.stale(session, [verdict.id, used.id]) == dict.fromkeys((verdict.id, used.id), Overtaken.ARRIVED)
    assert queries.stale_count(session, found.id, for_=SYSTEM) == 1
    unmerge.unmerge(session, merged, reason="两家执照不同", by=SYSTEM)
    session.commit()
    assert queries.stale(session, [verdict.id, used.id]) == {}
    assert queries.stale_count(session, found.id, for_=SYSTEM) == 0


def test_an_edition_of_the_day_issued_later_overtakes_a_verdict(session: Session) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司")
    verdict = make_verdict(session, firm)
    for code, start in (("hnte-2027", date(2027, 1, 1)), ("hnte-2025", date(2025, 1, 1))):
        assert queries.stale(session, [verdict.id]) == {}
        content = blocks.with_head(edition(session).content, id=code, effective_from=start)
        rulebook_service.issue(session, content, by=SYSTEM)
    assert queries.stale(session, [verdict.id]) == {verdict.id: Overtaken.EDITION}
