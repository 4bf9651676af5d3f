"""What the judge is given, as of a day and as known on a day; what the bureau held stays readable."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor, Reach
from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from app.core.errors import Conflict, Invalid, NotFound
from app.facts import queries, queue, service
from app.facts.models import Claim, Fact, SourceKind
from app.firms.models import Firm
from tests.factories.facts import STATER, make_claim, make_fact, make_statement
from tests.factories.firms import make_firm

AS_OF = date(2026, 6, 30)


def test_the_sheet_says_where_each_figure_came_from(session: Session, firm: Firm, reviewer: Actor) -> None:
    fact = make_fact(session, firm.id, "sales_revenue", 2025, Decimal(62974), reviewer=reviewer)
    found = queries.fact_sheet(session, firm.id, AS_OF).get("sales_revenue", 2025)
    assert found is not None
    assert found.fact_id == fact.id
    assert found.source.startswith("2025年度企业情况表.xlsx Sheet1!F12，王审核 ")
    assert found.source.endswith(" 核定")


def test_figures_of_later_years_and_pending_ones_are_left_out(session: Session, firm: Firm, reviewer: Actor) -> None:
    for year in (2024, 2025):
        make_fact(session, firm.id, "sales_revenue", year, Decimal(year), reviewer=reviewer)
    make_claim(session, firm.id, key="rd_expense_hnte")
    sheet = queries.fact_sheet(session, firm.id, date(2024, 12, 31))
    assert [(fact.key, fact.year) for fact in sheet.facts()] == [("sales_revenue", 2024)]


def test_a_figure_imported_today_counts_for_an_earlier_application_day(
    session: Session, firm: Firm, reviewer: Actor
) -> None:
    make_fact(session, firm.id, "sales_revenue", 2023, Decimal(1), reviewer=reviewer)
    assert queries.fact_sheet(session, firm.id, date(2024, 6, 30)).get("sales_revenue", 2023) is not None


def test_what_was_known_on_a_day_is_what_stood_on_its_evening_in_the_district(
    session: Session, firm: Firm, reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 15:59:59 UTC is the last second of 8 May in Shanghai, 16:00 the first of 9 May
    moments = {100: datetime(2026, 5, 8, 15, 59, 59, tzinfo=UTC), 120: datetime(2026, 5, 20, 16, 0, tzinfo=UTC)}
    for value, moment in moments.items():
        with monkeypatch.context() as then:
            then.setattr(clock, "now", lambda moment=moment: moment)
            make_fact(session, firm.id, "sales_revenue", 2025, Decimal(value), reviewer=reviewer)

    def known(day: date) -> object:
        found = queries.fact_sheet(session, firm.id, AS_OF, known_on=day).get("sales_revenue", 2025)
        return found.value if found else None

    assert known(date(2026, 5, 7)) is None
    assert known(date(2026, 5, 8)) == Decimal(100)
    assert known(date(2026, 5, 20)) == Decimal(100)
    assert known(date(2026, 5, 21)) == Decimal(120)
    assert known(date(2199, 1, 1)) == Decimal(120)


def test_sheets_of_many_firms_are_one_statement(session: Session, reviewer: Actor, database: Database) -> None:
    firms = [make_firm(session) for _ in range(30)]
    for firm in firms[:29]:
        make_fact(session, firm.id, "sales_revenue", 2025, Decimal(firm.id), reviewer=reviewer)
    session.commit()
    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    sheets = queries.fact_sheets(session, [firm.id for firm in firms], AS_OF)
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 1
    assert [len(sheets[firm.id]) for firm in firms] == [1] * 29 + [0]


def test_a_claim_is_found_within_reach_only(session: Session, firm: Firm) -> None:
    claim = make_claim(session, firm.id)
    near = Actor(None, "a", "甲", Role.CASEWORKER, Reach.TOWNS, ("tangxia",))
    far = Actor(None, "b", "乙", Role.CASEWORKER, Reach.TOWNS, ("hetang",))
    assert queries.claim(session, claim.id, for_=near).id == claim.id
    with pytest.raises(NotFound):
        queries.claim(session, claim.id, for_=far)
    assert (queue.pending_cases(session, near), queue.pending_cases(session, far)) == (1, 0)


def test_what_stands_is_told_for_comparing_what_comes_in(session: Session, firm: Firm, reviewer: Actor) -> None:
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(100), reviewer=reviewer)
    make_claim(session, firm.id, value=Decimal(120))
    found = queries.standing(session, [firm.id])[firm.id, "sales_revenue", 2025]
    assert [(entry.columns[0], entry.fact_id is not None) for entry in found] == [
        (Decimal(100), True), (Decimal(120), False),
    ]  # fmt: skip


steps = st.lists(
    st.tuples(
        st.sampled_from(["state", "accept", "reject", "withdraw", "choose", "many"]),
        st.integers(0, 3),
        st.integers(0, 2),
        st.booleans(),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_is_done_one_fact_is_current_and_every_old_one_stays_readable(
    session: Session, firm: Firm, reviewer: Actor, plan: list[tuple[str, int, int, bool]]
) -> None:
    session.rollback()
    ever: dict[int, Decimal | None] = {}
    for verb, number, which, with_reason in plan:
        _step(session, firm.id, reviewer, verb, number, which, "理由" if with_reason else "")
        facts = session.scalars(select(Fact)).all()
        ever |= {fact.id: fact.number for fact in facts if fact.id not in ever}
        assert {fact.id: fact.number for fact in facts} == ever
        current = [fact for fact in facts if fact.superseded_at is None]
        assert len(current) == (1 if facts else 0)
        assert all(fact.superseded_by is not None for fact in facts if fact.superseded_at is not None)
        shown = [str(step.shown) for step in queries.history(session, firm.id, "sales_revenue", 2025)]
        assert all(f"{value}" in shown for value in ever.values())
    session.rollback()


def _step(session: Session, firm_id: int, by: Actor, verb: str, number: int, which: int, reason: str) -> None:
    if verb == "state":
        service.state(session, make_statement(firm_id, value=Decimal(number)), by=STATER)
        return
    claims = session.scalars(select(Claim).where(Claim.firm_id == firm_id).order_by(Claim.id)).all()
    if not claims:
        return
    claim = claims[which % len(claims)]
    try:
        if verb == "accept":
            service.accept(session, claim, by=by, reason=reason)
        elif verb == "choose":
            service.choose(session, claim, by=by, reason=reason)
        elif verb == "reject":
            service.reject(session, claim, by=by, note=reason)
        elif verb == "withdraw":
            service.withdraw(session, claim, by=STATER)
        else:
            service.accept_many(session, [entry.id for entry in claims], by=by, reason=reason)
    except (Conflict, Invalid):
        session.flush()


def test_what_was_sent_long_ago_by_hand_or_firm_keeps_its_kind(session: Session, firm: Firm) -> None:
    make_claim(session, firm.id, source_kind=SourceKind.CASEWORKER)
    assert queries.stated_by_firm(session, firm.id) == []
    assert len(queries.pending_of(session, firm.id)) == 1


def test_many_figures_are_stated_accepted_and_read_in_few_statements(
    session: Session, reviewer: Actor, database: Database
) -> None:
    firms = [make_firm(session) for _ in range(40)]
    keys = ("sales_revenue", "operating_revenue", "net_profit", "total_assets", "rd_expense_audit", "total_profit")
    statements = [
        make_statement(firm.id, key=key, year=year, value=Decimal(number), batch_id=1)
        for number, firm in enumerate(firms)
        for key in keys
        for year in range(1990, 2020)
    ]
    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    ids = service.state_many(session, statements, by=STATER)
    report = service.accept_many(session, ids, by=reviewer)
    sheets = queries.fact_sheets(session, [firm.id for firm in firms], AS_OF)
    assert len(report.accepted) == len(ids) == 7200
    assert {len(sheet) for sheet in sheets.values()} == {180}
    assert session.scalar(select(func.count()).select_from(Fact)) == 7200
    assert len(seen) < 120, "portions, not one statement a figure"
