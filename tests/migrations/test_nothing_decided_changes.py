"""What is said, held, decided or printed does not change, whoever writes to the database by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor
from app.access.roles import Role
from app.core.db import Database
from app.dossiers.models import Dossier, DossierState
from app.eligibility import service as eligibility
from app.facts import service as facts
from app.facts.models import Claim, ClaimState, Fact
from app.files.models import StoredFile
from app.nominations.models import Nomination
from app.rulebooks import queries as rulebooks
from app.rulebooks import service as editions
from tests.factories.dossiers import make_nomination
from tests.factories.facts import make_claim, make_fact
from tests.factories.firms import make_firm
from tests.support.people import People

KEPT = ("verdict", "edition", "eligibility_list", "nomination_list", "nomination", "dossier", "claim", "fact",
        "audit_event", "publication", "publication_withdrawal")  # fmt: skip


def refused(database: Database, statement: str, **values: object) -> None:
    with pytest.raises(DBAPIError, match="never|only grows|stays|can be removed"), database.transaction() as session:
        session.execute(text(statement), values)


def done(database: Database, statement: str, **values: object) -> int:
    with database.transaction() as session:
        return session.execute(text(statement), values).rowcount  # type: ignore[attr-defined,no-any-return]


@pytest.fixture
def fact(session: Session, people: People) -> Fact:
    firm = make_firm(session)
    found = make_fact(session, firm.id, "sales_revenue", 2025, Decimal(10), reviewer=people.reviewer().as_actor())
    session.commit()
    return found


@pytest.mark.parametrize(
    "change", ["number = 1", "year = 2024", "key = 'staff_total'", "number = NULL", "claim_id = claim_id + 1",
               "accepted_by_name = 'X'", "value = '1'"],
)  # fmt: skip
def test_a_fact_is_only_ever_superseded(database: Database, fact: Fact, change: str) -> None:
    refused(database, f"UPDATE fact SET {change} WHERE id = :id", id=fact.id)  # noqa: S608 - our own words
    refused(database, "DELETE FROM fact WHERE id = :id", id=fact.id)


def test_a_superseded_fact_does_not_come_back(database: Database, session: Session, fact: Fact) -> None:
    reviewer = session.scalars(select(Fact.accepted_by)).one()
    claim = make_claim(session, fact.firm_id, value=Decimal(12), raw="12")
    session.commit()
    assert reviewer is not None
    facts.accept(session, claim, by=Actor(reviewer, "r", "审核", Role.REVIEWER), reason="更正")
    session.commit()
    refused(database, "UPDATE fact SET superseded_at = NULL WHERE id = :id", id=fact.id)


@pytest.mark.parametrize("change", ["number = 1", "raw = 'x'", "source_label = 'x'", "state = 'pending'",
                                    "review_note = 'x'", "batch_id = 4", "stated_by_name = 'x'"])  # fmt: skip
def test_a_decided_claim_never_changes(database: Database, fact: Fact, change: str) -> None:
    refused(database, f"UPDATE claim SET {change} WHERE id = :id", id=fact.claim_id)  # noqa: S608 - our own words
    refused(database, "DELETE FROM claim WHERE id = :id", id=fact.claim_id)


def test_a_pending_claim_can_be_decided_but_not_rewritten_or_removed(
    database: Database, session: Session, fact: Fact
) -> None:
    claim = make_claim(session, fact.firm_id, value=Decimal(12), raw="12")
    session.commit()
    refused(database, "UPDATE claim SET number = 3 WHERE id = :id", id=claim.id)
    refused(database, "DELETE FROM claim WHERE id = :id", id=claim.id)
    assert done(database, "UPDATE claim SET state = 'withdrawn' WHERE id = :id", id=claim.id) == 1
    assert done(database, "DELETE FROM claim WHERE id = :id", id=claim.id) == 1
    session.expire_all()
    assert session.scalars(select(Claim.state)).all() == [ClaimState.ACCEPTED]


def test_no_verdict_slips_into_a_complete_list(database: Database, session: Session, people: People) -> None:
    reviewer = people.reviewer().as_actor()
    make_firm(session)
    other = make_firm(session)
    editions.sync(session, by=SYSTEM)
    edition = rulebooks.by_code(session, "hnte-2016")
    drawn = eligibility.draw_up(session, edition, date(2026, 6, 30), by=reviewer)
    session.commit()
    with pytest.raises(DBAPIError, match="never changes"):
        eligibility.judge(session, other.id, edition, date(2026, 6, 30), by=reviewer, list_id=drawn.id)


def test_a_printed_dossier_loses_nothing(database: Database, session: Session, people: People) -> None:
    nomination = make_nomination(session, make_firm(session), reviewer=people.reviewer(), figures={})
    dossier = printed(session, nomination)
    for change in ("file_id = NULL", "pages = NULL", "sha256 = ''", "context = '{\"a\": 1}'", "rendered_at = NULL"):
        refused(database, f"UPDATE dossier SET {change} WHERE id = :id", id=dossier.id)  # noqa: S608
    assert done(database, "UPDATE dossier SET state = 'void' WHERE id = :id", id=dossier.id) == 1


def printed(session: Session, nomination: Nomination) -> Dossier:
    file = StoredFile(sha256="0" * 64, size=1, name="x.pdf", media_type="application/pdf", created_by=None)
    session.add(file)
    session.flush()
    dossier = Dossier(
        nomination_id=nomination.id, firm_id=nomination.firm_id, number="N1", verification_code="C1",
        state=DossierState.RENDERED, context={}, context_digest="0" * 64, file_id=file.id, sha256="0" * 64, pages=3,
        requested_by_name="测试", rendered_at=file.created_at,
    )  # fmt: skip
    session.add(dossier)
    session.commit()
    return dossier


@pytest.mark.parametrize("table", KEPT)
def test_a_table_is_not_emptied_and_no_row_replaced(database: Database, fact: Fact, table: str) -> None:
    if not database.is_sqlite:
        refused(database, f"TRUNCATE {table} CASCADE")
        return
    with database.transaction() as session:
        statement = text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = :name")
        assert session.scalar(statement, {"name": f"{table}_not_replaced"}) == 1
    if table in {"claim", "fact", "audit_event"}:  # those with rows here
        refused(database, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608 - our own words
