"""The diary of a firm: only changes of verdict, each with the datum, the edition or the day that caused it."""

from __future__ import annotations

import io
from datetime import date, timedelta

import openpyxl
import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Reach
from app.core import clock
from app.core.db import Database
from app.eligibility import service as eligibility
from app.eligibility.diary import queries
from app.eligibility.models import VerdictState
from app.eligibility.past.steps import Why
from app.eligibility.renewal import service as renewals
from app.eligibility.runs import service as runs
from app.firms import merge
from app.rulebooks import blocks
from app.rulebooks import service as rulebooks
from tests.factories.days import on
from tests.factories.eligibility import GOOD, TOO_LITTLE_RESEARCH, edition, hold, make_judged_firm, make_list
from tests.factories.firms import make_firm
from tests.support.people import People

START = date(2026, 6, 1)
HNTE = "hitech_recognition"
ELIGIBLE, NOT = VerdictState.ELIGIBLE, VerdictState.INELIGIBLE


def told(session: Session, firm_id: int, programme: str = HNTE) -> list[queries.Entry]:
    """Return the changes of one programme, the first one first."""
    found = queries.diary(session, firm_id).of(programme)
    return queries.entries(session, found, found.changes)[::-1]


def run(database: Database) -> None:
    with database.transaction() as session:
        begun = runs.begin(session, clock.today(), by=SYSTEM)
    runs.carry_out(database, begun.id, lambda *_told: None)


def test_lists_runs_single_verdicts_and_renewals_make_one_story(
    session: Session, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, START)
    firm = make_judged_firm(session, "虚构甲电机有限公司")
    make_list(session)
    run(database)  # came out as before: tells nothing
    on(monkeypatch, START + timedelta(days=9))
    hold(session, firm.id, TOO_LITTLE_RESEARCH | {"tech_transfer_count_3y": 16})
    on(monkeypatch, START + timedelta(days=10))
    run(database)
    on(monkeypatch, START + timedelta(days=10), hour=11)
    eligibility.judge(session, firm.id, edition(session), START, by=SYSTEM)
    on(monkeypatch, START + timedelta(days=20))
    hold(session, firm.id, {"rd_expense_hnte": GOOD["rd_expense_hnte"]})
    found = renewals.begin(session, by=SYSTEM)
    assert renewals.renew_next(session, found)
    session.commit()

    first, lost, *later = told(session, firm.id)
    assert (first.change.before, first.change.after.state, first.steps) == (None, ELIGIBLE, [])
    assert (lost.change.after.run_id is None, lost.change.after.state) == (False, NOT)
    assert lost.why == [Why.FIGURES]
    datum = lost.data[0]
    assert datum.after is not None
    assert "王审核 2026-06-10 核定" in datum.after.source
    assert {one.key for one in lost.data} == {"rd_expense_hnte"}, "the other figure turned nothing"
    assert "HNTE-11-5a" in {one.clause for one in lost.clauses}
    assert [(one.change.after.state, one.why) for one in later] == [(ELIGIBLE, [Why.FIGURES])]


def test_an_edition_that_took_over_goes_on_the_same_line(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, START)
    firm = make_judged_firm(
        session, "虚构甲电机有限公司", {"rd_expense_hnte_domestic": {2023: 100, 2024: 110, 2025: 115}}
    )
    make_list(session)
    content = blocks.with_head(edition(session).content, id="hnte-2027", effective_from=date(2026, 7, 1))
    rulebooks.issue(session, content.replace("at_least = 0.60", "at_least = 0.70"), by=SYSTEM)
    session.commit()
    on(monkeypatch, date(2026, 7, 2))
    eligibility.judge(session, firm.id, edition(session, "hnte-2027"), clock.today(), by=SYSTEM)
    eligibility.judge(session, firm.id, edition(session), START, by=SYSTEM)  # looks back: changes nothing
    session.commit()
    first, taken_over = told(session, firm.id)
    assert (first.change.after.state, taken_over.change.after.state) == (ELIGIBLE, NOT)
    assert taken_over.why == [Why.EDITION]
    assert str(taken_over.turning[0].told) == "规则由 hnte-2016 换为 hnte-2027"
    assert [one.clause for one in taken_over.clauses] == ["HNTE-11-5d"]


def test_a_day_that_passes_is_the_cause_where_nothing_else_changed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, START)
    firm = make_judged_firm(session, "虚构甲电机有限公司", {"major_safety_incident_dates": ["2025-12-01"]})
    make_list(session)
    on(monkeypatch, date(2026, 12, 20))
    eligibility.judge(session, firm.id, edition(session), clock.today(), by=SYSTEM)
    session.commit()
    lifted = told(session, firm.id)[-1]
    assert (lifted.change.after.state, lifted.why, lifted.data) == (ELIGIBLE, [Why.DAY], [])
    assert str(lifted.turning[0].told) == "判定日期由 2026-06-01 变为 2026-12-20"


def test_what_was_judged_of_a_merged_firm_stays_in_the_story(session: Session) -> None:
    stays, goes = make_firm(session, name="虚构甲公司"), make_judged_firm(session, "虚构乙公司")
    make_list(session)
    merge.merge(session, stays, goes, merge.Choice("同一家企业，重复建档"), by=SYSTEM)
    session.commit()
    assert {one.change.after.firm_id for one in told(session, stays.id)} == {stays.id, goes.id}


def test_the_page_the_panel_and_the_workbook(session: Session, database: Database, people: People) -> None:
    seen: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda *told: "count(" in told[2] or seen.append(told[2])
    )  # the menu's counts are kept a while
    firm = make_judged_firm(session, "虚构甲电机有限公司")
    make_list(session)
    browser = people.browser(people.caseworker())
    page = f"/office/firms/{firm.id}/verdicts/diary"
    for number in range(6):
        hold(session, firm.id, {"rd_expense_hnte": {2025: 1 if number % 2 == 0 else 180}})
        make_list(session)
        if number == 1:
            browser.get(page)
            seen.clear()
            browser.get(page)
            few = len(seen)
    seen.clear()
    browser.get(page)
    assert len(seen) == few, "as many statements, however many changes"
    assert "共 7 次" in browser.text
    assert browser.text.count("由“符合条件”变为“不符合条件”") == 3
    assert "2025 年" in browser.text
    browser.get(f"/office/firms/{firm.id}/identity")
    assert len(browser.page.select("#diary .x-event")) == 3
    browser.get(f"{page}/export")
    book = openpyxl.load_workbook(io.BytesIO(browser.response.data), read_only=True)
    cells = [str(cell) for row in book.active.iter_rows(values_only=True) for cell in row if cell is not None]  # type: ignore[union-attr]
    assert "1 万元" in cells
    assert any("王审核" in cell for cell in cells)
    people.browser(people.caseworker(reach=Reach.PORTFOLIO)).get(page, expect=404)
