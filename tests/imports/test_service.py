"""Stage, rehearse, apply: nothing live before the end, all or nothing, the same file twice changes nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor, Reach
from app.access.towns import Town
from app.audit.models import AuditEvent
from app.core.db import Database
from app.core.errors import Conflict, Invalid
from app.core.text import message_from_json
from app.facts import service as facts
from app.facts import stating
from app.facts.models import Claim, ClaimState
from app.files.models import StoredFile
from app.files.store import FileStore
from app.firms.models import Firm
from app.imports import applying, queries, repairs, service, work
from app.imports.applying import RehearsalOutdated
from app.imports.models import BatchState, Decision, ImportBatch, ImportRow, RowOutcome
from tests.factories.facts import make_fact
from tests.factories.firms import credit_code, make_firm
from tests.factories.imports import (
    FIGURES,
    applied,
    listed_csv,
    listed_row,
    messages,
    outcomes,
    staged,
    submitted,
    table,
    workbook,
)
from tests.support.people import People

FIVE = listed_csv(listed_row(number) for number in range(1, 6))


def _count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_staging_writes_nothing_live(database: Database, store: FileStore, session: Session, importer: Actor) -> None:
    batch = staged(database, store, FIVE, by=importer)
    assert (batch.state, batch.counts["new"], batch.counts["skipped"]) == (BatchState.STAGED, 5, 1)
    assert (_count(session, Firm), _count(session, Claim)) == (0, 0)
    assert outcomes(database, batch) == ["skipped", *["new"] * 5]


def test_applying_creates_firms_and_states_figures_with_the_way_back(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    batch = applied(database, store, FIVE, by=importer, name="2025年度.csv")
    assert batch.state is BatchState.APPLIED
    firm = session.scalars(select(Firm).where(Firm.security_code == "000003")).one()
    assert (firm.name, firm.town, firm.credit_code) == ("虚构上市样例3号股份有限公司", None, None)
    assert firm.source == f"上市公司公开数据，取自 2026-05-14；2025年度.csv · 2025年度 第 4 行（批次 {batch.id}）"
    claims = session.scalars(select(Claim).where(Claim.firm_id == firm.id)).all()
    assert len(claims) == FIGURES
    revenue = next(claim for claim in claims if claim.key == "operating_revenue")
    assert (revenue.year, revenue.number, revenue.state) == (2025, Decimal("350546.831742"), ClaimState.PENDING)
    assert (revenue.stated_by, revenue.batch_id, revenue.raw) == (importer.id, batch.id, "3505468317.42")
    assert revenue.source_label == "2025年度.csv · 2025年度!L4『revenue_yuan』"
    assert revenue.reference == {
        "batch": batch.id, "file": batch.file_id, "sheet": "2025年度", "row": 4, "cell": "L4", "header": "revenue_yuan",
        "profile": "annual-firms", "retrieved": "2026-05-14",
    }  # fmt: skip
    events = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert events.count(Action.IMPORT_STAGE) == 1
    assert events.count(Action.FIRM_CREATE) == 5
    assert events[-1] is Action.IMPORT_APPLY


def test_the_same_file_again_changes_nothing_and_says_so(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    first = applied(database, store, FIVE, by=importer)
    before = (_count(session, Firm), _count(session, Claim))
    session.commit()
    again = applied(database, store, FIVE, by=importer)
    assert outcomes(database, again) == ["skipped", *["unchanged"] * 5]
    assert (_count(session, Firm), _count(session, Claim)) == before
    assert [one.id for one in queries.earlier(session, again)] == [first.id]
    assert _count(session, StoredFile) == 2


def test_missing_figures_are_counted_apart_and_not_stated(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    rows = [listed_row(1), listed_row(2, rd_expense_yuan=""), listed_row(3, rd_expense_yuan="", employees="")]
    batch = applied(database, store, listed_csv(rows), by=importer)
    assert batch.report["missing"] == {"rd_expense_audit": 2, "employees_total": 1}
    wanted = queries.RowFilter(missing="rd_expense_audit")
    assert [row.row for row in queries.rows(session, batch, wanted).items] == [3, 4]
    stated = select(func.count()).select_from(Claim).where(Claim.key == "rd_expense_audit")
    assert session.scalar(stated) == 1


def test_a_changed_figure_is_stated_beside_the_old_one(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    applied(database, store, listed_csv([listed_row(1)]), by=importer)
    batch = applied(database, store, listed_csv([listed_row(1, employees="600")]), by=importer)
    assert outcomes(database, batch) == ["skipped", "updated"]
    assert batch.report["stated"] == 1
    numbers = session.scalars(select(Claim.number).where(Claim.key == "employees_total").order_by(Claim.id)).all()
    assert numbers == [Decimal(515), Decimal(600)]
    assert (
        messages(database, batch)[-1]
        == "第 2 行『从业人员数』：与现有值 515 人（待审核）不同，将并列申报，由审核人选定"
    )


def test_a_blank_never_takes_a_value_away(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    applied(database, store, listed_csv([listed_row(1)]), by=importer)
    before = _count(session, Claim)
    session.commit()
    batch = applied(database, store, listed_csv([listed_row(1, employees="", rd_expense_yuan="")]), by=importer)
    assert outcomes(database, batch) == ["skipped", "unchanged"]
    assert _count(session, Claim) == before


def test_an_accepted_figure_survives_and_a_rejected_one_is_not_stated_again(
    database: Database, store: FileStore, session: Session, importer: Actor, reviewer: Actor
) -> None:
    applied(database, store, listed_csv([listed_row(1)]), by=importer)
    by_key = {claim.key: claim for claim in session.scalars(select(Claim))}
    session.commit()
    with database.transaction() as writing:
        facts.accept(writing, by_key["operating_revenue"], by=reviewer)
        facts.reject(writing, by_key["employees_total"], by=reviewer, note="口径不对")
    batch = applied(database, store, listed_csv([listed_row(1)]), by=importer)
    assert outcomes(database, batch) == ["skipped", "unchanged"]
    assert "曾被退回，未重复申报" in messages(database, batch)[-1]


def test_existing_firms_are_found_and_their_record_is_left_alone(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    firm = make_firm(session, name="虚构甲（江门）有限公司", town=Town.DURUAN)
    code = firm.credit_code
    rows = [["虚构甲(江门)有限公司", code, "12.5", "3", "20"]]
    batch = applied(database, store, table(rows), by=importer)
    assert outcomes(database, batch) == ["skipped", "updated"]
    session.expire_all()
    assert session.scalars(select(Firm)).one().version == 1
    assert session.scalars(select(Claim.firm_id).distinct()).all() == [firm.id]


def test_a_row_with_a_wrong_cell_waits_and_the_others_go_in(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    rows = [["虚构甲公司", "", "12", "3,0O0", "20"], ["虚构乙公司", "", "13", "2", "30"]]
    batch = applied(database, store, table(rows), by=importer)
    assert outcomes(database, batch) == ["skipped", "review", "new"]
    assert session.scalars(select(Firm.name)).all() == ["虚构乙公司"]
    assert messages(database, batch, level="error") == ["第 2 行『研发费用』：“3,0O0”不是数字（第 4 位是字母 O）"]


def test_rows_that_cannot_be_imported_name_the_reason(database: Database, store: FileStore, importer: Actor) -> None:
    good = credit_code(77)
    doubtful = good[:-1] + ("0" if good[-1] != "0" else "1")
    rows = [
        ["虚构甲公司", good[:17], "1", "1", "1"],
        ["", "", "1", "1", "1"],
        ["虚构丙公司", doubtful, "1", "1", "1"],
        ["", good, "1", "1", "1"],
    ]
    batch = staged(database, store, table(rows), by=importer)
    assert outcomes(database, batch) == ["skipped", "review", "rejected", "review", "rejected"]
    told = messages(database, batch, level="error")
    assert "统一社会信用代码应为 18 位，现有 17 位" in told[0]
    assert told[1] == "第 3 行：没有企业名称，也没有代码，无法知道是哪家企业；请补填企业名称"
    assert "校验位不符，不自动建档" in told[2]
    assert "表中又没有名称，无法建档" in told[3]


def test_a_row_of_another_year_than_its_table_waits(database: Database, store: FileStore, importer: Actor) -> None:
    rows = [listed_row(number) for number in range(1, 12)]
    batch = staged(database, store, listed_csv([*rows, listed_row(12, fiscal_year="2024")]), by=importer)
    assert outcomes(database, batch) == ["skipped", *["new"] * 11, "review"]
    assert messages(database, batch, level="error") == [
        "第 13 行『年度』：是 2024 年的数据，本次导入的是 2025 年；请核对年度，确属 2024 年的请另选年度单独导入"
    ]


@pytest.mark.parametrize("year", [2026, 2031, 1999])
def test_a_year_that_is_not_over_is_refused(
    database: Database, store: FileStore, session: Session, importer: Actor, year: int
) -> None:
    with pytest.raises(Invalid) as error:
        staged(database, store, FIVE, by=importer, year=year)
    assert error.value.field == "year"
    assert _count(session, ImportBatch) == 0


def test_equal_rows_count_once_and_different_ones_wait(database: Database, store: FileStore, importer: Actor) -> None:
    rows = [
        ["虚构甲公司", "", "1", "1", "1"],
        ["虚构 甲 公司", "", "1", "1", "1"],
        ["虚构乙公司", "", "1", "1", "1"],
        ["虚构乙公司", "", "2", "1", "1"],
    ]
    batch = staged(database, store, table(rows), by=importer)
    assert outcomes(database, batch) == ["skipped", "new", "duplicate", "review", "review"]
    told = messages(database, batch)
    assert "第 3 行“虚构甲公司”：与第 2 行完全相同，只导入一次" in told
    assert "第 4 行“虚构乙公司”：与第 5 行是同一家企业但内容不同，都未导入；请核对后只保留正确的一行" in told


def test_only_firms_within_reach_are_touched(
    database: Database, store: FileStore, session: Session, people: People
) -> None:
    mine = people.caseworker(reach=Reach.TOWNS, towns=["duruan"]).as_actor()
    make_firm(session, name="虚构本镇公司", town=Town.DURUAN)
    make_firm(session, name="虚构外镇公司", town=Town.HETANG)
    header = ["企业名称", "镇街", "营业收入（万元）"]
    rows = [
        ["虚构本镇公司", "", "1"],
        ["虚构外镇公司", "", "1"],
        ["虚构新公司", "", "1"],
        ["虚构新二公司", "杜阮镇", "1"],
    ]
    batch = applied(database, store, table(rows, header=header), by=mine)
    assert outcomes(database, batch) == ["skipped", "updated", "rejected", "rejected", "new"]
    told = messages(database, batch, level="error")
    assert "这家企业不在您的管理范围内" in told[0]
    assert "您只能新建所辖镇街（杜阮镇）的企业" in told[1]
    other = people.caseworker(reach=Reach.TOWNS, towns=["hetang"]).as_actor()
    with pytest.raises(Exception, match="没有找到这个导入批次"):
        queries.batch(session, batch.id, for_=other)


def test_a_row_put_aside_shows_nothing_of_a_firm_out_of_reach(
    database: Database, store: FileStore, session: Session, people: People
) -> None:
    make_firm(session, name="虚构别处公司", town=Town.HETANG)
    mine = people.caseworker(reach=Reach.TOWNS, towns=["duruan"]).as_actor()
    batch = staged(database, store, table([["虚构别处公司", "", "1", "2", "3"]]), by=mine)
    with database.transaction() as writing:
        kept = queries.batch(writing, batch.id, for_=mine, lock=True)
        row = queries.row_at(writing, batch.id, kept.report["sheets"][0]["name"], 2)
        repairs.decide(writing, kept, row.id, Decision.SKIP, by=mine, version=1)
        after = queries.row(writing, kept, row.id)
        assert (after.outcome, after.firm_id) == (RowOutcome.SET_ASIDE, None)


def test_figures_that_became_odd_after_the_submission_need_a_reason_first(
    database: Database, store: FileStore, session: Session, importer: Actor, reviewer: Actor
) -> None:
    firm = make_firm(session, name="虚构甲公司")
    batch = staged(database, store, table([["虚构甲公司", "", "500", "2", "3"]]), by=importer)
    submitted(database, batch, by=importer)
    make_fact(session, firm.id, "operating_revenue", 2024, Decimal(100), reviewer=reviewer)
    session.commit()
    with database.transaction() as writing:
        service.rehearse(writing, queries.batch(writing, batch.id, for_=reviewer, lock=True), by=reviewer)
    with pytest.raises(Conflict, match="请退回提交人补写"):
        work.apply(database, batch.id, by=reviewer)


def test_a_rehearsal_that_is_out_of_date_is_not_applied_but_made_again(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    batch = staged(database, store, listed_csv([listed_row(1), listed_row(2)]), by=importer)
    make_firm(session, name="虚构后来公司", credit_code=None, security_code="000002")
    with pytest.raises(RehearsalOutdated, match="有 1 行的结果不同"):
        work.apply(database, batch.id, by=importer, alone=True)
    session.expire_all()
    assert (_count(session, Firm), _count(session, Claim)) == (1, 0)
    assert outcomes(database, batch) == ["skipped", "new", "updated"]
    session.commit()
    work.apply(database, batch.id, by=importer, alone=True)
    assert _count(session, Firm) == 2


def test_a_failure_in_the_middle_leaves_nothing(
    database: Database, store: FileStore, session: Session, importer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = staged(database, store, FIVE, by=importer)
    whole = stating._Bounds.steps
    calls = 0

    def breaks(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 30:
            raise RuntimeError("power cut")
        return whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(stating._Bounds, "steps", breaks)
    with pytest.raises(RuntimeError, match="power cut"):
        work.apply(database, batch.id, by=importer, alone=True)
    assert (_count(session, Firm), _count(session, Claim)) == (0, 0)
    assert session.scalars(select(ImportBatch.state)).one() is BatchState.SUBMITTED
    assert not session.scalars(select(ImportRow.id).where(ImportRow.created_firm)).all()
    session.commit()
    monkeypatch.setattr(stating._Bounds, "steps", whole)
    work.apply(database, batch.id, by=importer, alone=True)
    assert (_count(session, Firm), _count(session, Claim)) == (5, 5 * FIGURES)


def test_a_batch_is_applied_once_and_not_when_nothing_can_be_imported(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    batch = applied(database, store, FIVE, by=importer)
    with database.transaction() as writing, pytest.raises(Conflict, match="现在的状态是“已导入”"):
        applying.apply(writing, queries.batch(writing, batch.id, for_=importer), by=importer, alone=True)
    hopeless = staged(database, store, table([["虚构甲公司", "1", "1", "1", "1"]]), by=importer)
    with pytest.raises(Conflict, match="没有可以导入的行"):
        work.apply(database, hopeless.id, by=importer, alone=True)


def test_files_that_are_no_tables_are_refused(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    for content, why in (
        (b"", "文件是空的"),
        (b"%PDF-1.7 x", "PDF 文档"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"PK\x03\x04broken", "不完整或已损坏"),
    ):
        with pytest.raises(Invalid, match=why):
            staged(database, store, content, by=importer)
    assert (_count(session, ImportBatch), _count(session, StoredFile)) == (0, 0)


def test_a_table_of_something_else_leaves_its_reason_on_the_batch(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    batch = staged(database, store, workbook({"一": [["菜名", "价格"], ["鱼", 12]]}), by=importer, name="菜单.xlsx")
    assert batch.state is BatchState.REFUSED
    assert batch.refusal is not None
    assert "没有找到表头" in str(message_from_json(batch.refusal))
    assert _count(session, ImportRow) == 0
    with pytest.raises(Conflict, match="未能读取"):
        work.apply(database, batch.id, by=importer, alone=True)


def test_a_name_that_climbs_out_of_its_folder_is_only_a_name(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    staged(database, store, FIVE, by=importer, name="..\\..\\etc/pass\r\nwd.csv")
    assert session.scalars(select(StoredFile.name)).one() == "passwd.csv"


def test_a_given_up_batch_stays_readable_and_cannot_be_applied(
    database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    batch = staged(database, store, FIVE, by=importer)
    with database.transaction() as writing:
        service.discard(writing, queries.batch(writing, batch.id, for_=importer), by=importer)
    with pytest.raises(Conflict, match="已放弃"):
        work.apply(database, batch.id, by=importer, alone=True)
    assert _count(session, ImportRow) == 6
