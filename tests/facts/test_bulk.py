"""Accepting many: what can be is, what cannot is named and left waiting."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.access.actor import Actor, Reach
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.core.db import Database
from app.core.errors import Refused
from app.facts import service
from app.facts.models import Claim, ClaimState, Fact
from app.firms.models import Firm
from tests.factories.facts import make_claim, make_fact
from tests.factories.firms import make_firm


def test_what_can_be_accepted_is_and_the_rest_is_named(
    session: Session, firm: Firm, reviewer: Actor, second_reviewer: Actor
) -> None:
    make_fact(session, firm.id, "net_profit", 2025, Decimal(5), reviewer=reviewer)
    make_fact(session, firm.id, "total_profit", 2025, Decimal(7), reviewer=reviewer)
    new = make_claim(session, firm.id)
    same = make_claim(session, firm.id, key="net_profit", value=Decimal(5))
    differs = make_claim(session, firm.id, key="total_profit", value=Decimal(8))
    own = make_claim(session, firm.id, key="total_assets", by=reviewer)
    rival = make_claim(session, firm.id, key="total_liabilities", value=Decimal(1))
    other = make_claim(session, firm.id, key="total_liabilities", value=Decimal(2))
    ids = [new.id, same.id, differs.id, own.id, rival.id, other.id, 987654]
    report = service.accept_many(session, ids, by=reviewer)
    assert (report.accepted, report.confirmed) == ((new.id,), (same.id,))
    why = {refusal.claim_id: str(refusal.why) for refusal in report.refused}
    assert "理由" in why[differs.id]
    assert "本人填报" in why[own.id]
    assert "逐条比对" in why[rival.id]
    assert "逐条比对" in why[other.id]
    assert "他人办理" in why[987654]
    session.expire_all()
    waiting = {claim.id for claim in session.scalars(select(Claim).where(Claim.state == ClaimState.PENDING))}
    assert waiting == {differs.id, own.id, rival.id, other.id}


def test_a_reason_lets_many_replace_the_current_facts(session: Session, firm: Firm, reviewer: Actor) -> None:
    old = make_fact(session, firm.id, "total_profit", 2025, Decimal(7), reviewer=reviewer)
    claim = make_claim(session, firm.id, key="total_profit", value=Decimal(8))
    report = service.accept_many(session, [claim.id], by=reviewer, reason="年报更正")
    session.expire_all()
    fact = session.scalars(select(Fact).where(Fact.claim_id == claim.id)).one()
    assert report.accepted == (claim.id,)
    assert (old.superseded_by, fact.reason, fact.number) == (fact.id, "年报更正", Decimal(8))
    said = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert said is not None
    assert said.changes == {"利润总额 2025 年": ["7 万元", "8 万元"]}
    assert (said.firm_id, said.note) == (firm.id, "年报更正")


def test_two_equal_claims_make_one_fact(session: Session, firm: Firm, reviewer: Actor) -> None:
    ids = [make_claim(session, firm.id).id, make_claim(session, firm.id).id]
    report = service.accept_many(session, ids, by=reviewer)
    assert (report.accepted, report.confirmed) == ((ids[0],), (ids[1],))
    assert len(session.scalars(select(Fact)).all()) == 1


def test_claims_out_of_reach_are_left_alone(session: Session, firm: Firm) -> None:
    claim = make_claim(session, firm.id)
    far = Actor(None, "far", "远", Role.REVIEWER, Reach.TOWNS, ("hetang",))
    report = service.accept_many(session, [claim.id], by=far)
    assert report.accepted == ()
    assert claim.state is ClaimState.PENDING


def test_a_firm_accepts_nothing(session: Session, firm: Firm) -> None:
    claim = make_claim(session, firm.id)
    filler = Actor(None, "a", "填报人", Role.FIRM_FILLER, firm_id=firm.id)
    with pytest.raises(Refused):
        service.accept_many(session, [claim.id], by=filler)


def test_few_statements_whatever_the_number(session: Session, reviewer: Actor, database: Database) -> None:
    counts = []
    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    for number in (3, 60):
        ids = [make_claim(session, make_firm(session).id).id for _ in range(number)]
        session.flush()
        seen.clear()
        assert len(service.accept_many(session, ids, by=reviewer).accepted) == number
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 8
