"""Whose figure it is: every claim has a source with a trust label, and all that was said stands side by side."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.db import Database
from app.facts import beside, queue, service, trust
from app.facts.filtering import QueueFilter
from app.facts.models import ClaimState, SourceKind
from app.firms.models import Firm
from tests.factories.facts import make_claim, make_fact
from tests.factories.firms import make_firm
from tests.support.people import People


@pytest.mark.parametrize(
    ("kind", "reference", "code"),
    [
        ("import", {"profile": "annual-firms"}, "annual-firms"),
        ("import", {"profile": "annual-firms", "retrieved": "2026-01-05"}, "disclosure"),
        ("import", {"profile": "saved-by-somebody"}, "sheet"),
        ("import", {}, "sheet"),
        ("caseworker", {}, "caseworker"),
        ("firm", {"profile": "torch"}, "firm"),
    ],
)
def test_a_claim_that_names_no_source_gets_that_of_its_workbook_or_kind(
    kind: str, reference: dict[str, str], code: str
) -> None:
    assert trust.code_of(kind, reference) == code


def test_every_kind_and_every_profile_has_its_source_and_ranks_are_in_order() -> None:
    assert [trust.source_of("", kind.value).code for kind in SourceKind] == ["sheet", "caseworker", "firm"]
    ranks = [source.rank for source in trust.SOURCES.values()]
    assert ranks == sorted(set(ranks))


def test_a_firm_cannot_call_its_own_word_a_tax_record(session: Session, firm: Firm) -> None:
    said = make_claim(session, firm.id, source_kind=SourceKind.FIRM, source="tax")
    checked = make_claim(session, firm.id, source_kind=SourceKind.CASEWORKER, source="tax")
    assert (said.source, checked.source) == ("firm", "tax")


def test_the_source_of_a_claim_never_changes(session: Session, firm: Firm, database: Database) -> None:
    claim = make_claim(session, firm.id)
    session.commit()
    with pytest.raises(DBAPIError, match="never changes"), database.transaction() as other:
        other.execute(text("UPDATE claim SET source = 'tax' WHERE id = :id"), {"id": claim.id})


def test_all_sources_stand_side_by_side_with_their_differences(session: Session, firm: Firm, reviewer: Actor) -> None:
    make_fact(session, firm.id, "sales_revenue", 2024, Decimal(800), reviewer=reviewer)
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(1000), reviewer=reviewer)
    make_claim(session, firm.id, value=Decimal("1035"), source_kind=SourceKind.FIRM, note="补记一笔出口收入")
    tax = make_claim(session, firm.id, value=Decimal("1000"), source_kind=SourceKind.CASEWORKER, source="tax")
    sent_back = make_claim(session, firm.id, value=Decimal("1"))
    service.reject(session, sent_back, by=reviewer, note="单位有误")
    said = beside.side_by_side(session, firm.id, "sales_revenue", 2025)
    told = [(one.claim.origin.label, str(one.to_current), str(one.to_last_year), one.is_held) for one in said]
    assert told == [
        ("税务部门", "一致", "+200（+25.0%）", False),
        ("其他表格", "", "+200（+25.0%）", True),
        ("企业自报", "+35（+3.5%）", "+235（+29.4%）", False),
        ("其他表格", "-999（-99.9%）", "-799（-99.9%）", False),
    ]
    assert said[0].claim.id == tax.id
    assert [one.claim.state for one in said][-1] is ClaimState.REJECTED


def test_a_conflict_is_one_case_in_the_queue_and_counts_equal_lists(
    session: Session, firm: Firm, reviewer: Actor
) -> None:
    other = make_firm(session)
    make_claim(session, firm.id, value=Decimal(1))
    make_claim(session, firm.id, value=Decimal(2), source_kind=SourceKind.FIRM)
    make_claim(session, other.id, value=Decimal(3))
    make_claim(session, other.id, value=Decimal(3), source_kind=SourceKind.CASEWORKER)
    make_claim(session, other.id, key="net_profit", value=Decimal(3), source_kind=SourceKind.CASEWORKER)
    for chosen in (
        QueueFilter(),
        *(QueueFilter(source=kind) for kind in SourceKind),
        QueueFilter(conflicts=True),
        QueueFilter(conflicts=True, source=SourceKind.FIRM),
    ):
        page = queue.review_queue(session, chosen, for_=reviewer)
        assert len(page.items) == page.total == queue.counts_by_source(session, chosen, for_=reviewer)[chosen.source]
    everything = queue.review_queue(session, QueueFilter(), for_=reviewer)
    assert [len(row.rivals) for row in everything.items] == [1, 0, 1]
    assert queue.pending_cases(session, reviewer) == 3
    conflicts = queue.review_queue(session, QueueFilter(conflicts=True), for_=reviewer)
    assert [row.firm_id for row in conflicts.items] == [firm.id]


def test_accepting_a_case_confirms_every_source_that_says_the_same(
    session: Session, firm: Firm, people: People
) -> None:
    first, second = make_claim(session, firm.id), make_claim(session, firm.id, source_kind=SourceKind.FIRM)
    session.commit()
    browser = people.browser(people.reviewer())
    browser.get("/office/facts")
    assert "2 个来源一致" in browser.text
    browser.post("/office/facts/accept", {"id": [str(first.id)]})
    session.expire_all()
    assert {first.state, second.state} == {ClaimState.ACCEPTED}
