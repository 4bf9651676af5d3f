"""Reading a file in another way keeps what persons wrote, decided and explained; nothing typed is lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.access.actor import Actor
from app.core.db import Database
from app.core.errors import Conflict, Refused
from app.facts import service as facts
from app.facts.models import Claim
from app.files.store import FileStore
from app.imports import queries, repairs, template, work
from app.imports.layouts.layout import Layout
from app.imports.mapping import service as mapping
from app.imports.models import CellEdit, Decision, ImportBatch, ImportRow
from app.imports.repairs import Writing
from app.sheets.read import read_workbook
from app.sheets.write import Watermark
from tests.factories.facts import make_fact
from tests.factories.firms import make_firm
from tests.factories.imports import HEADER, outcomes, staged, workbook
from tests.imports.test_repairs import reconciles, row_of, working

pytestmark = pytest.mark.usefixtures("in_process")

ROWS = [["虚构甲公司", "", "12", "3,0O0", "7"], ["虚构乙公司", "", "9", "4", "8"], ["虚构丙公司", "", "500", "1", "6"]]
OTHER = [["虚构丁公司", "", "9", "4", "8"]]


def worked_on(database: Database, store: FileStore, by: Actor, reviewer: Actor) -> ImportBatch:
    with database.transaction() as session:
        firm = make_firm(session, name="虚构丙公司")
        make_fact(session, firm.id, "operating_revenue", 2024, Decimal(100), reviewer=reviewer)
    book = workbook({"表": [list(HEADER), *ROWS], "另表": [list(HEADER), *OTHER]})
    batch = staged(database, store, book, by=by, name="表.xlsx")
    numbers = {number: row_of(database, batch, number).id for number in (3, 4)}
    mended = in_sheet(database, batch, "表", 2)
    with working(database, batch, by) as (session, mine):
        repairs.write_cell(session, mine, Writing(mended.id, "D", "3,000"), by=by, version=1, why="字母 O")
        repairs.decide(session, mine, numbers[3], Decision.SKIP, by=by, version=1, why="重复报送")
        repairs.give_reason(session, mine, numbers[4], "operating_revenue", "并购", by=by, version=1)
    return batch


def in_sheet(database: Database, batch: ImportBatch, sheet: str, number: int) -> ImportRow:
    with database.session() as session:
        return queries.row_at(session, batch.id, sheet, number)


def read_again(database: Database, store: FileStore, batch: ImportBatch, by: Actor, sheets: list[str]) -> None:
    with working(database, batch, by) as (session, mine):
        layouts = {name: Layout.from_json(kept) for name, kept in batch.layouts.items() if name in sheets}
        mapping.read_as(session, mine, mapping.Said(mine.profile, mine.year, layouts), by=by)
    work.stage(database, store, batch.id, by=by)


def test_edits_decisions_and_reasons_survive_another_reading(
    database: Database, store: FileStore, importer: Actor, reviewer: Actor
) -> None:
    batch = worked_on(database, store, importer, reviewer)
    before = outcomes(database, batch)
    read_again(database, store, batch, importer, ["表", "另表"])
    assert outcomes(database, batch) == before
    reconciles(database, batch)
    mended, skipped, odd = (in_sheet(database, batch, "表", number) for number in (2, 3, 4))
    assert (mended.cells["D"], mended.edited["D"]["new"]) == ("3,0O0", "3,000")
    assert (skipped.decision, skipped.decided_why) == (Decision.SKIP, "重复报送")
    assert odd.reasons["operating_revenue"]["text"] == "并购"
    assert odd.asks == ""
    with database.session() as reading:
        edits = reading.scalars(select(CellEdit)).all()
        assert [(one.old, one.new, one.why, one.edited_by) for one in edits] == [
            ("3,0O0", "3,000", "字母 O", importer.id)
        ]
        assert reading.get_one(ImportBatch, batch.id).report["carried"] == []


def test_what_finds_no_row_waits_for_the_next_reading(
    database: Database, store: FileStore, importer: Actor, reviewer: Actor
) -> None:
    batch = worked_on(database, store, importer, reviewer)
    read_again(database, store, batch, importer, ["另表"])
    with database.session() as reading:
        assert len(reading.get_one(ImportBatch, batch.id).report["carried"]) == 3
    read_again(database, store, batch, importer, ["表"])
    assert in_sheet(database, batch, "表", 2).edited["D"]["new"] == "3,000"
    reconciles(database, batch)


def test_a_page_opened_before_the_reading_does_not_write_into_the_rows_after_it(
    database: Database, store: FileStore, importer: Actor, reviewer: Actor
) -> None:
    batch = worked_on(database, store, importer, reviewer)
    read_again(database, store, batch, importer, ["另表"])
    row = in_sheet(database, batch, "另表", 2)
    with working(database, batch, importer) as (writing, mine), pytest.raises(Conflict, match="已被他人修改"):
        repairs.write_cell(writing, mine, Writing(row.id, "D", "9"), by=importer, version=1)


def test_the_table_of_failed_rows_holds_what_was_mended(database: Database, store: FileStore, importer: Actor) -> None:
    bad = workbook({"表": [list(HEADER), ["虚构甲公司", "", "1O", "3,0O0", "7"]]})
    batch = staged(database, store, bad, by=importer, name="表.xlsx")
    with working(database, batch, importer) as (session, mine):
        row = queries.row_at(session, mine.id, "表", 2)
        repairs.write_cell(session, mine, Writing(row.id, "D", "3,000"), by=importer, version=1)
    with database.session() as session:
        kept = session.get_one(ImportBatch, batch.id)
        rows = queries.failed_rows(session, batch.id)
        content = template.failed_rows(kept, rows, str, watermark=Watermark("经办人甲", batch.staged_at))
    texts = [cell.raw for line in read_workbook(content, "x.xlsx").sheets[0].rows for cell in line.cells]
    assert "3,000" in texts
    assert "3,0O0" not in texts


def test_what_a_reviewer_wrote_into_the_cell_of_a_colleague_he_does_not_accept_himself(
    database: Database, store: FileStore, importer: Actor, reviewer: Actor
) -> None:
    batch = staged(database, store, workbook({"表": [list(HEADER), ROWS[0]]}), by=importer, name="表.xlsx")
    row = in_sheet(database, batch, "表", 2)
    with working(database, batch, reviewer) as (session, mine):
        repairs.write_cell(session, mine, Writing(row.id, "D", "3,000"), by=reviewer, version=1)
    work.apply(database, batch.id, by=importer, alone=True)
    with database.transaction() as session:
        claims = {one.raw: one for one in session.scalars(select(Claim))}
        with pytest.raises(Refused, match="由您本人填报"):
            facts.accept(session, claims["3,000"], by=reviewer)
        report = facts.accept_many(session, [one.id for one in claims.values()], by=reviewer)
        assert [one.claim_id for one in report.refused] == [claims["3,000"].id]
        assert len(report.accepted) == 2
