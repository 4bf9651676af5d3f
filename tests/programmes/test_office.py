"""The four lines as a caseworker works with them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Reach
from app.access.towns import Town
from app.audit.models import AuditEvent
from app.core.db import Database
from app.core.errors import Conflict, Invalid
from app.firms.models import Firm, RosterEntry
from app.programmes import service
from app.programmes.models import Enrolment, Programme, StageMove
from app.programmes.rd_institutions import queries as institutions
from app.programmes.rd_institutions import service as register
from app.programmes.rd_institutions.models import InstitutionKind, InstitutionLevel
from app.programmes.rd_institutions.service import InstitutionDraft
from tests.factories.facts import make_fact
from tests.support.people import People


@pytest.fixture
def firm(database: Database) -> Firm:
    return add_firm(database, "虚构甲机械有限公司")


def add_firm(database: Database, name: str, town: Town = Town.DURUAN) -> Firm:
    with database.transaction() as session:
        made = Firm(name=name, town=town, search_text=name)
        session.add(made)
    return made


def test_a_firm_enters_the_pool_moves_and_leaves_with_its_history(people: People, firm: Firm, session: Session) -> None:
    browser = people.browser(people.caseworker())
    browser.get(f"/office/programmes/cultivation/new?firm_id={firm.id}")
    browser.submit({"reason": "研发投入连续两年增长"})
    assert "已纳入高企培育库" in browser.text
    browser.submit({"move-to": "coaching", "move-reason": ""}, form="form#move")
    assert "已入库 → 辅导中" in browser.text
    browser.submit({"leave-reason": "企业迁出本区"}, form="form#leave")
    assert "企业迁出本区" in browser.text
    moves = session.scalars(select(StageMove).order_by(StageMove.id)).all()
    assert [(m.from_stage, m.to_stage) for m in moves] == [("", "pooled"), ("pooled", "coaching"), ("coaching", "")]
    assert len(session.scalars(select(AuditEvent).where(AuditEvent.firm_id == firm.id)).all()) == 3


def test_entering_twice_is_refused_and_changes_nothing(database: Database, firm: Firm, session: Session) -> None:
    with database.transaction() as writing:
        service.enrol(writing, firm, Programme.CULTIVATION, by=SYSTEM, stage="pooled", reason="一")
    with pytest.raises(Conflict), database.transaction() as writing:
        service.enrol(writing, firm, Programme.CULTIVATION, by=SYSTEM, stage="pooled", reason="二")
    assert len(session.scalars(select(Enrolment)).all()) == 1


def test_going_back_needs_a_reason(database: Database, firm: Firm) -> None:
    with database.transaction() as writing:
        enrolment = service.enrol(writing, firm, Programme.CULTIVATION, by=SYSTEM, stage="applying", reason="一")
        with pytest.raises(Invalid):
            service.move(writing, enrolment, firm, to="pooled", by=SYSTEM, reason=" ")
        service.move(writing, enrolment, firm, to="pooled", by=SYSTEM, reason="材料不足")


def test_a_day_in_the_future_is_refused(database: Database, firm: Firm) -> None:
    with database.transaction() as writing, pytest.raises(Invalid, match="今天之后"):
        service.enrol(
            writing, firm, Programme.CULTIVATION, by=SYSTEM, stage="pooled", reason="一", entered_on=date(2999, 1, 1)
        )


def test_doubling_without_a_baseline_figure_says_what_to_do(people: People, firm: Firm) -> None:
    browser = people.browser(people.caseworker())
    browser.get(f"/office/programmes/doubling/new?firm_id={firm.id}")
    browser.submit({"baseline_year": "2022", "multiple": "2", "years": "3", "reason": "重点企业"}, expect=422)
    assert "没有 2022 年『营业收入』的核定值" in browser.text
    browser.submit({"baseline": "12000.5", "baseline_source": "2022 年审计报告第 3 页"})
    assert "12,000.50 万元" in browser.text
    assert "24,001.00 万元" in browser.text
    assert "未定义" in browser.text, "no document sets the scheme"


def test_coverage_keeps_unknown_apart(database: Database, people: People, session: Session) -> None:
    firms = [add_firm(database, f"虚构{n}有限公司") for n in "一二三"]
    with database.transaction() as writing:
        for found in firms:
            writing.add(RosterEntry(firm_id=found.id, year=2025, source="测试名录"))
        draft = InstitutionDraft(
            name="虚构工程中心", kind=InstitutionKind.ENGINEERING_CENTRE, level=InstitutionLevel.CITY,
            source="测试文件", recognised_on=date(2024, 5, 1), document_number="测〔2024〕1号",
        )  # fmt: skip
        register.register(writing, firms[0], draft, by=SYSTEM)
    found = institutions.coverage(session, 2025, for_=SYSTEM)
    assert (len(found.of(institutions.Covered.YES)), len(found.of(institutions.Covered.UNKNOWN))) == (1, 2)
    assert str(found.low) == "1/3"
    assert found.high == 1
    browser = people.browser(people.caseworker())
    browser.get("/office/programmes/rd-institutions/coverage?year=2025")
    assert "33.3%" in browser.text


def test_an_institution_recognised_later_does_not_count_earlier(
    database: Database, firm: Firm, session: Session
) -> None:
    with database.transaction() as writing:
        writing.add(RosterEntry(firm_id=firm.id, year=2023, source="测试名录"))
        draft = InstitutionDraft(
            name="虚构技术中心", kind=InstitutionKind.TECHNOLOGY_CENTRE, level=InstitutionLevel.PROVINCIAL,
            source="测试文件", recognised_on=date(2024, 1, 1),
        )  # fmt: skip
        register.register(writing, firm, draft, by=SYSTEM)
    assert not institutions.coverage(session, 2023, for_=SYSTEM).of(institutions.Covered.YES)


def test_a_recognised_institution_needs_a_day_or_a_document(people: People, firm: Firm) -> None:
    browser = people.browser(people.caseworker())
    browser.get(f"/office/programmes/rd-institutions/new?firm_id={firm.id}")
    browser.submit({"name": "虚构中心", "level": "provincial", "source": "口头"}, expect=422)
    assert "请填写认定日期或文号" in browser.text


def test_digital_level_of_the_newest_assessment_counts(people: People, firm: Firm) -> None:
    browser = people.browser(people.caseworker())
    for day, level in (("2025-03-01", "2"), ("2024-03-01", "3")):
        browser.get(f"/office/programmes/digital/new?firm_id={firm.id}")
        browser.submit({"level": level, "source": "平台结果", "assessed_on": day})
    browser.get("/office/programmes/digital/?level=2")
    assert firm.name in browser.text
    browser.get("/office/programmes/digital/?level=3")
    assert firm.name not in browser.text


def test_another_towns_firm_does_not_exist_for_a_caseworker(people: People, database: Database, firm: Firm) -> None:
    with database.transaction() as writing:
        enrolment = service.enrol(writing, firm, Programme.CULTIVATION, by=SYSTEM, stage="pooled", reason="一")
    browser = people.browser(people.caseworker(reach=Reach.TOWNS, towns=[Town.HETANG.value]))
    browser.get(f"/office/programmes/cultivation/{enrolment.id}", expect=404)
    browser.get("/office/programmes/cultivation/")
    assert firm.name not in browser.text
    browser.post(f"/office/programmes/cultivation/{enrolment.id}/leave", {"leave-reason": "恶意"}, expect=404)


def test_a_second_save_of_an_institution_does_not_win_silently(people: People, database: Database, firm: Firm) -> None:
    with database.transaction() as writing:
        draft = InstitutionDraft(
            name="虚构中心", kind=InstitutionKind.OWN, level=InstitutionLevel.OWN, source="测试文件"
        )
        made = register.register(writing, firm, draft, by=SYSTEM)
    one, other = people.browser(people.caseworker()), people.browser(people.caseworker())
    for browser in (one, other):
        browser.get(f"/office/programmes/rd-institutions/{made.id}")
    one.submit({"name": "虚构中心甲"})
    other.submit({"name": "虚构中心乙"}, expect=409)
    assert "被别人修改过" in other.text


def test_a_no_of_another_year_is_not_a_no_of_this_one(
    people: People, database: Database, firm: Firm, session: Session
) -> None:
    reviewer = people.reviewer().as_actor()
    with database.transaction() as writing:
        writing.add(RosterEntry(firm_id=firm.id, year=2025, source="测试名录"))
        make_fact(writing, firm.id, "rd_institution_built", 2023, False, reviewer=reviewer)
    assert institutions.coverage(session, 2025, for_=SYSTEM).of(institutions.Covered.UNKNOWN)
