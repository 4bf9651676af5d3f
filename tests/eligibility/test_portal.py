"""A firm sees its own latest verdicts in plain words, and nobody else's."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.roles import Role
from tests.factories.eligibility import LACKS_STAFF, TOO_LITTLE_RESEARCH, hold, make_judged_firm, make_verdict
from tests.factories.firms import make_firm
from tests.support.people import People


def test_a_firm_reads_what_is_missing_without_names_of_reviewers(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", LACKS_STAFF)
    verdict = make_verdict(session, firm)
    browser = people.browser(people.make(Role.FIRM_FILLER, firm_id=firm.id))
    browser.get("/portal/eligibility/")
    assert "资料不足" in browser.text
    browser.get(f"/portal/eligibility/{verdict.id}")
    assert "缺：2025 年" in browser.text
    assert "王审核" not in browser.text
    assert "虚构企业情况表.xlsx" not in browser.text
    assert "不代表最终认定结果" not in browser.text
    assert "尚未经人工核对" in browser.text


def test_only_the_latest_verdict_of_an_edition_is_listed(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", TOO_LITTLE_RESEARCH)
    make_verdict(session, firm)
    hold(session, firm.id, {"rd_expense_hnte": {2023: 150, 2024: 170, 2025: 180}})
    make_verdict(session, firm)
    browser = people.browser(people.make(Role.FIRM_SIGNATORY, firm_id=firm.id))
    browser.get("/portal/eligibility/")
    assert "各项条件均符合" in browser.text
    assert "不符合条件" not in browser.text


def test_the_verdict_of_another_firm_is_not_there(session: Session, people: People) -> None:
    theirs = make_verdict(session, make_judged_firm(session, "江门甲电机有限公司"))
    own = make_firm(session)
    browser = people.browser(people.make(Role.FIRM_FILLER, firm_id=own.id))
    browser.get("/portal/eligibility/")
    assert "还没有判定" in browser.text
    browser.get(f"/portal/eligibility/{theirs.id}", expect=404)
    browser.get(f"/office/eligibility/verdicts/{theirs.id}", expect=403)
