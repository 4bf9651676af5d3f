"""A firm reads what the bureau published to it, in plain words, and nothing that is not published."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.core.errors import Conflict
from app.eligibility.models import Verdict, VerdictState
from app.eligibility.publishing import queries, service
from app.eligibility.publishing.models import Publication
from app.firms import merge, unmerge
from app.firms.models import FirmMerge
from tests.factories.eligibility import (
    LACKS_STAFF,
    TOO_LITTLE_RESEARCH,
    hold,
    make_judged_firm,
    make_list,
    make_verdict,
)
from tests.factories.firms import make_firm
from tests.support.people import People


def publish(session: Session, verdict: Verdict, people: People, note: str = "") -> int:
    made = service.publish(session, verdict.id, by=people.reviewer().as_actor(), note=note)
    session.commit()
    return made.id


def test_a_firm_reads_what_is_missing_without_names_of_reviewers(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", LACKS_STAFF)
    number = publish(session, make_verdict(session, firm), people, "请补报人员数据")
    browser = people.browser(people.make(Role.FIRM_FILLER, firm_id=firm.id))
    browser.get("/portal/eligibility/")
    assert "资料不足" in browser.text
    assert "请补报人员数据" in browser.text
    browser.get(f"/portal/eligibility/{number}")
    assert "缺：2025 年" in browser.text
    assert "王审核" not in browser.text
    assert "虚构企业情况表.xlsx" not in browser.text
    assert "尚未经人工核对" in browser.text


def test_nothing_unpublished_is_behind_any_door(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", TOO_LITTLE_RESEARCH)
    verdict = make_verdict(session, firm)
    browser = people.browser(people.make(Role.FIRM_FILLER, firm_id=firm.id))
    for path in ("/portal/", "/portal/eligibility/"):
        browser.get(path)
        assert "还没有公布的判定" in browser.text
        assert verdict.reason not in browser.text
    for number in range(verdict.id + 3):
        browser.get(f"/portal/eligibility/{number}", expect=404)


def test_a_newer_publication_succeeds_and_a_withdrawn_one_is_shown_as_such(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", TOO_LITTLE_RESEARCH)
    reviewer = people.reviewer().as_actor()
    old = publish(session, make_verdict(session, firm), people)
    hold(session, firm.id, {"rd_expense_hnte": {2023: 150, 2024: 170, 2025: 180}})
    new = publish(session, make_verdict(session, firm), people)
    browser = people.browser(people.make(Role.FIRM_SIGNATORY, firm_id=firm.id))
    browser.get("/portal/eligibility/")
    assert "各项条件均符合" in browser.text
    assert "已由新的公布接替" in browser.text
    browser.get(f"/portal/eligibility/{old}")
    assert "已公布更新的判定" in browser.text
    with pytest.raises(Conflict, match="接替"):
        service.withdraw(session, old, "误发", by=reviewer)
    service.withdraw(session, new, "数据有误，另行公布", by=reviewer)
    session.commit()
    for path in ("/portal/eligibility/", f"/portal/eligibility/{new}"):
        browser.get(path)
        assert "数据有误，另行公布" in browser.text
        assert "各项条件均符合" not in browser.text
    browser.get("/portal/")
    assert "各项条件均符合" not in browser.text


def test_what_was_told_long_ago_can_still_be_looked_up(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", TOO_LITTLE_RESEARCH)
    old = publish(session, make_verdict(session, firm), people)
    newer = make_verdict(session, firm)
    session.add_all([Publication(verdict_id=newer.id, published_by_name="审核人") for _ in range(100)])
    session.commit()
    assert queries.publication(session, old, for_=people.reviewer().as_actor()).standing is queries.Standing.SUPERSEDED


def test_what_another_firm_was_told_is_not_there(session: Session, people: People) -> None:
    theirs = make_verdict(session, make_judged_firm(session, "江门甲电机有限公司"))
    number = publish(session, theirs, people)
    browser = people.browser(people.make(Role.FIRM_FILLER, firm_id=make_firm(session).id))
    browser.get("/portal/eligibility/")
    assert "还没有公布的判定" in browser.text
    browser.get(f"/portal/eligibility/{number}", expect=404)
    browser.get(f"/office/eligibility/verdicts/{theirs.id}", expect=403)


def test_nobody_publishes_their_own_judgement_nor_an_older_one(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司")
    reviewer = people.reviewer()
    old, new = make_verdict(session, firm, by=reviewer.as_actor()), make_verdict(session, firm)
    browser = people.browser(reviewer)
    browser.get(f"/office/eligibility/verdicts/{old.id}/publish")
    browser.submit({}, expect=409)
    assert "须由另一人公布" in browser.text
    number = publish(session, new, people)
    other = people.browser(people.make(Role.LEADER))
    for verdict, why in ((new, "已经公布"), (old, "更新的判定")):
        other.get(f"/office/eligibility/verdicts/{verdict.id}/publish")
        other.submit({}, expect=409)
        assert why in other.text
    other.get(f"/office/eligibility/publications/{number}/withdraw")
    other.submit({"reason": "换版"})
    assert "撤回：换版" in other.text
    clerk = people.browser(people.caseworker())
    clerk.get(f"/office/eligibility/verdicts/{new.id}/publish", expect=403)


def test_a_list_is_published_by_result_and_what_figures_overtook_stays_behind(session: Session, people: People) -> None:
    good, poor, late = (
        make_judged_firm(session, name, *changes)
        for name, changes in (
            ("江门甲电机有限公司", ()),
            ("江门乙灯饰有限公司", (TOO_LITTLE_RESEARCH,)),
            ("江门丙五金有限公司", ()),
        )
    )
    drawn = make_list(session)
    hold(session, late.id, {"tech_staff_month_avg": {2025: 25}})
    browser = people.browser(people.reviewer())
    browser.get(f"/office/eligibility/{drawn.id}/publish")
    assert "符合条件（2 家）" in browser.text
    browser.submit({"states": [VerdictState.ELIGIBLE]})
    assert "已向 1 家企业公布判定" in browser.text
    session.rollback()
    assert [len(queries.of_firm(session, one.id)) for one in (good, poor, late)] == [1, 0, 0]
    browser.get(f"/office/eligibility/{drawn.id}/publish")
    browser.submit({"states": list(VerdictState), "with_stale": "y"})
    assert "已向 2 家企业公布判定" in browser.text
    browser.get(f"/office/eligibility/{drawn.id}/publish")
    assert "没有可以公布的判定" in browser.text
    browser.get(f"/office/firms/{poor.id}/timeline")
    assert "向企业公布判定" in browser.text


def test_a_merge_is_not_taken_back_over_what_the_firm_was_told(session: Session, people: People) -> None:
    firm, other = make_judged_firm(session, "江门甲电机有限公司"), make_firm(session)
    merge.merge(session, firm, other, merge.Choice("重复建档"), by=SYSTEM)
    session.commit()
    verdict, reviewer = make_verdict(session, firm), people.reviewer().as_actor()
    found = session.scalars(select(FirmMerge)).one()
    assert unmerge.obstacles(session, found) == []
    service.publish(session, verdict.id, by=reviewer)
    assert "判定结果" in str(unmerge.obstacles(session, found)[0])
