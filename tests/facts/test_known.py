"""What did we know on that date: for every figure, at the end of any past day, with what came later marked."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core import clock
from app.facts import known, queries
from app.firms.models import Firm
from tests.factories.facts import make_claim, make_fact
from tests.support.people import People

DAY = date(2026, 6, 5)


def on(monkeypatch: object, day: date, hour: int = 10) -> None:
    """Let everything happen at this hour of the district."""
    moment = clock.datetime.combine(day, clock.datetime.min.time(), tzinfo=clock.BUSINESS_ZONE) + timedelta(hours=hour)
    monkeypatch.setattr(clock, "now", lambda: moment)  # type: ignore[attr-defined]


def restated(session: Session, firm: Firm, reviewer: Actor, monkeypatch: object) -> None:
    on(monkeypatch, DAY - timedelta(days=4))
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(100), reviewer=reviewer, reason="初报")
    make_fact(session, firm.id, "net_profit", 2025, Decimal(7), reviewer=reviewer)
    on(monkeypatch, DAY, hour=23)
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(110), reviewer=reviewer, reason="审计调整")
    on(monkeypatch, DAY + timedelta(days=1), hour=0)
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(120), reviewer=reviewer, reason="年报更正")
    make_fact(session, firm.id, "total_profit", 2025, Decimal(9), reviewer=reviewer)
    on(monkeypatch, DAY + timedelta(days=30))


def test_the_end_of_the_day_decides(session: Session, firm: Firm, reviewer: Actor, monkeypatch: object) -> None:
    restated(session, firm, reviewer, monkeypatch)
    told = {
        day: {fact.key: fact.value for fact in known.knowledge(session, firm.id, day).facts}
        for day in (DAY - timedelta(days=5), DAY - timedelta(days=1), DAY, DAY + timedelta(days=1))
    }
    assert list(told.values()) == [
        {},
        {"sales_revenue": 100, "net_profit": 7},
        {"sales_revenue": 110, "net_profit": 7},
        {"sales_revenue": 120, "net_profit": 7, "total_profit": 9},
    ]
    later = known.knowledge(session, firm.id, DAY).later
    assert {place[0]: fact.value for place, fact in later.items()} == {"sales_revenue": 120, "total_profit": 9}
    assert known.knowledge(session, firm.id, DAY + timedelta(days=1)).later == {}


def test_days_that_are_none_or_not_past_mean_now() -> None:
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    assert [
        known.day_of(text) for text in (None, "", "2026-13-01", "gestern", tomorrow, clock.today().isoformat())
    ] == [None] * 6


def test_the_history_of_a_figure_says_who_replaced_it_and_why(
    session: Session, firm: Firm, reviewer: Actor, monkeypatch: object
) -> None:
    restated(session, firm, reviewer, monkeypatch)
    steps = queries.history(session, firm.id, "sales_revenue", 2025)
    replaced = [(str(step.what), step.who, step.note) for step in steps if "取代" in str(step.what)]
    assert replaced == [
        ("被新的核定值 120 万元 取代", "王审核", "年报更正"),
        ("被新的核定值 110 万元 取代", "王审核", "审计调整"),
    ]


def test_pages_and_export_tell_a_past_day(
    session: Session, firm: Firm, reviewer: Actor, monkeypatch: object, people: People
) -> None:
    restated(session, firm, reviewer, monkeypatch)
    make_claim(session, firm.id, key="net_profit", value=Decimal(8))
    session.commit()
    browser = people.browser(people.reviewer())
    browser.get(f"/office/firms/{firm.id}/figures?known=2026-06-05")
    assert "2026-06-05 日终时已核定的数据：核定值 2 个，其中 2 个后来有变或新增" in browser.text
    assert "后来 120" in browser.text
    assert "待审核 · " not in browser.text
    browser.get(f"/office/firms/{firm.id}/figures/history?key=sales_revenue&year=2025&known=2026-06-05")
    assert re.search("2026-06-05 日终时的核定值： ?110 万元", browser.text)
    assert "核定为 120 万元" in browser.text
    browser.get(f"/office/firms/{firm.id}/figures/history?key=total_profit&year=2025&known=2026-06-05")
    assert "2026-06-05 日终时没有核定值" in browser.text
    browser.get(f"/office/firms/{firm.id}/figures/export?known=2026-06-05")
    browser.submit()
    browser.get(f"{browser.url}/file")
    sheet = openpyxl.load_workbook(io.BytesIO(browser.response.data)).active
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert any("2026-06-05 日终的核定值，共 2 个" in str(row[0]) for row in values)
    told = {row[0]: (row[3], row[12]) for row in values if row[0] in ("sales_revenue", "net_profit", "total_profit")}
    assert told["net_profit"] == (7, None)
    assert told["sales_revenue"] == (110, "120 万元（2026-06-06 王审核核定）")
    assert told["total_profit"] == (None, "9 万元（2026-06-06 王审核核定）")


def test_a_corrected_cell_is_told_to_the_reviewer(session: Session, firm: Firm, people: People) -> None:
    claim = make_claim(
        session, firm.id, reference={"original": "3,0O0", "corrected": "3,000", "corrected_by": "陈经办"},
        note="数值异常说明：合并口径调整（陈经办）",
    )  # fmt: skip
    session.commit()
    browser = people.browser(people.reviewer())
    browser.get(f"/office/facts/claims/{claim.id}")
    assert "原表单元格为“3,0O0”，由陈经办改为“3,000”" in browser.text
    browser.get("/office/facts")
    assert "合并口径调整" in browser.text


def test_known_on_a_day_agrees_with_the_sheet_of_the_judge(
    session: Session, firm: Firm, reviewer: Actor, monkeypatch: object
) -> None:
    restated(session, firm, reviewer, monkeypatch)
    sheet = queries.fact_sheet(session, firm.id, date(2026, 12, 31), known_on=DAY)
    assert {one.key: one.value for one in sheet.facts()} == {
        fact.key: fact.value for fact in known.knowledge(session, firm.id, DAY).facts
    }
