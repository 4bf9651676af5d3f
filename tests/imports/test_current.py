"""Figures go out as a table that comes in again: unchanged it changes nothing, mended it states what was mended."""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.db import Database
from app.exports import service
from app.exports.models import Export
from app.facts.models import Claim
from app.files.store import FileStore
from app.firms.taxonomy import ClusterCode, Town
from app.imports import current
from tests.factories.facts import make_fact
from tests.factories.firms import credit_code, make_firm
from tests.factories.imports import outcomes, staged

ASKED = {"year": "2025"}


def taken(session: Session, by: Actor) -> bytes:
    made = Export(kind="figures", asked=current.clean(ASKED), created_by_name=by.name)
    return service.workbook(session, current.KIND, made, by=by)


@pytest.fixture
def held(session: Session, reviewer: Actor) -> Session:
    """Three firms with awkward figures: fractions, a negative, a share, none at all; one name that Excel would run."""
    first = make_firm(
        session, name="虚构甲机电有限公司", credit_code=credit_code(5), town=Town.DURUAN,
        clusters=(ClusterCode.MOTORCYCLES, ClusterCode.HEALTH_FOOD),
    )  # fmt: skip
    second = make_firm(session, name="+虚构乙厂", credit_code=None, security_code="000576", former_names=("虚构旧厂",))
    make_firm(session, name="虚构丙厂", credit_code=credit_code(7))
    for firm, key, number in (
        (first, "sales_revenue", "12345.67891234"), (first, "rd_expense_stat", "0"), (first, "net_profit", "-3.5"),
        (second, "sales_revenue", "0.00000001"), (second, "employees_total", "12"),
    ):  # fmt: skip
        make_fact(session, firm.id, key=key, year=2025, value=Decimal(number), reviewer=reviewer)
    session.commit()
    return session


def test_what_went_out_and_comes_back_changes_nothing(
    held: Session, database: Database, store: FileStore, importer: Actor
) -> None:
    content = taken(held, importer)
    before = held.scalar(select(func.count()).select_from(Claim))
    held.rollback()
    batch = staged(database, store, content, by=importer, name="指标数据.xlsx")
    assert batch.refusal is None, batch.refusal
    told = outcomes(database, batch)
    assert told.count("unchanged") == 3, told
    assert set(told) <= {"unchanged", "skipped"}
    assert held.scalar(select(func.count()).select_from(Claim)) == before


def test_a_mended_cell_is_the_only_change(held: Session, database: Database, store: FileStore, importer: Actor) -> None:
    book = openpyxl.load_workbook(io.BytesIO(taken(held, importer)))
    held.rollback()
    sheet = book.worksheets[0]
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == 12345.67891234)
    cell.value = 20000
    changed = io.BytesIO()
    book.save(changed)
    told = outcomes(database, staged(database, store, changed.getvalue(), by=importer, name="改.xlsx"))
    assert told.count("updated") == 1
    assert told.count("unchanged") == 2
