"""For any table: the counts add up, importing twice changes nothing, undoing brings back what was there."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.access.actor import Actor
from app.core.db import Database
from app.core.errors import Conflict
from app.facts.models import Claim, ClaimState, Fact
from app.files.store import FileStore
from app.firms.models import Firm
from app.imports import queries, undo
from app.imports.models import BatchState
from tests.factories.facts import make_fact
from tests.factories.firms import credit_code, make_firm
from tests.factories.imports import HEADER, applied, outcomes, staged, table

NAMES = st.sampled_from(["", "虚构甲公司", "虚构 甲 公司", "虚构乙公司", "合计", "注：说明", "—", *HEADER[:1]])
CODES = st.sampled_from(["", credit_code(1), credit_code(2), credit_code(1)[:17], "无"])
NUMBERS = st.one_of(
    st.sampled_from(["", "—", "0", "3,0O0", "12%", "1,234.5", "#REF!", "2.5亿元"]),
    st.decimals(min_value=-10, max_value=10**6, places=2).map(str),
)
ROWS = st.lists(st.tuples(NAMES, CODES, NUMBERS, NUMBERS, NUMBERS), min_size=0, max_size=7)
# each example uses up an import of the same database: what earlier ones left is part of the trial
CAREFUL = settings(max_examples=18, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _live(database: Database) -> tuple[list[Any], list[Any]]:
    """Return what the register holds: firms, and claims that were not withdrawn."""
    with database.session() as session:
        firms = session.execute(select(Firm.name, Firm.credit_code, Firm.version).order_by(Firm.name, Firm.credit_code))
        claims = session.execute(
            select(Claim.firm_id, Claim.key, Claim.year, Claim.number, Claim.state)
            .where(Claim.state != ClaimState.WITHDRAWN)
            .order_by(Claim.id)
        )
        return [tuple(row) for row in firms], [tuple(row) for row in claims]


@CAREFUL
@given(rows=ROWS)
def test_counts_add_up_and_rehearsing_changes_nothing(
    database: Database, store: FileStore, importer: Actor, rows: list[tuple[str, ...]]
) -> None:
    before = _live(database)
    content = table(rows)
    batch = staged(database, store, content, by=importer)
    assert sum(batch.counts.values()) == len(content.decode().splitlines())
    found = outcomes(database, batch)
    assert {name: found.count(name) for name in batch.counts} == batch.counts
    assert _live(database) == before


@CAREFUL
@given(rows=ROWS)
def test_twice_is_once_and_undone_is_as_before(
    database: Database, store: FileStore, importer: Actor, rows: list[tuple[str, ...]]
) -> None:
    before = _live(database)
    try:
        first = applied(database, store, table(rows), by=importer)
    except Conflict:
        assert _live(database) == before
        return
    after = _live(database)
    again = staged(database, store, table(rows), by=importer)
    assert again.counts["new"] == again.counts["updated"] == 0
    assert again.counts["unchanged"] == first.counts["new"] + first.counts["updated"] + first.counts["unchanged"]
    assert _live(database) == after
    with database.transaction() as session:
        batch = queries.batch(session, first.id, for_=importer, lock=True)
        undo.undo(session, batch, by=importer, reason="试验")
    assert batch.state is BatchState.UNDONE
    assert _live(database) == before


@CAREFUL
@given(rows=ROWS)
def test_what_was_accepted_survives_and_blanks_overwrite_nothing(
    database: Database, store: FileStore, importer: Actor, reviewer: Actor, rows: list[tuple[str, ...]]
) -> None:
    with database.transaction() as session:
        firm = session.scalars(select(Firm).where(Firm.name == "虚构甲公司")).first()
        if firm is None:
            firm = make_firm(session, name="虚构甲公司", credit_code=credit_code(1), address="原有地址")
            make_fact(session, firm.id, "operating_revenue", 2025, Decimal(777), reviewer=reviewer)
        firm_id = firm.id
    with suppress(Conflict):
        applied(database, store, table(rows), by=importer)
    with database.session() as session:
        held = session.scalars(select(Fact).where(Fact.firm_id == firm_id, Fact.superseded_at.is_(None))).all()
        assert [(fact.key, fact.year, fact.number) for fact in held] == [("operating_revenue", 2025, Decimal(777))]
        assert session.get_one(Firm, firm_id).address == "原有地址"
        assert not session.scalars(
            select(Claim.id).where(Claim.firm_id == firm_id, Claim.number.is_(None), Claim.value.is_(None))
        ).all()
