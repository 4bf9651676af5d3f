"""The firm's locker: kept once, reused, replaced, declared wrong; what leans on a file is one click away."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor, Reach
from app.access.roles import Role
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.facts import locker, service
from app.facts.documents import queries
from app.facts.locker import Upload
from app.facts.models import Claim, Document, DocumentKind, Evidence, SourceKind
from app.files.models import StoredFile
from app.files.store import FileStore
from app.firms.models import Firm
from tests.factories.facts import make_claim
from tests.factories.firms import make_firm
from tests.facts.samples import JPEG, PDF, PNG
from tests.support.people import People


def test_the_same_file_is_kept_once_and_supports_many_claims(
    session: Session, firm: Firm, caseworker: Actor, store: FileStore
) -> None:
    claims = [make_claim(session, firm.id, year=year) for year in (2023, 2024, 2025)]
    first = service.attach(session, store, claims[0], Upload("审计.pdf", PDF, kind=DocumentKind.AUDIT), by=caseworker)
    service.attach(session, store, claims[1], Upload("审计报告副本.pdf", PDF), by=caseworker)
    document = session.get_one(Document, first.document_id)
    service.attach_document(session, claims[2], document, by=caseworker)
    assert len(session.scalars(select(StoredFile)).all()) == 1
    shown = queries.locker(session, firm.id, for_=caseworker)
    assert [(one.title, one.kind, one.claims) for one in shown] == [("审计.pdf", DocumentKind.AUDIT, 3)]
    with pytest.raises(Invalid, match="已附有"):
        service.attach_document(session, claims[2], document, by=caseworker)


def test_another_firm_has_a_locker_of_its_own(
    session: Session, firm: Firm, caseworker: Actor, store: FileStore
) -> None:
    other = make_firm(session)
    mine = locker.keep(session, store, firm.id, Upload("a.pdf", PDF), by=caseworker)
    theirs = locker.keep(session, store, other.id, Upload("a.pdf", PDF), by=caseworker)
    assert mine.id != theirs.id
    with pytest.raises(Invalid, match="没有找到"):
        service.attach_document(session, make_claim(session, firm.id), theirs, by=caseworker)


def test_a_newer_file_takes_the_place_and_the_old_one_stays_where_it_was_used(
    session: Session, firm: Firm, caseworker: Actor, store: FileStore
) -> None:
    claim = make_claim(session, firm.id)
    old = session.get_one(
        Document, service.attach(session, store, claim, Upload("旧.pdf", PDF), by=caseworker).document_id
    )
    new = locker.replace(session, store, old, Upload("新.png", PNG), by=caseworker)
    assert [int(value) for value, _label in queries.usable(session, firm.id, for_=caseworker)] == [new.id]
    assert session.scalars(select(Evidence.document_id)).all() == [old.id]
    with pytest.raises(Conflict, match="更新的版本"):
        service.attach_document(session, make_claim(session, firm.id, year=2024), old, by=caseworker)


def test_an_older_version_brought_again_counts_again(
    session: Session, firm: Firm, caseworker: Actor, store: FileStore
) -> None:
    """Two versions never replace each other: one of them can be used."""
    first = locker.keep(session, store, firm.id, Upload("a.pdf", PDF), by=caseworker)
    second = locker.replace(session, store, first, Upload("b.png", PNG), by=caseworker)
    third = locker.replace(session, store, second, Upload("a.pdf", PDF), by=caseworker)
    assert (third.id, third.replaced_by, second.replaced_by) == (first.id, None, first.id)
    service.attach_document(session, make_claim(session, firm.id), third, by=caseworker)


def test_two_who_replace_the_same_document_at_once_do_not_both_succeed(
    app: Flask, session: Session, firm: Firm, caseworker: Actor, store: FileStore
) -> None:
    first = locker.keep(session, store, firm.id, Upload("a.pdf", PDF), by=caseworker)
    second = locker.keep(session, store, firm.id, Upload("b.png", PNG), by=caseworker)
    session.commit()
    with app.extensions["yuqi_database"].transaction() as faster:
        locker.replace(faster, store, faster.get_one(Document, second.id), Upload("a.pdf", PDF), by=caseworker)
    with pytest.raises(Conflict):  # the first stands for the second now
        locker.replace(session, store, second, Upload("c.jpg", JPEG), by=caseworker)
    session.rollback()
    locker.replace(session, store, first, Upload("c.jpg", JPEG), by=caseworker)


def test_validity_is_told_by_the_day(session: Session, firm: Firm, caseworker: Actor, store: FileStore) -> None:
    today = clock.today()
    document = locker.keep(session, store, firm.id, Upload("a.pdf", PDF, valid_until=today), by=caseworker)
    session.refresh(document, ["file"])
    assert queries.shown(document).trouble == ""
    document.valid_until = today - timedelta(days=1)
    assert queries.shown(document).trouble == "expired"
    with pytest.raises(Invalid, match="有效期止早于"):
        locker.describe(
            session, document, by=caseworker, title="a", kind=DocumentKind.AUDIT, valid_from=date(2026, 2, 1),
            valid_until=date(2026, 1, 1),
        )  # fmt: skip


def test_a_firm_sees_and_reuses_only_what_it_put_there(
    session: Session, firm: Firm, caseworker: Actor, store: FileStore, people: People
) -> None:
    session.commit()
    user = people.make(Role.FIRM_FILLER, firm_id=firm.id)
    secret = locker.keep(session, store, firm.id, Upload("核查记录.pdf", PDF), by=caseworker)
    filler = user.as_actor()
    claim = make_claim(session, firm.id, by=filler, source_kind=SourceKind.FIRM)
    later = make_claim(session, firm.id, year=2024, by=filler, source_kind=SourceKind.FIRM)
    session.commit()
    browser = people.browser(user)
    browser.get(f"/portal/facts/claims/{claim.id}")
    assert "核查记录" not in browser.text
    browser.get(f"/portal/facts/documents/{secret.id}/file", expect=404)
    browser.get(f"/portal/facts/claims/{claim.id}")
    browser.post(f"/portal/facts/claims/{claim.id}/evidence", {"document": str(secret.id)}, expect=422)
    browser.post(
        f"/portal/facts/claims/{claim.id}/evidence",
        {"file": (io.BytesIO(PNG), "营业执照.png"), "kind": "licence", "valid_until": "2030-01-31"},
    )
    browser.get(f"/portal/facts/claims/{later.id}")
    own = session.scalars(select(Document).where(Document.by_firm)).one()
    browser.post(f"/portal/facts/claims/{later.id}/evidence", {"document": str(own.id)})
    browser.get("/portal/facts/documents/")
    assert "至 2030-01-31" in browser.text
    assert browser.text.count("（待审核）") == 2
    assert len(session.scalars(select(StoredFile)).all()) == 2


def test_a_file_declared_wrong_marks_what_leans_on_it_and_changes_nothing(
    session: Session, firm: Firm, reviewer: Actor, caseworker: Actor, store: FileStore, people: People
) -> None:
    session.commit()
    filler = people.make(Role.FIRM_FILLER, firm_id=firm.id).as_actor()
    far = people.caseworker(reach=Reach.TOWNS, towns=["hetang"]).as_actor()
    claim = make_claim(session, firm.id, value=Decimal(500))
    evidence = service.attach(session, store, claim, Upload("审计报告.pdf", PDF), by=caseworker)
    fact = service.accept(session, claim, by=reviewer)
    document = session.get_one(Document, evidence.document_id)
    with pytest.raises(Refused):
        locker.withdraw(session, document, by=filler, why="x")
    session.commit()
    browser = people.browser(people.reviewer())
    browser.get(f"/office/facts/documents/{document.id}/withdraw")
    browser.submit({"why": ""}, form="form.x-form", expect=422)
    browser.submit({"why": "会计师事务所已撤销该报告"}, form="form.x-form")
    assert "数据 1 条，核定值 1 个" in browser.text
    browser.get(f"/office/firms/{firm.id}/figures")
    assert "佐证材料已认定有误，请复核" in browser.text
    session.expire_all()
    assert session.get_one(Claim, claim.id).state.value == "accepted"
    assert fact.superseded_at is None
    with pytest.raises(Invalid, match="不能再作佐证"):
        locker.keep(session, store, firm.id, Upload("又来.pdf", PDF), by=caseworker)
    with pytest.raises(NotFound):
        queries.document(session, document.id, for_=far)
