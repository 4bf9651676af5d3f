"""What was held of a firm at a moment: superseding, merging and taking a merge back leave the past as it was."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.core import clock
from app.facts import moments, queries
from app.facts.sheet import FactSheet
from app.firms import merge, unmerge
from tests.factories.days import on
from tests.factories.eligibility import hold
from tests.factories.firms import make_firm

DAY = date(2026, 6, 5)


def revenues(sheet: FactSheet) -> dict[int | None, object]:
    return {one.year: one.value for one in sheet.facts() if one.key == "sales_revenue"}


def test_an_evening_agrees_with_what_the_sheet_of_that_day_says(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = make_firm(session)
    for offset, revenue in ((-4, 100), (0, 110), (1, 120)):
        on(monkeypatch, DAY + timedelta(days=offset), hour=23)
        hold(session, firm.id, {"sales_revenue": {2024: 90 + offset, 2025: revenue}})
    on(monkeypatch, DAY + timedelta(days=30))
    held = moments.past(session, [firm.id])
    for offset in (-5, -4, -1, 0, 1, 29):
        day = DAY + timedelta(days=offset)
        known = queries.fact_sheet(session, firm.id, DAY, known_on=day)
        assert held.sheet(firm.id, DAY, moments.evening(day)).digest == known.digest
    assert held.sheet(firm.id, DAY, clock.now()).digest == queries.fact_sheet(session, firm.id, DAY).digest
    assert revenues(held.sheet(firm.id, date(2024, 12, 31), clock.now())) == {2024: Decimal(91)}


def test_a_merge_and_its_undoing_change_nothing_in_the_past(session: Session) -> None:
    stays, goes = make_firm(session, name="虚构甲电机有限公司"), make_firm(session, name="虚构乙电机有限公司")
    hold(session, stays.id, {"sales_revenue": {2024: 10, 2025: 11}})
    hold(session, goes.id, {"sales_revenue": {2023: 1, 2025: 3}})

    def now() -> tuple[str, str]:
        found = queries.fact_sheets(session, [stays.id, goes.id], DAY)
        return found[stays.id].digest, found[goes.id].digest

    stood = [(clock.now(), now())]
    for chosen in ((), queries_of(session, goes.id)):
        found = merge.merge(session, stays, goes, merge.Choice("重复建档，执照相同", facts=chosen), by=SYSTEM)
        session.commit()
        stood.append((clock.now(), now()))
        unmerge.unmerge(session, found, reason="两家执照不同", by=SYSTEM)
        session.commit()
        stood.append((clock.now(), now()))
    merge.merge(session, stays, goes, merge.Choice("重复建档，执照相同"), by=SYSTEM)
    hold(session, stays.id, {"sales_revenue": {2023: 5}})
    stood.append((clock.now(), now()))
    assert len({sheets for _moment, sheets in stood}) == 4, "before and after each undoing all is alike"
    both = moments.past(session, [stays.id, goes.id])
    for moment, sheets in stood:
        assert (both.sheet(stays.id, DAY, moment).digest, both.sheet(goes.id, DAY, moment).digest) == sheets
        for firm, digest in zip((stays, goes), sheets, strict=True):
            assert moments.sheets_at(session, [firm.id], DAY, moment)[firm.id].digest == digest


def queries_of(session: Session, firm_id: int) -> list[int]:
    return [one.fact_id or 0 for one in queries.fact_sheet(session, firm_id, DAY).facts()]
