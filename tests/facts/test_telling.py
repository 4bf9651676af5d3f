"""The log of thousands of figures is written as that of one is, and what waits is found by its own index."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.steps import unscaled
from app.facts import display
from app.facts.keeping import indicator_of, name_of
from app.facts.models import Claim, ClaimState
from app.facts.telling import Telling

KEYS = ("sales_revenue", "market_share_ratio", "employees_month_avg", "net_profit")


@given(st.sampled_from(KEYS), st.integers(-(2**63) // 100, 2**63 // 100))
def test_a_number_is_told_alike_alone_and_among_many(key: str, steps: int) -> None:
    name, said = Telling().told(key, 2025, (steps, None))
    assert json.loads(name) == name_of(key, 2025)
    assert json.loads(said) == display.with_unit(indicator_of(key), unscaled(steps))


def test_what_is_no_number_is_told_alike_too() -> None:
    assert Telling().told("is_resident_enterprise", None, (None, "false"))[1] == '"否"'


@pytest.mark.parametrize(
    ("state", "index"),
    [(ClaimState.PENDING, "ix_claim_pending_place"), (ClaimState.REJECTED, "ix_claim_returned_place"),
     (ClaimState.WITHDRAWN, "ix_claim_returned_place"), (ClaimState.ACCEPTED, "ix_claim_firm_id_key_year")],
)  # fmt: skip
def test_claims_of_a_state_are_listed_by_an_index(session: Session, state: ClaimState, index: str) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("an empty table of PostgreSQL is read whole")
    place = (Claim.firm_id, Claim.key, Claim.year, Claim.id)
    asked = select(Claim.id).where(Claim.state == state).order_by(*place).limit(50).compile(session.connection())
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", (state.value, 50, 0)).all()
    assert [index in row[3] and "TEMP B-TREE" not in row[3] for row in plan] == [True]
