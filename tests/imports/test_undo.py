"""Undo is the exact inverse, or refuses with the list of what would be lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.models import AuditEvent
from app.core.db import Database
from app.core.errors import Conflict, Invalid
from app.facts import service as facts
from app.facts.models import Claim, ClaimState
from app.files.store import FileStore
from app.firms import registry
from app.firms import service as firms
from app.firms.models import Firm, NameOffer
from app.imports import losses, queries, undo
from app.imports.models import BatchState, ImportBatch
from tests.factories.firms import make_firm
from tests.factories.imports import applied, listed_csv, listed_row, table

TWO = listed_csv([listed_row(1), listed_row(2)])


def _undo(database: Database, batch: ImportBatch, by: Actor, reason: str = "传错了文件") -> None:
    with database.transaction() as session:
        undo.undo(session, queries.batch(session, batch.id, for_=by, lock=True), by=by, reason=reason)


def test_what_was_created_is_gone_and_what_was_there_is_as_before(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    firm = make_firm(session, name="虚构原有公司")
    rows = [["虚构原有公司", "", "1", "2", "3"], ["虚构新公司", "", "1", "2", "3"]]
    batch = applied(database, store, table(rows), by=importer)
    _undo(database, batch, importer)
    session.expire_all()
    assert session.scalars(select(Firm.id)).all() == [firm.id]
    left = session.scalars(select(Claim)).all()
    assert {(claim.firm_id, claim.state) for claim in left} == {(firm.id, ClaimState.WITHDRAWN)}
    kept = session.scalars(select(ImportBatch)).one()
    assert (kept.state, kept.undone_by_name, kept.undo_reason) == (BatchState.UNDONE, importer.name, "传错了文件")
    assert session.scalars(select(AuditEvent.action).order_by(AuditEvent.id.desc())).first() is Action.IMPORT_UNDO


def test_after_an_undo_the_file_can_be_imported_again(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    _undo(database, applied(database, store, TWO, by=importer), importer)
    again = applied(database, store, TWO, by=importer)
    assert again.counts["new"] == 2
    assert not queries.earlier(session, again)


def test_what_the_log_says_of_a_firm_that_is_gone_is_not_told_of_the_next_one(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    _undo(database, applied(database, store, TWO, by=importer), importer)
    firm = make_firm(session, name="虚构后来公司")
    told = session.scalars(select(AuditEvent.action).where(AuditEvent.firm_id == firm.id)).all()
    assert told == [Action.FIRM_CREATE]


def test_an_undo_needs_a_reason_and_happens_once(database: Database, store: FileStore, importer: Actor) -> None:
    batch = applied(database, store, TWO, by=importer)
    with pytest.raises(Invalid, match="请写明撤销原因"):
        _undo(database, batch, importer, reason=" ")
    _undo(database, batch, importer)
    with pytest.raises(Conflict, match="状态是“已撤销”"):
        _undo(database, batch, importer)


def test_accepted_and_rejected_figures_forbid_it(
    database: Database, store: FileStore, session: Session, importer: Actor, reviewer: Actor
) -> None:
    batch = applied(database, store, TWO, by=importer)
    by_key = {claim.key: claim for claim in session.scalars(select(Claim).order_by(Claim.id.desc()))}
    session.commit()
    with database.transaction() as writing:
        facts.accept(writing, by_key["operating_revenue"], by=reviewer)
        facts.reject(writing, by_key["employees_total"], by=reviewer, note="不对")
    with pytest.raises(Conflict) as error:
        _undo(database, batch, importer)
    told = str(error.value.message)
    assert "1 个数据已核定：虚构上市样例1号股份有限公司“营业收入 2025 年”（审核人乙）" in told
    assert "1 个数据已退回" in told
    assert "1 家企业已有核定值" in told
    session.expire_all()
    assert len(session.scalars(select(Firm)).all()) == 2
    assert session.scalars(select(ImportBatch.state)).one() is BatchState.APPLIED


def test_later_work_on_a_new_firm_forbids_it(
    database: Database, store: FileStore, session: Session, importer: Actor, reviewer: Actor
) -> None:
    batch = applied(database, store, TWO, by=importer)
    one, two = session.scalars(select(Firm).order_by(Firm.id)).all()
    session.commit()
    with database.transaction() as writing:
        firms.set_roster(writing, one.id, 2025, True, source="区统计局 2025 年名录", by=reviewer)
        changed = writing.get_one(Firm, two.id)
        firms.add_former_name(writing, changed, "虚构旧名", until=None, by=reviewer)
    applied(database, store, listed_csv([listed_row(1, employees="9")]), by=importer)
    with pytest.raises(Conflict) as error:
        _undo(database, batch, importer)
    told = str(error.value.message)
    assert "1 家企业已有规上名录：虚构上市样例1号股份有限公司" in told
    assert "1 家企业档案已被修改：虚构上市样例2号股份有限公司" in told
    assert "1 家企业另有来源填报了数据：虚构上市样例1号股份有限公司" in told


def _known_by_another_name(database: Database, store: FileStore, by: Actor, revenue: int) -> ImportBatch:
    header = ("企业名称", "证券代码", "营业收入（万元）")
    return applied(database, store, table([("虚构新名公司", "000999", revenue)], header=header), by=by)


def test_names_that_an_import_offered_go_with_it_and_what_other_imports_say_stays(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    make_firm(session, name="虚构原名公司", security_code="000999")
    first, second = (_known_by_another_name(database, store, importer, revenue) for revenue in (1, 2))
    _undo(database, first, importer)
    session.expire_all()
    assert [one.batch_id for one in session.scalars(select(NameOffer))] == [second.id]
    session.rollback()
    _undo(database, second, importer)
    assert session.scalars(select(NameOffer)).all() == []
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert event.changes["withdrawn_offers"] == [None, 1]


def test_what_a_person_decided_on_an_offered_name_stays_and_is_named(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    firm = make_firm(session, name="虚构原名公司", security_code="000999")
    batch = _known_by_another_name(database, store, importer, 1)
    (offer,) = registry.open_offers(session, firm.id)
    registry.decline_name(session, firm, offer, reason="表中笔误", by=importer)
    session.commit()
    told = [str(one) for one in losses.stays(session, batch)]
    assert told == [f"“虚构原名公司”的更名提示“虚构新名公司”已由{importer.name}处理：表中笔误"]
    _undo(database, batch, importer)
    session.expire_all()
    assert [one.decision for one in session.scalars(select(NameOffer))] == ["表中笔误"]


def test_a_name_decided_on_for_a_new_firm_forbids_removing_it(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    batch = applied(database, store, TWO, by=importer)
    firm = session.scalars(select(Firm).order_by(Firm.id)).first()
    assert firm is not None
    registry.offer_names(session, [(firm.id, "虚构他名", "区统计局")])
    session.commit()
    with pytest.raises(Conflict, match="1 家企业已有更名提示"):
        _undo(database, batch, importer)


def test_what_was_filled_in_is_taken_out_and_what_somebody_changed_since_stays_and_is_named(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    first, second = (make_firm(session, name=f"虚构{one}公司", credit_code=None, town=None) for one in "甲乙")
    rows = [["虚构甲公司", "新址一号", "杜阮镇"], ["虚构乙公司", "新址二号", "杜阮镇"]]
    batch = applied(database, store, table(rows, header=["企业名称", "注册地址", "镇街"]), by=importer)
    with database.transaction() as writing:
        changed = writing.get_one(Firm, second.id)
        draft = replace(firms.draft_of(changed, []), address="核实后的地址")
        firms.edit(writing, changed, draft, by=importer, version=changed.version)
    session.expire_all()
    assert [str(one) for one in losses.stays(session, batch)] == ["“虚构乙公司”的注册地址导入后已由人改动"]
    session.rollback()
    _undo(database, batch, importer)
    session.expire_all()
    assert [(one.address, one.town) for one in (first, second)] == [("", None), ("核实后的地址", None)]
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert event.changes["emptied_fields"] == [None, 3]
