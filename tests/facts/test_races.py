"""Two reviewers at once: one wins, the other is told so, and nothing is half-written; on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.db import Database
from app.core.errors import Conflict
from app.facts import queries, service
from app.facts.models import Claim, ClaimState, Fact
from app.firms.models import Firm
from tests.factories.facts import make_claim, make_fact

Act = Callable[[Session], object]


def _at_once(database: Database, *acts: Act) -> list[str]:
    """Run each act in a transaction of its own, all let go together; return what became of each."""
    gate = threading.Barrier(len(acts))
    outcomes = [""] * len(acts)

    def run(number: int, act: Act) -> None:
        gate.wait()
        try:
            with database.transaction() as session:
                act(session)
            outcomes[number] = "done"
        except Conflict:
            outcomes[number] = "conflict"
        except Exception as error:
            outcomes[number] = repr(error)

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def _accept(claim_id: int, by: Actor, reason: str = "以审计报告为准", seen: int | None = None) -> Act:
    def act(session: Session) -> object:
        return service.accept(session, session.get_one(Claim, claim_id), by=by, reason=reason, seen=seen)

    return act


def _accept_many(ids: list[int], by: Actor) -> Act:
    return lambda session: service.accept_many(session, ids, by=by, reason="整批核定")


@pytest.mark.parametrize("round_number", range(3))
def test_two_claims_of_one_place_accepted_at_once(
    database: Database, session: Session, firm: Firm, reviewer: Actor, second_reviewer: Actor, round_number: int
) -> None:
    one = make_claim(session, firm.id, value=Decimal(100))
    two = make_claim(session, firm.id, value=Decimal(120))
    session.commit()
    outcomes = _at_once(database, _accept(one.id, reviewer), _accept(two.id, second_reviewer))
    assert sorted(outcomes) == ["conflict", "done"]
    session.rollback()
    session.expire_all()
    assert sorted([one.state, two.state]) == [ClaimState.ACCEPTED, ClaimState.REJECTED]
    assert session.scalar(select(func.count()).select_from(Fact)) == 1


def test_one_claim_accepted_twice_at_once(
    database: Database, session: Session, firm: Firm, reviewer: Actor, second_reviewer: Actor
) -> None:
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(90), reviewer=reviewer)
    claim = make_claim(session, firm.id, value=Decimal(100))
    session.commit()
    outcomes = _at_once(database, _accept(claim.id, reviewer), _accept(claim.id, second_reviewer))
    assert sorted(outcomes) == ["conflict", "done"]
    session.rollback()
    current = session.scalars(select(Fact).where(Fact.superseded_at.is_(None))).all()
    assert [fact.number for fact in current] == [Decimal(100)]


def test_a_whole_batch_and_one_of_its_claims_at_once(
    database: Database, session: Session, firm: Firm, reviewer: Actor, second_reviewer: Actor
) -> None:
    claims = [make_claim(session, firm.id, year=year, value=Decimal(year)) for year in range(2000, 2020)]
    session.commit()
    ids = [claim.id for claim in claims]
    outcomes = _at_once(database, _accept_many(ids, reviewer), _accept(ids[7], second_reviewer))
    assert set(outcomes) <= {"done", "conflict"}
    assert "done" in outcomes
    session.rollback()
    session.expire_all()
    current = session.scalars(select(Fact).where(Fact.superseded_at.is_(None))).all()
    assert len(current) == len({fact.year for fact in current})
    assert {claim.state for claim in claims} <= {ClaimState.ACCEPTED, ClaimState.PENDING}
    assert len(current) == sum(claim.state is ClaimState.ACCEPTED for claim in claims)


def test_accepting_and_rejecting_at_once(
    database: Database, session: Session, firm: Firm, reviewer: Actor, second_reviewer: Actor
) -> None:
    claim = make_claim(session, firm.id)
    session.commit()

    def reject(inner: Session) -> object:
        return service.reject(inner, inner.get_one(Claim, claim.id), by=second_reviewer, note="缺材料")

    assert sorted(_at_once(database, _accept(claim.id, reviewer), reject)) == ["conflict", "done"]
    session.rollback()
    session.expire_all()
    facts = session.scalar(select(func.count()).select_from(Fact))
    assert facts == (1 if claim.state is ClaimState.ACCEPTED else 0)


def test_the_reviewer_who_looked_at_an_older_fact_looks_again(
    session: Session, firm: Firm, reviewer: Actor, second_reviewer: Actor
) -> None:
    claim = make_claim(session, firm.id, value=Decimal(100), by=reviewer)
    seen = queries.current_fact(session, firm.id, "sales_revenue", 2025)
    assert seen is None
    make_fact(session, firm.id, "sales_revenue", 2024, Decimal(90), reviewer=reviewer)
    same = make_claim(session, firm.id, value=Decimal(100))
    service.accept(session, same, by=reviewer)
    with pytest.raises(Conflict, match="刚刚有变化"):
        service.accept(session, claim, by=second_reviewer, seen=0)
    standing = queries.current_fact(session, firm.id, "sales_revenue", 2025)
    assert standing is not None
    assert service.accept(session, claim, by=second_reviewer, seen=standing.id).id == standing.id
