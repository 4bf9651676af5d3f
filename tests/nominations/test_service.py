"""Deciding, ranking, submitting and freezing; nothing changes afterwards, and two people are always needed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Actor, Reach
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.core.digest import content_hash
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.eligibility.models import EligibilityList
from app.firms.taxonomy import Town
from app.nominations import content, lifecycle, queries, service
from app.nominations.models import Decision, ListState, Nomination, NominationList
from tests.factories.eligibility import AS_OF, edition
from tests.factories.firms import make_firm
from tests.factories.nominations import decide_all, make_draft


def _ranks(session: Session, list_id: int) -> list[tuple[int, int]]:
    rows = session.execute(
        select(Nomination.rank, Nomination.firm_id)
        .where(Nomination.list_id == list_id, Nomination.rank.is_not(None))
        .order_by(Nomination.rank)
    )
    return [(rank, firm_id) for rank, firm_id in rows]


def test_eligible_firms_become_undecided_candidates_and_no_others(session: Session, caseworker: Actor) -> None:
    drawn = make_draft(session, caseworker)
    places = queries.places(session, drawn.list.id, for_=caseworker)
    assert {place.firm_id for place in places} == {drawn.firms[name].id for name in ("eligible", "second", "third")}
    assert {place.decision for place in places} == {Decision.UNDECIDED}
    assert all(place.rank is None for place in places)


def test_an_incomplete_eligibility_list_gives_no_nominations(session: Session, caseworker: Actor) -> None:
    half = EligibilityList(edition_id=edition(session).id, as_of=AS_OF, title="未完", scope={"firms": []})
    session.add(half)
    session.flush()
    with pytest.raises(Conflict):
        service.draw_up(session, half, by=caseworker, title="x")
    assert session.scalar(select(func.count()).select_from(NominationList)) == 0


@pytest.mark.parametrize("decision", [Decision.DEFER, Decision.DECLINE])
def test_deferring_and_declining_need_a_reason(session: Session, caseworker: Actor, decision: Decision) -> None:
    drawn = make_draft(session, caseworker)
    place = drawn.place(session, "eligible")
    with pytest.raises(Invalid) as refused:
        service.decide(session, place, decision, by=caseworker, reason="  ")
    assert refused.value.field == "reason"
    service.decide(session, place, decision, by=caseworker, reason="正在整改")
    assert (place.decision, place.reason, place.decided_by_name) == (decision, "正在整改", "陈经办")


def test_a_firm_that_is_not_eligible_joins_and_is_nominated_only_with_reasons(
    session: Session, caseworker: Actor
) -> None:
    drawn = make_draft(session, caseworker)
    odd = drawn.firms["undetermined"]
    with pytest.raises(Invalid):
        service.add(session, drawn.list.id, odd.id, by=caseworker, reason="")
    place = service.add(session, drawn.list.id, odd.id, by=caseworker, reason="证明材料已送达，待录入")
    with pytest.raises(Conflict):
        service.add(session, drawn.list.id, odd.id, by=caseworker, reason="再加一次")
    with pytest.raises(Invalid):
        service.decide(session, place, Decision.NOMINATE, by=caseworker)
    service.decide(session, place, Decision.NOMINATE, by=caseworker, reason="局务会议定")
    shown = next(one for one in queries.places(session, drawn.list.id, for_=SYSTEM) if one.firm_id == odd.id)
    assert shown.is_exception
    assert (shown.added_reason, shown.reason) == ("证明材料已送达，待录入", "局务会议定")


def test_a_firm_that_was_not_judged_cannot_join(session: Session, caseworker: Actor) -> None:
    drawn = make_draft(session, caseworker)
    with pytest.raises(NotFound):
        service.add(session, drawn.list.id, make_firm(session).id, by=caseworker, reason="来电要求")


def test_ranks_stay_unique_and_without_gaps(session: Session, caseworker: Actor) -> None:
    drawn = make_draft(session, caseworker)
    one, two, three = (drawn.place(session, name) for name in ("eligible", "second", "third"))
    for place in (one, two, three):
        service.decide(session, place, Decision.NOMINATE, by=caseworker)
    assert _ranks(session, drawn.list.id) == [(1, one.firm_id), (2, two.firm_id), (3, three.firm_id)]
    service.rank(session, three, up=True, by=caseworker)
    service.rank(session, three, up=True, by=caseworker)
    service.rank(session, three, up=True, by=caseworker)
    assert _ranks(session, drawn.list.id) == [(1, three.firm_id), (2, one.firm_id), (3, two.firm_id)]
    service.rank(session, three, up=False, by=caseworker)
    assert _ranks(session, drawn.list.id) == [(1, one.firm_id), (2, three.firm_id), (3, two.firm_id)]
    service.decide(session, one, Decision.DEFER, by=caseworker, reason="名额让出")
    assert _ranks(session, drawn.list.id) == [(1, three.firm_id), (2, two.firm_id)]
    service.decide(session, one, Decision.NOMINATE, by=caseworker)
    assert _ranks(session, drawn.list.id) == [(1, three.firm_id), (2, two.firm_id), (3, one.firm_id)]
    with pytest.raises(Conflict):
        service.rank(
            session,
            service.decide(session, two, Decision.DECLINE, by=caseworker, reason="撤回申请"),
            up=True,
            by=caseworker,
        )


def test_the_ceiling_holds_and_may_stay_unfilled(session: Session, caseworker: Actor) -> None:
    drawn = make_draft(session, caseworker, quota=1)
    service.decide(session, drawn.place(session, "eligible"), Decision.NOMINATE, by=caseworker)
    with pytest.raises(Conflict, match="已满"):
        service.decide(session, drawn.place(session, "second"), Decision.NOMINATE, by=caseworker)
    session.rollback()
    version = session.get_one(NominationList, drawn.list.id).version
    service.edit(session, drawn.list.id, by=caseworker, title="改名", quota=3, version=version)
    for name in ("eligible", "second"):
        service.decide(session, drawn.place(session, name), Decision.NOMINATE, by=caseworker)
    with pytest.raises(Invalid) as refused:
        service.edit(session, drawn.list.id, by=caseworker, title="改名", quota=1, version=drawn.list.version)
    assert refused.value.field == "quota"
    service.decide(session, drawn.place(session, "third"), Decision.DEFER, by=caseworker, reason="空缺")
    assert service.submit(session, drawn.list.id, by=caseworker).state is ListState.SUBMITTED


@pytest.mark.parametrize(
    ("decision", "amount", "source", "field"),
    [
        (Decision.NOMINATE, Decimal(10), "", "amount_source"),
        (Decision.NOMINATE, None, "某文件第三条", "amount"),
        (Decision.NOMINATE, Decimal(0), "某文件第三条", "amount"),
        (Decision.NOMINATE, Decimal(-1), "某文件第三条", "amount"),
        (Decision.NOMINATE, Decimal("NaN"), "某文件第三条", "amount"),
        (Decision.NOMINATE, Decimal("1E+20"), "某文件第三条", "amount"),
        (Decision.NOMINATE, Decimal("1.0000001"), "某文件第三条", "amount"),
        (Decision.DEFER, Decimal(10), "某文件第三条", "amount"),
    ],
)
def test_an_amount_goes_with_its_source_and_with_a_nomination(
    session: Session, caseworker: Actor, decision: Decision, amount: Decimal | None, source: str, field: str
) -> None:
    place = make_draft(session, caseworker).place(session, "eligible")
    with pytest.raises(Invalid) as refused:
        service.decide(session, place, decision, by=caseworker, reason="说明", amount=amount, amount_source=source)
    assert refused.value.field == field
    session.rollback()
    kept = service.decide(
        session, place, Decision.NOMINATE, by=caseworker, amount=Decimal("20.5"), amount_source="某文件第三条"
    )
    assert (kept.amount, kept.amount_source) == (Decimal("20.5"), "某文件第三条")


def test_two_saves_on_the_same_firm_do_not_overwrite_each_other(
    session: Session, caseworker: Actor, reviewer: Actor
) -> None:
    drawn = make_draft(session, caseworker)
    place = drawn.place(session, "eligible")
    seen = place.version
    service.decide(session, place, Decision.NOMINATE, by=reviewer, version=seen)
    with pytest.raises(Conflict, match="王审核"):
        service.decide(session, place, Decision.DECLINE, by=caseworker, reason="另议", version=seen)
    assert place.decision is Decision.NOMINATE


def test_a_list_is_submitted_only_when_every_firm_is_decided(session: Session, caseworker: Actor) -> None:
    drawn = make_draft(session, caseworker)
    with pytest.raises(Conflict, match="3 家"):
        service.submit(session, drawn.list.id, by=caseworker)
    decide_all(session, drawn, caseworker)
    assert drawn.list.state is ListState.SUBMITTED


def test_a_submitted_list_is_closed_until_it_is_returned_with_a_reason(
    session: Session, caseworker: Actor, reviewer: Actor
) -> None:
    drawn = make_draft(session, caseworker)
    decide_all(session, drawn, caseworker)
    with pytest.raises(Conflict):
        service.decide(session, drawn.place(session, "second"), Decision.DEFER, by=caseworker, reason="x")
    with pytest.raises(Invalid):
        service.return_to_draft(session, drawn.list.id, by=reviewer, note=" ")
    found = service.return_to_draft(session, drawn.list.id, by=reviewer, note="第二家材料存疑")
    assert (found.state, found.returned_note) == (ListState.DRAFT, "第二家材料存疑")
    service.decide(session, drawn.place(session, "second"), Decision.DEFER, by=caseworker, reason="补材料")


def test_only_somebody_who_had_no_hand_in_the_list_freezes_it(
    session: Session, caseworker: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    drawn = make_draft(session, caseworker)
    service.decide(session, drawn.place(session, "eligible"), Decision.NOMINATE, by=reviewer)
    service.decide(session, drawn.place(session, "eligible"), Decision.NOMINATE, by=caseworker)
    decide_all(session, drawn, caseworker)
    for person in (caseworker, reviewer, SYSTEM):
        with pytest.raises(Refused):
            service.freeze(session, drawn.list.id, by=person)
    assert drawn.list.state is ListState.SUBMITTED
    found = service.freeze(session, drawn.list.id, by=second_reviewer)
    assert (found.state, found.frozen_by_name) == (ListState.FROZEN, "李审核")
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == Action.NOMINATION_FREEZE)).all()
    assert [event.changes["digest"][1] for event in events] == [found.digest]


def test_a_list_one_has_not_seen_in_its_present_form_is_not_frozen(
    session: Session, caseworker: Actor, reviewer: Actor
) -> None:
    drawn = make_draft(session, caseworker)
    decide_all(session, drawn, caseworker)
    seen = drawn.list.version
    service.return_to_draft(session, drawn.list.id, by=caseworker, note="改排序")
    service.submit(session, drawn.list.id, by=caseworker)
    with pytest.raises(Conflict):
        service.freeze(session, drawn.list.id, by=reviewer, version=seen)
    assert service.freeze(session, drawn.list.id, by=reviewer, version=drawn.list.version).digest


def test_a_draft_is_not_frozen(session: Session, caseworker: Actor, reviewer: Actor) -> None:
    drawn = make_draft(session, caseworker)
    with pytest.raises(Conflict):
        service.freeze(session, drawn.list.id, by=reviewer)


def test_ranking_and_freezing_need_somebody_who_sees_every_firm(
    session: Session, caseworker: Actor, reviewer: Actor
) -> None:
    drawn = make_draft(session, caseworker)
    narrow = Actor(reviewer.id, "r", "王审核", Role.REVIEWER, Reach.TOWNS, (Town.BAISHA.value,))
    service.decide(session, drawn.place(session, "eligible"), Decision.NOMINATE, by=caseworker)
    with pytest.raises(Refused):
        service.rank(session, drawn.place(session, "eligible"), up=True, by=narrow)
    with pytest.raises(NotFound):
        service.decide(session, drawn.place(session, "second"), Decision.NOMINATE, by=narrow)
    assert queries.places(session, drawn.list.id, for_=narrow) == []
    decide_all(session, drawn, caseworker)
    with pytest.raises(Refused):
        service.freeze(session, drawn.list.id, by=narrow)


def test_the_frozen_content_holds_everything_decided_and_everybody_left_out(
    session: Session, caseworker: Actor, reviewer: Actor
) -> None:
    drawn = make_draft(session, caseworker)
    decide_all(session, drawn, caseworker)
    found = service.freeze(session, drawn.list.id, by=reviewer)
    session.commit()
    session.expire_all()
    kept = session.get_one(NominationList, found.id)
    assert kept.content is not None
    assert content_hash(kept.content) == kept.digest
    assert content.is_intact(session, kept)
    assert kept.content["edition"]["digest"] == edition(session).digest
    ranked = [(row["rank"], row["firm"]) for row in kept.content["nominations"] if row["rank"]]
    assert ranked == [(1, drawn.firms["eligible"].id), (2, drawn.firms["second"].id)]
    assert all(len(row["verdict"]["digest"]) == 64 for row in kept.content["nominations"])
    lines = {row["firm"]: row["line"] for row in kept.content["not_nominated"]}
    assert set(lines) == {drawn.firms[n].id for n in ("third", "ineligible", "undetermined", "needs_review")}
    assert lines[drawn.firms["third"].id] == "不予推荐：本年度已获同类支持"
    assert all(lines.values())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE nomination_list SET title = 'x' WHERE id = :id",
        "UPDATE nomination_list SET digest = 'x' WHERE id = :id",
        "UPDATE nomination_list SET state = 'draft' WHERE id = :id",
        "DELETE FROM nomination_list WHERE id = :id",
        "UPDATE nomination SET reason = 'x' WHERE list_id = :id",
        "UPDATE nomination SET rank = rank + 100 WHERE list_id = :id AND rank IS NOT NULL",
        "DELETE FROM nomination WHERE list_id = :id",
        "INSERT INTO nomination (list_id, firm_id, verdict_id, decision, reason, amount_source, added_by_name,"
        " added_reason, decided_by_name, version) SELECT :id, firm_id, id, 'undecided', '', '', '', '', '', 1"
        " FROM verdict WHERE firm_id NOT IN (SELECT firm_id FROM nomination) LIMIT 1",
    ],
)
def test_a_frozen_list_cannot_be_changed_even_by_sql(
    session: Session, caseworker: Actor, reviewer: Actor, statement: str
) -> None:
    drawn = make_draft(session, caseworker)
    decide_all(session, drawn, caseworker)
    service.freeze(session, drawn.list.id, by=reviewer)
    session.commit()
    with pytest.raises(DBAPIError, match="a frozen nomination list never changes"):
        session.execute(text(statement), {"id": drawn.list.id})
    session.rollback()
    assert content.is_intact(session, session.get_one(NominationList, drawn.list.id))


def test_the_service_refuses_every_change_of_a_frozen_list(
    session: Session, caseworker: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    drawn = make_draft(session, caseworker)
    decide_all(session, drawn, caseworker)
    service.freeze(session, drawn.list.id, by=reviewer)
    session.commit()
    place, list_id, odd = drawn.place(session, "eligible"), drawn.list.id, drawn.firms["undetermined"].id
    attempts = (
        lambda: service.decide(session, place, Decision.DECLINE, by=caseworker, reason="x"),
        lambda: service.add(session, list_id, odd, by=caseworker, reason="x"),
        lambda: service.rank(session, place, up=False, by=caseworker),
        lambda: service.edit(session, list_id, by=caseworker, title="x", quota=None, version=drawn.list.version),
        lambda: service.submit(session, list_id, by=caseworker),
        lambda: service.return_to_draft(session, list_id, by=reviewer, note="x"),
        lambda: service.freeze(session, list_id, by=second_reviewer),
    )
    for attempt in attempts:
        with pytest.raises(Conflict):
            attempt()


def test_a_refused_decision_leaves_no_trace_in_the_log(session: Session, caseworker: Actor) -> None:
    drawn = make_draft(session, caseworker)
    place = drawn.place(session, "eligible")
    decided = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == Action.NOMINATION_DECIDE)
    with pytest.raises(Invalid):
        service.decide(session, place, Decision.DEFER, by=caseworker)
    session.rollback()
    assert session.scalar(decided) == 0
    service.decide(session, place, Decision.DEFER, by=caseworker, reason="待核")
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == Action.NOMINATION_DECIDE)).one()
    assert event.changes["decision"] == ["undecided", "defer"]
    assert event.firm_id == place.firm_id


def test_the_table_of_moves_has_every_state_and_ends_at_frozen() -> None:
    assert set(lifecycle.MOVES) == set(ListState)
    assert lifecycle.MOVES[ListState.FROZEN] == {}
    reached = {target for moves in lifecycle.MOVES.values() for target in moves.values()}
    assert reached == set(ListState)
