"""A firm's home: what is next, what is near, what is missing, what is held, whom to call; nothing of others."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.core import clock
from app.dashboards.home import home
from app.dashboards.policies import Nearness
from app.eligibility.gap.models import Intake
from app.recognitions import service as recognitions
from app.recognitions.models import RecognitionKind, RecognitionLevel
from app.recognitions.service import RecognitionDraft
from tests.factories.eligibility import GOOD, HNTE, editions, hold
from tests.factories.firms import make_firm
from tests.support.people import People

TODAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of the factory are those of firms that apply on this day."""
    monkeypatch.setattr(clock, "today", lambda: TODAY)


def test_policies_stand_by_the_gap_and_missing_figures_lead_to_where_they_are_told(
    session: Session, people: People
) -> None:
    editions(session)
    firm = make_firm(session, name="江门甲电机有限公司")
    filler = people.make(Role.FIRM_FILLER, firm_id=firm.id)
    hold(session, firm.id, {**GOOD, "tech_staff_month_avg": None})
    found = home(session, firm)
    order = [one.preview.rank for one in found.policies]
    assert order == sorted(order)
    hnte = next(one for one in found.policies if one.edition.code == HNTE)
    assert (hnte.preview.nearness, len(hnte.preview.unmet), len(hnte.preview.waiting)) == (Nearness.DATA, 0, 1)
    lacking = next(one for one in found.missing if one.key == "tech_staff_month_avg")
    assert hnte.edition.title in lacking.policies
    session.rollback()
    browser = people.browser(filler)
    browser.get("/portal/")
    assert "不是正式判定" in browser.text
    link = browser.page.select_one("#missing a[href*='key=tech_staff_month_avg']")
    assert link is not None
    browser.get(str(link["href"]))
    browser.submit({"value": "20", "source": "审计报告第 3 页"})
    browser.get("/portal/")
    assert browser.page.select_one("#missing a[href*='key=tech_staff_month_avg']") is None
    assert "已填报，待审核" in browser.text
    browser.submit({}, form="#policies form[action='/portal/assessments/']")
    browser.get("/portal/")
    assert "还没有提交" in browser.page.select_one("#next").text  # type: ignore[union-attr]


def test_what_is_next_stands_by_the_day_and_who_to_call_is_there(session: Session, people: People) -> None:
    editions(session)
    caseworker = people.caseworker(name="李经办")
    firm = make_firm(session, name="江门甲电机有限公司", caseworker_id=caseworker.id)
    other = make_firm(session, name="江门乙灯饰有限公司")
    filler = people.make(Role.FIRM_FILLER, firm_id=firm.id)
    session.merge(caseworker).phone = "0750-3220000"
    for one, until in ((firm, 40), (other, 20)):
        draft = RecognitionDraft(
            RecognitionKind.HITECH, RecognitionLevel.NATIONAL, TODAY - timedelta(days=900), "国科火字〔2024〕12号",
            valid_until=TODAY + timedelta(days=until),
        )  # fmt: skip
        recognitions.register(session, one, draft, by=SYSTEM)
    session.add(Intake(programme="tech_sme", name="第九批", opens_on=TODAY - timedelta(days=3), source="示例文件",
                       closes_on=TODAY + timedelta(days=9), created_by_name="测试"))  # fmt: skip
    session.commit()
    found = home(session, firm)
    days = [step.left for step in found.steps]
    assert days == [9, 40]
    assert found.policies[-1].held is not None
    session.rollback()
    browser = people.browser(filler)
    browser.get("/portal/")
    assert "第九批" in browser.text
    assert "李经办" in browser.text
    assert browser.page.select_one("a[href='tel:0750-3220000']") is not None
    assert (TODAY + timedelta(days=20)).isoformat() not in browser.text  # that is the other firm's


def test_a_firm_of_which_nothing_is_known_and_one_with_impossible_figures_have_a_page(
    session: Session, people: People
) -> None:
    firm = make_firm(session)
    filler = people.make(Role.FIRM_FILLER, firm_id=firm.id)
    browser = people.browser(filler)
    browser.get("/portal/")
    assert "还没有分派经办人" in browser.text
    assert "主管部门还没有载入政策条款" in browser.text
    editions(session)
    browser.get("/portal/")
    assert "缺数据" in browser.text
