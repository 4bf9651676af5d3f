"""The columns hold what the facts say, after every way in which facts change, and only what changed is read again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.db import Database
from app.facts import queries as facts
from app.facts import service
from app.facts.keeping import indicator_of
from app.facts.models import Fact
from app.facts.snapshot import packing, queries
from app.facts.snapshot.models import FactBlock, FactMark
from app.facts.snapshot.packing import BLOCK, Cell, Column
from app.facts.snapshot.service import bring_up_to_date
from app.firms import merge
from app.firms.merge import Choice
from app.firms.models import Firm
from app.firms.unmerge import unmerge
from tests.factories.eligibility import GOOD, figures_reviewer, hold
from tests.factories.facts import make_claim, make_fact
from tests.factories.firms import make_firm

AS_OF = date(2030, 1, 1)


def told(session: Session, firm_id: int) -> set[tuple[str, int | None, Any]]:
    """What the columns say of a firm."""
    block, offset = divmod(firm_id, BLOCK)
    spots = session.execute(select(FactBlock.key, FactBlock.year).where(FactBlock.block == block)).all()
    columns = queries.columns(session, block, [(key, year) for key, year in spots])
    found = set()
    for (key, year), column in columns.items():
        value = packing.value_at(column.fitted(max(column.size, offset + 1)), indicator_of(key), offset)
        if value is not None:
            found.add((key, year or None, value))
    return found


def held(session: Session, firm_id: int) -> set[tuple[str, int | None, Any]]:
    """What the facts say of a firm."""
    sheet = facts.fact_sheet(session, firm_id, AS_OF)
    return {(fact.key, fact.year, fact.value) for fact in sheet.facts()}


def same(database: Database, session: Session, *firms: int) -> int:
    """Bring the columns up to date, compare, and return their version."""
    session.commit()
    version = bring_up_to_date(database).version
    for firm_id in firms:
        assert told(session, firm_id) == held(session, firm_id)
    assert session.scalar(select(func.count()).select_from(FactMark)) == 0
    session.rollback()
    return version


@pytest.fixture
def reviewer(session: Session) -> Actor:
    return figures_reviewer(session)


def test_all_facts_of_all_kinds_are_in_the_columns(database: Database, session: Session) -> None:
    one = make_firm(session)
    far = Firm(id=3 * BLOCK + 17, name="虚构远方有限公司")
    session.add(far)
    session.flush()
    more = {
        "hnte_cert_expiry": "无",
        "hnte_cert_date": "2024-02-29",
        "first_operating_year": 2019,
        "sci_award_records": [{"level": "国家级", "rank": 2, "date": "2023"}],
        "major_safety_incident_dates": ["2025-01-01", "2026-02-02"],
        "in_abnormal_list": False,
    }
    hold(session, one.id, GOOD)
    hold(session, far.id, {**GOOD, **more, "sales_revenue": {2024: "0.00000001", 2025: "9223372036.54775807"}})
    assert same(database, session, one.id, far.id) == 1
    assert same(database, session) == 1, "nothing changed, so nothing is another version"


def test_what_changes_reaches_the_columns(database: Database, session: Session, reviewer: Actor) -> None:
    firm = make_firm(session)
    hold(session, firm.id, GOOD)
    version = same(database, session, firm.id)
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal("3646.01"), reviewer=reviewer)
    make_fact(session, firm.id, "hnte_cert_expiry", None, (), reviewer=reviewer)
    assert same(database, session, firm.id) == version + 1
    make_claim(session, firm.id, value=Decimal(1), raw="1")  # only said, not held
    assert same(database, session, firm.id) == version + 1


def test_many_accepted_at_once_reach_the_columns(database: Database, session: Session, reviewer: Actor) -> None:
    firms = [make_firm(session, name=f"虚构{number}号厂") for number in range(4)]
    hold(session, firms[0].id, GOOD)
    same(database, session, firms[0].id)
    for firm in firms:
        hold(session, firm.id, {**GOOD, "ip_class1_count": 7})
    same(database, session, *(firm.id for firm in firms))


def test_merging_and_taking_it_back_reach_the_columns(database: Database, session: Session, reviewer: Actor) -> None:
    one, other = make_firm(session, name="虚构甲厂"), make_firm(session, name="虚构乙厂")
    hold(session, one.id, GOOD)
    hold(session, other.id, {"sales_revenue": {2025: 5, 2022: 6}, "ip_total": 3})
    same(database, session, one.id, other.id)
    clash = session.scalars(
        select(Fact).where(Fact.firm_id == other.id, Fact.key == "sales_revenue", Fact.year == 2025)
    ).one()
    done = merge.merge(session, one, other, Choice("同一执照重复建档", facts=[clash.id]), by=reviewer)
    same(database, session, one.id, other.id)
    unmerge(session, done, reason="核对后确为两家", by=reviewer)
    same(database, session, one.id, other.id)
    again = merge.merge(session, one, other, Choice("同一执照重复建档"), by=reviewer)
    unmerge(session, again, reason="核对后确为两家", by=reviewer)
    same(database, session, one.id, other.id)


def test_making_them_goes_on_where_it_was_stopped(database: Database, session: Session, reviewer: Actor) -> None:
    firms = [Firm(id=number * BLOCK + 5, name=f"虚构{number}号厂") for number in range(3)]
    session.add_all(firms)
    session.flush()
    for firm in firms:
        hold(session, firm.id, GOOD)

    class Stopped(Exception):
        pass

    def report(done: int, total: int) -> None:
        if done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        bring_up_to_date(database, report)
    make_fact(session, firms[0].id, "sales_revenue", 2025, Decimal(9), reviewer=reviewer)  # in a block made already
    seen: list[int] = []
    session.commit()
    bring_up_to_date(database, lambda done, total: seen.append(done))
    assert seen == [2, 3]
    same(database, session, *(firm.id for firm in firms))


def test_only_what_changed_is_read_again(database: Database, session: Session, reviewer: Actor) -> None:
    firm = make_firm(session)
    hold(session, firm.id, GOOD)
    same(database, session, firm.id)
    make_fact(session, firm.id, "ip_total", None, Decimal(4), reviewer=reviewer)
    session.commit()
    read: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: read.append(told[2]))
    bring_up_to_date(database)
    assert not any("firm_id BETWEEN" in statement for statement in read)
    assert sum(statement.startswith("INSERT INTO fact_block") for statement in read) == 1


def test_a_changed_catalogue_makes_them_anew(
    database: Database, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = make_firm(session)
    hold(session, firm.id, GOOD)
    same(database, session, firm.id)
    monkeypatch.setattr(queries, "catalogue_digest", lambda: "another")
    seen: list[int] = []
    bring_up_to_date(database, lambda done, total: seen.append(done))
    assert seen == [0, 1]
    same(database, session, firm.id)


def test_the_database_itself_marks_changes_however_they_are_made(
    database: Database, session: Session, reviewer: Actor
) -> None:
    firm = make_firm(session)
    fact = make_fact(session, firm.id, "ip_total", None, Decimal(4), reviewer=reviewer)
    same(database, session, firm.id)
    session.connection().exec_driver_sql(f"UPDATE fact SET superseded_at = accepted_at WHERE id = {fact.id}")
    same(database, session, firm.id)
    assert not held(session, firm.id)


def test_columns_lose_nothing_in_bytes() -> None:
    random = np.random.default_rng(7)
    for width in (1, 7, 15, 31, 62):
        known = random.random(40) < 0.7
        values = np.where(known, random.integers(-(2**width), 2**width, 40), 0)
        column = Column(known, values, 3)
        back = packing.unpack(packing.pack(column))
        assert (back.known == known).all()
        assert (back.values == values).all()
    cells = {3: Cell(None, '["2024-01-01"]'), 9: Cell(None, "[]"), 30: None}
    column = packing.changed(packing.unknown(0), indicator_of("major_safety_incident_dates"), cells)
    back = packing.unpack(packing.pack(column))
    assert packing.value_at(back, indicator_of("major_safety_incident_dates"), 3) == (date(2024, 1, 1),)
    assert packing.value_at(back, indicator_of("major_safety_incident_dates"), 9) == ()
    assert packing.value_at(back, indicator_of("major_safety_incident_dates"), 30) is None


def test_withdrawn_claims_touch_nothing(database: Database, session: Session) -> None:
    firm = make_firm(session)
    hold(session, firm.id, GOOD)
    version = same(database, session, firm.id)
    claim = make_claim(session, firm.id)
    service.withdraw_batch(session, claim.batch_id or 0, by=figures_reviewer(session))
    assert same(database, session, firm.id) == version
