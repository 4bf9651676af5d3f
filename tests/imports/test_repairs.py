"""Working through a batch: cells, decisions and reasons; the sums follow, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.models import AuditEvent
from app.core.db import Database
from app.core.errors import Conflict, Invalid, Refused
from app.facts.models import Claim, ClaimState
from app.files.store import FileStore
from app.firms.models import Firm
from app.imports import applying, confirmation, queries, repairs, service
from app.imports.cells.kept import count_stated
from app.imports.models import BatchState, CellEdit, Decision, ImportBatch, ImportRow, RowOutcome
from app.imports.offers import offers
from app.imports.problem import Kind, Level
from app.imports.repairs import Writing
from tests.factories.facts import make_fact
from tests.factories.firms import make_firm
from tests.factories.imports import outcomes, staged, table
from tests.support.people import People

BAD = [["虚构甲公司", "", "12", "3,0O0", "7"], ["虚构乙公司", "", "9", "4,0O0", "8"], ["虚构丙公司", "", "5", "1", "6"]]


@contextmanager
def working(database: Database, batch: ImportBatch, by: Actor) -> Iterator[tuple[Session, ImportBatch]]:
    with database.transaction() as session:
        yield session, queries.batch(session, batch.id, for_=by, lock=True)


def row_of(database: Database, batch: ImportBatch, number: int) -> ImportRow:
    with database.session() as session:
        return session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.row == number)).one()


def reconciles(database: Database, batch: ImportBatch) -> None:
    """The sums that are shown are those of the rows, over all and by sheet; so are the groups of problems."""
    with database.session() as session:
        kept = session.get_one(ImportBatch, batch.id)
        rows = session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id)).all()
        told = [problem for row in rows for problem in row.problems]
        by_sheet: dict[str, dict[str, int]] = {}
        for row in rows:
            counts = by_sheet.setdefault(row.sheet, {})
            counts[row.outcome.value] = counts.get(row.outcome.value, 0) + 1
        assert kept.counts == {one.value: sum(row.outcome is one for row in rows) for one in RowOutcome}
        assert {sheet["name"]: sheet["counts"] for sheet in kept.report["sheets"] if sheet["counts"]} == by_sheet
        kinds = {one["kind"] for one in told}
        assert kept.report["kinds"] == {kind: sum(one["kind"] == kind for one in told) for kind in kinds}
        assert kept.report["stated"] == sum(count_stated(row.stated) for row in rows)
        assert kept.report["asks"] == sum(len([key for key in row.asks.split(",") if key]) for row in rows)


def test_a_cell_is_mended_kept_and_taken_back(database: Database, store: FileStore, importer: Actor) -> None:
    batch = staged(database, store, table(BAD), by=importer)
    assert outcomes(database, batch)[1:] == ["review", "review", "new"]
    row = row_of(database, batch, 2)
    with working(database, batch, importer) as (session, mine):
        repairs.write_cell(session, mine, Writing(row.id, "D", "3,000"), by=importer, version=1, why="字母 O 误作 0")
    assert outcomes(database, batch)[1:] == ["new", "review", "new"]
    reconciles(database, batch)
    mended = row_of(database, batch, 2)
    assert (mended.cells["D"], mended.edited["D"]["new"], mended.version) == ("3,0O0", "3,000", 2)
    with working(database, batch, importer) as (session, mine):
        service.rehearse(session, mine, by=importer)
    assert outcomes(database, batch)[1:] == ["new", "review", "new"]
    reconciles(database, batch)
    with working(database, batch, importer) as (session, mine):
        repairs.take_back(session, mine, row.id, "D", by=importer, version=2)
    assert outcomes(database, batch)[1:] == ["review", "review", "new"]
    reconciles(database, batch)
    with database.session() as session:
        edits = session.scalars(select(CellEdit).order_by(CellEdit.id)).all()
        assert [(one.old, one.new, one.why) for one in edits] == [
            ("3,0O0", "3,000", "字母 O 误作 0"),
            ("3,000", "3,0O0", "撤回修改"),
        ]
        logged = session.scalars(
            select(AuditEvent).where(AuditEvent.action == Action.IMPORT_EDIT).order_by(AuditEvent.id)
        ).all()
        assert logged[0].changes == {"表!D2": ["3,0O0", "3,000"]}


def test_two_people_at_one_row_do_not_overwrite_each_other(
    database: Database, store: FileStore, importer: Actor, reviewer: Actor
) -> None:
    batch = staged(database, store, table(BAD), by=importer)
    row = row_of(database, batch, 2)
    with working(database, batch, importer) as (session, mine):
        repairs.write_cell(session, mine, Writing(row.id, "D", "3000"), by=importer, version=1)
    with working(database, batch, reviewer) as (session, mine), pytest.raises(Conflict, match="已被他人修改"):
        repairs.write_cell(session, mine, Writing(row.id, "D", "9"), by=reviewer, version=1)
    assert row_of(database, batch, 2).edited["D"]["new"] == "3000"


def test_all_alike_are_repaired_by_one_click(database: Database, store: FileStore, importer: Actor) -> None:
    batch = staged(database, store, table(BAD), by=importer)
    with working(database, batch, importer) as (session, mine):
        (name,) = mine.report["alike"]
        kind, likeness = name.split("/")
        assert repairs.repair(session, mine, kind=kind, likeness=likeness, by=importer) == 2
    assert outcomes(database, batch)[1:] == ["new", "new", "new"]
    reconciles(database, batch)
    with working(database, batch, importer) as (session, mine), pytest.raises(Conflict, match="已经处理完"):
        repairs.repair(session, mine, kind=kind, likeness=likeness, by=importer)


def test_what_a_corrected_figure_says_of_itself(
    database: Database, store: FileStore, session: Session, importer: Actor, reviewer: Actor
) -> None:
    batch = staged(database, store, table(BAD[:1]), by=importer)
    row = row_of(database, batch, 2)
    with working(database, batch, importer) as (writing, mine):
        repairs.write_cell(writing, mine, Writing(row.id, "D", "3000"), by=importer, version=1)
        confirmation.submit(writing, mine, by=importer)
    with working(database, batch, reviewer) as (writing, mine):
        applying.apply(writing, mine, by=reviewer)
    claim = session.scalars(select(Claim).where(Claim.key == "rd_expense_audit")).one()
    assert claim.number == 3000
    assert {name: claim.reference[name] for name in ("cell", "original", "corrected", "corrected_by")} == {
        "cell": "D2", "original": "3,0O0", "corrected": "3000", "corrected_by": "经办人甲",
    }  # fmt: skip
    assert "原文“3,0O0”，经办人甲更正" in claim.source_label
    assert claim.stated_by == importer.id


def test_doubles_are_settled_when_one_of_them_is_mended_or_left_out(
    database: Database, store: FileStore, importer: Actor
) -> None:
    rows = [["虚构甲公司", "", "1", "2", "3"], ["虚构甲公司", "", "9", "2", "3"], ["虚构乙公司", "", "1", "2", "3"]]
    batch = staged(database, store, table(rows), by=importer)
    assert outcomes(database, batch)[1:] == ["review", "review", "new"]
    second = row_of(database, batch, 3)
    with working(database, batch, importer) as (session, mine):
        repairs.decide(session, mine, second.id, Decision.SKIP, by=importer, version=1, why="旧数")
    assert outcomes(database, batch)[1:] == ["new", "set_aside", "new"]
    reconciles(database, batch)
    with working(database, batch, importer) as (session, mine):
        repairs.decide(session, mine, second.id, None, by=importer, version=2)
    assert outcomes(database, batch)[1:] == ["review", "review", "new"]
    with working(database, batch, importer) as (session, mine):
        repairs.write_cell(session, mine, Writing(second.id, "A", "虚构丁公司"), by=importer, version=3)
    assert outcomes(database, batch)[1:] == ["new", "new", "new"]
    reconciles(database, batch)


def test_a_person_says_which_firm_is_meant(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    firm = make_firm(session, name="虚构改名后公司", credit_code=None)
    session.commit()
    batch = staged(database, store, table([["虚构另一公司", "", "1", "2", "3"]]), by=importer)
    row = row_of(database, batch, 2)
    with working(database, batch, importer) as (writing, mine), pytest.raises(Invalid, match="请选择"):
        repairs.decide(writing, mine, row.id, Decision.FIRM, by=importer, version=1)
    with working(database, batch, importer) as (writing, mine):
        repairs.decide(writing, mine, row.id, Decision.FIRM, by=importer, version=1, firm_id=firm.id)
    decided = row_of(database, batch, 2)
    assert (decided.outcome, decided.firm_id) == (RowOutcome.UPDATED, firm.id)


def test_large_changes_ask_for_a_reason_that_is_kept(
    database: Database, store: FileStore, session: Session, importer: Actor, reviewer: Actor
) -> None:
    for name in ("虚构甲公司", "虚构乙公司", "虚构丙公司"):
        firm = make_firm(session, name=name, credit_code=None)
        make_fact(session, firm.id, "operating_revenue", 2024, Decimal(5000), reviewer=reviewer)
    session.commit()
    rows = [[name, "", revenue, "", ""] for name, revenue in
            (("虚构甲公司", "5200"), ("虚构乙公司", "20000"), ("虚构丙公司", "52000000"))]  # fmt: skip
    batch = staged(database, store, table(rows), by=importer)
    assert {"swing": 1, "unit_suspect": 1}.items() <= batch.report["kinds"].items()
    with working(database, batch, importer) as (writing, mine), pytest.raises(Conflict, match="还有 2 个变动异常"):
        confirmation.submit(writing, mine, by=importer)
    third = row_of(database, batch, 4)
    suspect = next(one for one in repairs.problems_of(third) if one.repair)
    assert suspect.repair == "5200万元"
    with working(database, batch, importer) as (writing, mine):
        repairs.write_cell(writing, mine, Writing(third.id, "C", suspect.repair), by=importer, version=1)
        with pytest.raises(Invalid, match="请写明原因"):
            repairs.reason_for_all(writing, mine, " ", by=importer)
        assert repairs.reason_for_all(writing, mine, "新厂投产", by=importer) == 1
        confirmation.submit(writing, mine, by=importer)
    reconciles(database, batch)
    with working(database, batch, reviewer) as (writing, mine):
        applying.apply(writing, mine, by=reviewer)
    claims = session.scalars(select(Claim).where(Claim.batch_id == batch.id).order_by(Claim.firm_id)).all()
    assert [claim.number for claim in claims] == [5200, 20000, 5200]
    assert [claim.note for claim in claims] == ["", "数值异常说明：新厂投产（经办人甲）", ""]


def test_another_person_confirms_or_returns(
    database: Database, store: FileStore, importer: Actor, reviewer: Actor
) -> None:
    batch = staged(database, store, table(BAD[2:]), by=importer)
    with working(database, batch, importer) as (session, mine):
        confirmation.submit(session, mine, by=importer, note="请确认")
    for act in (
        lambda session, mine: applying.apply(session, mine, by=importer),
        lambda session, mine: confirmation.return_for_correction(session, mine, by=importer, reason="x"),
        lambda session, mine: confirmation.take_back(session, mine, by=reviewer),
    ):
        with working(database, batch, importer) as (session, mine), pytest.raises(Refused):
            act(session, mine)
    row = row_of(database, batch, 2)
    with working(database, batch, importer) as (session, mine), pytest.raises(Conflict, match="待他人确认"):
        repairs.write_cell(session, mine, Writing(row.id, "D", "1"), by=importer, version=1)
    with working(database, batch, reviewer) as (session, mine):
        with pytest.raises(Invalid, match="请写明退回原因"):
            confirmation.return_for_correction(session, mine, by=reviewer, reason=" ")
        confirmation.return_for_correction(session, mine, by=reviewer, reason="第 2 行请核对")
    with working(database, batch, importer) as (session, mine):
        assert (mine.state, mine.return_reason) == (BatchState.STAGED, "第 2 行请核对")
        confirmation.submit(session, mine, by=importer)
    with working(database, batch, reviewer) as (session, mine):
        applying.apply(session, mine, by=reviewer)
        assert (mine.state, mine.applied_by_name) == (BatchState.APPLIED, reviewer.name)


def test_blank_fields_of_a_firm_are_filled_and_nothing_is_overwritten(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    make_firm(session, name="虚构甲公司", credit_code=None, address="")
    make_firm(session, name="虚构乙公司", credit_code=None, address="原有地址")
    session.commit()
    rows = [["虚构甲公司", "新址一号"], ["虚构乙公司", "新址二号"]]
    batch = staged(database, store, table(rows, header=["企业名称", "注册地址"]), by=importer)
    with working(database, batch, importer) as (writing, mine):
        confirmation.submit(writing, mine, by=importer)
        applying.apply(writing, mine, by=importer, alone=True)
    found = dict(session.execute(select(Firm.name, Firm.address)).all())
    assert found == {"虚构甲公司": "新址一号", "虚构乙公司": "原有地址"}
    assert session.scalar(select(func.count()).select_from(Claim).where(Claim.state == ClaimState.ACCEPTED)) == 0


def test_one_click_chooses_the_only_firm_of_each_row_of_a_page(
    app: Flask, people: People, database: Database, store: FileStore, session: Session
) -> None:
    """Offices leave 有限公司 away: hundreds of rows, each with one firm that it may mean, all seen on the page."""
    who = people.caseworker(name="经办人甲")
    for name in "甲乙":
        make_firm(session, name=f"虚构{name}电器有限公司")
    session.commit()
    rows = [["虚构甲电器", "", "12", "", ""], ["虚构乙电器", "", "9", "", ""], ["虚构丁公司", "", "5", "", ""]]
    batch = staged(database, store, table(rows), by=who.as_actor())
    assert outcomes(database, batch) == ["skipped", "review", "review", "new"]
    browser = people.browser(who)
    browser.get(f"/office/imports/{batch.id}?kind=ambiguous")
    assert "营业收入 12 万元" in browser.text
    again = browser.page.select_one("form:has([name=choice])")
    choices = [str(one["value"]) for one in again.select("[name=choice]")] if again else []
    assert len(choices) == 2
    browser.post(f"/office/imports/{batch.id}/decide-together", {"kind": "ambiguous", "choice": choices})
    assert "已为 2 行选定企业" in browser.text
    assert outcomes(database, batch) == ["skipped", "updated", "updated", "new"]
    reconciles(database, batch)
    browser.post(f"/office/imports/{batch.id}/decide-together", {"choice": choices}, expect=409)
    assert "已被他人修改" in browser.text


def test_a_ruined_code_is_answered_by_choosing_the_firm(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    """By the name, or by the digits that a spreadsheet left of the code; a person chooses, nothing is guessed."""
    named = make_firm(session, name="虚构甲电器有限公司", credit_code="91440703MA4UXN3T1E")
    by_digits = make_firm(session, name="虚构乙电器有限公司", credit_code="91440703123456789Q")
    session.commit()
    rows = [["虚构甲电器有限公司", "9.14407E+17", "12", "", ""], ["新名字", "914407031234567000", "9", "", ""]]
    batch = staged(database, store, table(rows), by=importer)
    with working(database, batch, importer) as (writing, kept):
        found = {row.row: row for row in queries.all_rows(writing, kept.id) if row.name}
        offered = offers(writing, [found[2], found[3]], for_=importer)
        told = {row.row: [(one.firm_id, str(one.how)) for one in offered[row.id]] for row in found.values()}
        assert told == {2: [(named.id, "名称相同")], 3: [(by_digits.id, "代码前几位相同")]}
        firm = {"decision": Decision.FIRM, "firm_id": by_digits.id}
        repairs.decide(writing, kept, found[3].id, by=importer, version=found[3].version, **firm)
    assert outcomes(database, batch) == ["skipped", "review", "updated"]
    assert [one.level for one in repairs.problems_of(row_of(database, batch, 3)) if one.kind is Kind.CODE] == [
        Level.WARNING
    ]
    reconciles(database, batch)
