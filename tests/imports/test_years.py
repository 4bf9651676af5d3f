"""A table with rows of several years: the firm is created once, each year has its figures, undo takes it all out."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.db import Database
from app.core.text import message_from_json
from app.facts.models import Claim, ClaimState
from app.files.store import FileStore
from app.firms.models import Firm
from app.firms.taxonomy import Town
from app.imports import applying, queries, undo
from app.imports.models import BatchState
from tests.factories.firms import make_firm
from tests.factories.imports import applied, table

HEADER = ("企业名称", "年份", "注册地址", "营业收入（万元）", "研发费用（万元）")
ROWS = [["虚构甲公司", "2023", "虚构路1号", "100.5", "7"], ["虚构甲公司", "2024", "虚构路2号", "120.5", "8"]]


@pytest.mark.parametrize("at_once", [1, 500])
def test_a_new_firm_of_two_years_is_created_once(
    database: Database,
    store: FileStore,
    session: Session,
    importer: Actor,
    monkeypatch: pytest.MonkeyPatch,
    at_once: int,
) -> None:
    monkeypatch.setattr(applying, "CHUNK", at_once)
    batch = applied(database, store, table(ROWS, header=HEADER), by=importer)
    assert (batch.counts["new"], batch.counts["updated"]) == (1, 1)
    firm = session.scalars(select(Firm)).one()
    said = session.execute(select(Claim.firm_id, Claim.key, Claim.year).order_by(Claim.id)).all()
    assert len(said) == len(set(said)) == 4
    assert {row.firm_id for row in said} == {firm.id}
    session.rollback()
    with database.transaction() as writing:
        undo.undo(writing, queries.batch(writing, batch.id, for_=importer, lock=True), by=importer, reason="传错了")
    assert session.scalars(select(Firm.id)).all() == []


@pytest.mark.parametrize("at_once", [1, 500])
def test_rows_of_one_firm_do_not_see_what_each_other_writes(
    database: Database,
    store: FileStore,
    session: Session,
    importer: Actor,
    monkeypatch: pytest.MonkeyPatch,
    at_once: int,
) -> None:
    """The address that the first row fills in is no change of the register since the rehearsal."""
    monkeypatch.setattr(applying, "CHUNK", at_once)
    firm = make_firm(session, name="虚构甲公司", address="")
    batch = applied(database, store, table(ROWS, header=HEADER), by=importer)
    assert (batch.state, batch.counts["updated"]) == (BatchState.APPLIED, 2)
    session.expire_all()
    assert session.get_one(Firm, firm.id).address == "虚构路1号"
    session.rollback()
    with database.transaction() as writing:
        undo.undo(writing, queries.batch(writing, batch.id, for_=importer, lock=True), by=importer, reason="传错了")
    session.expire_all()
    assert session.get_one(Firm, firm.id).address == ""
    assert {*session.scalars(select(Claim.state))} == {ClaimState.WITHDRAWN}


def test_a_table_that_puts_a_firm_into_another_town_says_so_and_leaves_the_register(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    make_firm(session, name="虚构甲公司", town=Town.HUANSHI)
    rows = [["虚构甲公司", "潮连街道", "100.5"]]
    batch = applied(database, store, table(rows, header=("企业名称", "所属镇街", "营业收入（万元）")), by=importer)
    told = [problem["text"] for row in queries.all_rows(session, batch.id) for problem in row.problems
            if problem["kind"] == "record"]  # fmt: skip
    assert [str(message_from_json(text)) for text in told] == [
        "第 2 行“虚构甲公司”：企业档案中的所属镇街是“环市街”，表中是“潮连街”；导入不改档案，确有变动请到企业页面办理"
    ]
    session.expire_all()
    assert session.scalars(select(Firm.town)).all() == [Town.HUANSHI]
