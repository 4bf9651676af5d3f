"""The gap on the screen: what is short, calculations that leave no trace, answers on the telephone, assumptions."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.core.errors import Conflict, Invalid
from app.eligibility.gap import queries, service
from app.eligibility.gap.models import LeverSetting
from app.eligibility.gap.service import IntakeDraft
from app.eligibility.models import Verdict
from app.eligibility.reach.levers import Direction, Lever, Means, Who
from app.facts.models import Claim, ClaimState, Fact
from app.facts.trust import SOURCES, Trust
from tests.factories.eligibility import LACKS_STAFF, edition, figures_reviewer, make_judged_firm
from tests.support.people import People

FEW_STAFF = {"tech_staff_month_avg": {2025: 8}}
DAY = "2026-06-01"


def _about(session: Session) -> str:
    found = f"edition={edition(session).id}&day={DAY}&kind=new"
    session.commit()
    return found


def _rows(session: Session) -> tuple[int, ...]:
    session.commit()  # a new look at what others wrote
    tables = (Claim, Fact, Verdict, AuditEvent)
    return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_the_page_names_amount_ways_and_plan_and_stores_nothing(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", FEW_STAFF)
    about = _about(session)
    browser = people.browser(people.caseworker())
    before = _rows(session)
    browser.get(f"/office/firms/{firm.id}/gap?{about}")
    assert "2025 年科技人员数（全年月平均）增加 2 人（由 8 人到 10 人）" in browser.text
    assert "只能更正或补充数据" in browser.text
    assert "只列出，不建议" in browser.text  # fewer employees
    browser.get(f"/office/firms/{firm.id}/gap?{about.replace(DAY, '2015-01-01')}")
    assert "自 2016-01-01 起施行" in browser.text
    assert _rows(session) == before


def test_a_calculation_turns_the_verdict_and_leaves_no_trace(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", FEW_STAFF)
    about = _about(session)
    browser = people.browser(people.caseworker())
    before = _rows(session)
    address = f"/office/firms/{firm.id}/gap/calculate?{about}"
    browser.get(f"{address}&f-tech_staff_month_avg-2025=10")
    result = browser.page.select_one("#results")
    assert result is not None
    assert "符合条件" in result.get_text(" ", strip=True)
    assert "不再卡住：科技人员占企业当年职工总数比例不低于10%" in result.get_text(" ", strip=True)
    browser.get(f"{address}&f-tech_staff_month_avg-2025=9")
    assert "不再卡住" not in browser.text
    browser.get(f"{address}&f-tech_staff_month_avg-2025=十个")
    assert "不是数字" in browser.text
    assert _rows(session) == before


def test_answers_on_the_telephone_are_claims_of_low_trust(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", LACKS_STAFF)
    about = _about(session)
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/gap?{about}")
    assert "请问贵公司 2025 年科技人员数（全年月平均）是多少人？" in browser.text
    assert "达到 10 人即符合本条" in browser.text
    sent = {"f-tech_staff_month_avg-2025": "12", "who": ""}
    address = f"/office/firms/{firm.id}/gap/answers?{about}"
    browser.post(address, sent, expect=422)
    assert "请写明是谁答复的" in browser.text
    browser.post(address, {**sent, "f-tech_staff_month_avg-2025": "十二", "who": "李姐"}, expect=422)
    assert "不是数字" in browser.text
    browser.post(address, {**sent, "who": "财务李姐 3856123"})
    session.commit()
    claim = session.scalars(select(Claim).order_by(Claim.id.desc()).limit(1)).one()
    assert (claim.key, claim.year, claim.number, claim.state) == ("tech_staff_month_avg", 2025, 12, ClaimState.PENDING)
    assert claim.source == "phone"
    assert SOURCES["phone"].trust is Trust.UNCHECKED
    assert "财务李姐 3856123" in claim.source_label


def test_an_assumption_is_changed_with_a_trace_and_not_over_somebody_else(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", FEW_STAFF)
    about = _about(session)
    browser = people.browser(people.reviewer())
    browser.get("/office/eligibility/levers?q=科技人员")
    assert "默认工作口径" in browser.text
    form = {"means": "never", "direction": "none", "who": "nobody", "lead_days": "0", "correct_days": "", "effort": "3",
            "note": "本区不考虑", "seen": "0"}  # fmt: skip
    browser.get("/office/eligibility/levers/edit?key=tech_staff_month_avg")
    browser.post("/office/eligibility/levers/edit?key=tech_staff_month_avg", form)
    browser.get("/office/eligibility/levers/edit?key=tech_staff_month_avg")
    browser.post("/office/eligibility/levers/edit?key=tech_staff_month_avg", form, expect=409)
    session.commit()
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == Action.LEVER_SET)).one()
    assert event.changes["means"] == [Means.WORK.label, Means.NEVER.label]
    browser.get(f"/office/firms/{firm.id}/gap?{about}")
    assert "没有找到可行的做法" in browser.text
    people.browser(people.caseworker()).get("/office/eligibility/levers/edit?key=tech_staff_month_avg", expect=403)


def test_impossible_assumptions_are_refused(session: Session) -> None:
    by = figures_reviewer(session)
    with pytest.raises(Invalid):
        service.set_lever(session, Lever("ip_total", Means.WORK, Who.FIRM, Direction.UP, 10, 10, 9), by=by, seen=0)
    with pytest.raises(Invalid):
        service.set_lever(session, Lever("ip_total", Means.WORK, Who.FIRM, Direction.UP, -1, 10, 2), by=by, seen=0)
    assert session.scalars(select(LeverSetting)).all() == []


def test_the_next_batch_is_the_one_that_ends_next_and_a_withdrawn_one_is_none(session: Session) -> None:
    edition(session)
    by = figures_reviewer(session)
    dates = [(date(2026, 3, 1), date(2026, 4, 1)), (date(2026, 6, 1), date(2026, 8, 31)), (date(2026, 9, 1),) * 2]
    made = [
        service.add_intake(session, IntakeDraft("hitech_recognition", f"第 {n} 批", *span, "粤科函〔2026〕1号"), by=by)
        for n, span in enumerate(dates, start=1)
    ]
    today = date(2026, 6, 1)
    assert queries.next_intake(session, "hitech_recognition", today) is made[1]
    assert queries.next_intake(session, "tech_sme", today) is None
    service.withdraw_intake(session, made[1], "通知已撤回", by=by)
    assert queries.next_intake(session, "hitech_recognition", today) is made[2]
    with pytest.raises(Conflict):
        service.withdraw_intake(session, made[1], "再撤一次", by=by)
    with pytest.raises(Invalid):
        service.add_intake(
            session, IntakeDraft("hitech_recognition", "倒", date(2026, 2, 2), date(2026, 2, 1), "某文"), by=by
        )


def test_a_batch_is_entered_and_withdrawn_in_the_browser(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", FEW_STAFF)
    about = _about(session)
    browser = people.browser(people.reviewer())
    browser.get("/office/eligibility/intakes/new")
    form = {"programme": "hitech_recognition", "name": "2030 年第一批", "opens_on": "2030-06-01",
            "closes_on": "2030-08-31", "source": "粤科函〔2030〕1号"}  # fmt: skip
    browser.post("/office/eligibility/intakes/new", {**form, "closes_on": "2030-05-31"}, expect=422)
    browser.post("/office/eligibility/intakes/new", form)
    browser.get(f"/office/firms/{firm.id}/gap?{about}")
    assert "2030 年第一批" in browser.text
    assert "赶得上" in browser.text


def test_a_firm_tries_its_own_figures_only(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", FEW_STAFF)
    about = _about(session)
    browser = people.browser(people.make(Role.FIRM_FILLER, firm_id=firm.id))
    browser.get(f"/portal/eligibility/calculate?{about}&f-tech_staff_month_avg-2025=10")
    assert "不再卡住" in browser.text
    assert "不得为达标改数" in browser.text
    browser.get(f"/office/firms/{firm.id}/gap/calculate?{about}", expect=403)
