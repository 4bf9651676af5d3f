"""A firm's own figures: what it states, sees, withdraws; and that it meets nobody else's."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.roles import Role
from app.core.errors import NotFound
from app.facts import service
from app.facts.models import Claim, ClaimState, Evidence, SourceKind
from app.facts.service import Statement
from app.firms.models import Firm
from tests.factories.facts import make_claim, make_fact
from tests.factories.firms import make_firm
from tests.facts.samples import PDF, PNG
from tests.support.browser import Browser
from tests.support.people import People


@pytest.fixture
def browser(people: People, firm: Firm) -> Browser:
    return people.browser(people.make(Role.FIRM_FILLER, name="赵填报", firm_id=firm.id))


def _state(browser: Browser, value: str = "62,974.5", **more: object) -> None:
    browser.get("/portal/facts/new?key=sales_revenue&year=2025")
    browser.submit({"value": value, "source": "2025 年度审计报告第 3 页", **more}, form="main form.x-form")


def test_a_firm_states_a_figure_with_a_file_and_sees_it_wait(session: Session, firm: Firm, browser: Browser) -> None:
    _state(browser, file=(io.BytesIO(PDF), "审计报告.pdf"))
    assert "等待主管部门审核" in browser.text
    assert "审计报告.pdf" in browser.text
    claim = session.scalars(select(Claim)).one()
    assert (claim.firm_id, claim.number, claim.source_kind) == (firm.id, Decimal("62974.5"), SourceKind.FIRM)
    browser.get("/portal/facts")
    assert "62,974.5" in browser.text
    browser.get("/portal/facts/claims")
    assert "待审核" in browser.text


def test_an_unreadable_figure_is_refused_and_kept_in_the_form(session: Session, browser: Browser) -> None:
    browser.get("/portal/facts/new?key=sales_revenue")
    browser.submit({"value": "约六亿", "source": "审计报告"}, form="main form.x-form", expect=422)
    assert "不是数字" in browser.text
    assert session.scalars(select(Claim)).all() == []
    browser.submit({"value": "", "source": ""}, form="main form.x-form", expect=422)
    assert "不要填 0" in browser.text


def test_a_firm_withdraws_what_waits_and_not_what_is_decided(
    session: Session, browser: Browser, reviewer: Actor
) -> None:
    _state(browser)
    claim = session.scalars(select(Claim)).one()
    browser.post(f"/portal/facts/claims/{claim.id}/withdraw", {})
    assert "已撤回" in browser.text
    session.rollback()
    assert session.get_one(Claim, claim.id).state is ClaimState.WITHDRAWN
    browser.get("/portal/facts")
    browser.post(f"/portal/facts/claims/{claim.id}/withdraw", {}, expect=409)


def test_a_firm_reads_why_but_not_who(session: Session, browser: Browser, reviewer: Actor) -> None:
    _state(browser)
    claim = session.scalars(select(Claim)).one()
    service.reject(session, claim, by=reviewer, note="与纳税申报表不符，请核对")
    session.commit()
    browser.get(f"/portal/facts/claims/{claim.id}")
    assert "与纳税申报表不符" in browser.text
    assert "王审核" not in browser.text
    browser.get("/portal/facts/claims")
    assert "与纳税申报表不符" in browser.text
    assert "王审核" not in browser.text


def test_a_value_not_chosen_says_why_without_names(
    session: Session, firm: Firm, browser: Browser, reviewer: Actor
) -> None:
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(100), reviewer=reviewer)
    session.commit()
    _state(browser)
    claim = session.scalars(select(Claim).where(Claim.source_kind == SourceKind.FIRM)).one()
    service.keep_current(session, claim, by=reviewer, reason="以审计数为准")
    session.commit()
    browser.get(f"/portal/facts/claims/{claim.id}")
    assert "以审计数为准" in browser.text
    assert "王审核" not in browser.text


def test_accepted_figures_show_without_the_reviewer(
    session: Session, firm: Firm, browser: Browser, reviewer: Actor
) -> None:
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal("62974"), reviewer=reviewer)
    session.commit()
    browser.get("/portal/facts")
    assert "62,974" in browser.text
    assert "王审核" not in browser.text
    assert "Sheet1!F12" not in browser.text
    browser.get("/portal/facts?show=all&q=职工")
    assert "职工总数" in browser.text


def test_nothing_of_another_firm_or_of_the_bureau_is_reached(
    session: Session, firm: Firm, browser: Browser, people: People
) -> None:
    other = make_firm(session)
    theirs = people.browser(people.make(Role.FIRM_SIGNATORY, firm_id=other.id))
    _state(theirs, file=(io.BytesIO(PDF), "审计报告.pdf"))
    foreign = session.scalars(select(Claim)).one()
    evidence = session.scalars(select(Evidence)).one()
    from_table = make_claim(session, firm.id)
    session.commit()
    _state(browser)
    own = session.scalars(select(Claim).order_by(Claim.id.desc())).first()
    assert own is not None
    for url in (
        f"/portal/facts/claims/{foreign.id}",
        f"/portal/facts/claims/{from_table.id}",
        f"/portal/facts/claims/{foreign.id}/evidence/{evidence.id}",
        f"/portal/facts/claims/{own.id}/evidence/{evidence.id}",
    ):
        browser.get(url, expect=404)
    browser.get("/portal/facts")
    browser.post(f"/portal/facts/claims/{foreign.id}/withdraw", {}, expect=404)
    browser.get("/portal/facts")
    assert browser.client.get("/office/facts").status_code == 403


def test_evidence_leaves_as_a_download_that_nothing_runs(session: Session, browser: Browser) -> None:
    _state(browser, file=(io.BytesIO(PDF), "审计报告 2025.pdf"))
    claim = session.scalars(select(Claim)).one()
    evidence = session.scalars(select(Evidence)).one()
    answer = browser.client.get(f"/portal/facts/claims/{claim.id}/evidence/{evidence.id}")
    assert answer.data == PDF
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]


def test_a_file_is_added_while_the_claim_waits_and_not_after(
    session: Session, browser: Browser, reviewer: Actor
) -> None:
    _state(browser)
    claim = session.scalars(select(Claim)).one()
    browser.submit({"file": (io.BytesIO(PNG), "发票.png")}, form="form#evidence-form")
    assert "发票.png" in browser.text
    browser.submit({"title": "没有文件"}, form="form#evidence-form", expect=422)
    assert "请选择要上传的文件" in browser.text
    browser.get(f"/portal/facts/claims/{claim.id}")
    token = browser.page.select_one("input[name=csrf_token]")
    assert token is not None
    session.rollback()
    service.accept(session, session.get_one(Claim, claim.id), by=reviewer)
    session.commit()
    late = {"csrf_token": str(token["value"]), "file": (io.BytesIO(PNG), "发票.png")}
    assert browser.client.post(f"/portal/facts/claims/{claim.id}/evidence", data=late).status_code == 409


def test_a_firm_sees_the_scores_of_the_experts_and_never_states_them(
    session: Session, people: People, firm: Firm, reviewer: Actor
) -> None:
    make_fact(session, firm.id, "expert:IP1", None, Decimal(6), reviewer=reviewer)
    session.commit()
    person = people.make(Role.FIRM_FILLER, name="钱填报", firm_id=firm.id)
    browser = people.browser(person)
    browser.get("/portal/facts/")
    assert "专家评分 IP1" in browser.text
    assert browser.page.select('a[href*="key=expert"]') == []
    browser.get("/portal/facts/new?key=expert:IP1", expect=404)
    own_score = Statement(firm.id, "expert:IP1", None, Decimal(8), "8", SourceKind.FIRM, "自评")
    with pytest.raises(NotFound):
        service.state(session, own_score, by=person.as_actor())
