"""How people of firms get in: by invitation, by a request with a proof; what they may do, and how it ends."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM
from app.access.roles import Role
from app.accounts import mandates
from app.accounts.mandates import Power
from app.accounts.models import Mandate, User
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import Database
from app.core.errors import Conflict, Invalid
from app.facts.models import Claim
from app.firms.models import Firm
from app.mandates import service
from app.mandates.models import Invitation, MandateRequest, RequestState
from tests.factories.firms import credit_code, make_firm
from tests.facts.samples import PDF
from tests.support.browser import Browser
from tests.support.people import PASSWORD, People

NEW = {
    "login": "zhang-san",
    "name": "张三",
    "phone": "13800001234",
    "password": "long-enough-9",
    "again": "long-enough-9",
}
UNTIL = clock.today() + timedelta(days=30)
FORM = "main form.x-form"


@pytest.fixture
def firm(session: Session) -> Firm:
    return make_firm(session)


def html(browser: Browser) -> str:
    return browser.response.get_data(as_text=True)


def invited(people: People, firm: Firm, **more: str) -> str:
    """Return the address of an invitation that a caseworker made."""
    office = people.browser(people.caseworker(name="林经办"))
    office.get(f"/office/firms/{firm.id}/people/invite")
    office.submit({"invitee": "张三 财务部", "valid_until": UNTIL.isoformat(), **more}, form=FORM)
    return re.search(r"/invitation/[\w-]+", html(office))[0]  # type: ignore[index]


def test_an_invited_person_opens_an_account_and_acts_for_the_firm(people: People, firm: Firm, session: Session) -> None:
    link = invited(people, firm)
    browser = people.browser()
    browser.get(link)
    assert firm.name in browser.text
    assert "林经办" in browser.text
    browser.submit(NEW, form=FORM)
    assert firm.name in browser.text  # the home of the portal
    mandate = session.scalars(select(Mandate)).one()
    assert (mandate.firm_id, mandate.role, mandate.valid_until) == (firm.id, Role.FIRM_FILLER, UNTIL)
    people.browser().get(link, expect=409)  # a link works once


def test_what_is_wrong_with_a_link_is_told(people: People, firm: Firm, database: Database, session: Session) -> None:
    people.browser().get("/invitation/there-is-none", expect=404)
    late, taken_back = invited(people, firm), invited(people, firm)
    with database.transaction() as writing:
        one, other = writing.scalars(select(Invitation).order_by(Invitation.id))
        one.expires_at = clock.now() - timedelta(minutes=1)
        service.revoke(writing, other, by=SYSTEM)
    browser = people.browser()
    browser.get(late, expect=409)
    assert "过期" in browser.text
    browser.get(taken_back, expect=409)
    assert "已收回" in browser.text


def test_one_account_acts_for_several_firms_and_an_old_window_never_writes_to_the_other(
    people: People, firm: Firm, session: Session
) -> None:
    other = make_firm(session)
    filler = people.make(Role.FIRM_FILLER, name="赵填报", firm_id=firm.id)
    browser = people.browser(filler)
    browser.get("/portal/facts/new?key=sales_revenue&year=2025")  # stands open in a window
    old_form = browser.page
    browser.get(invited(people, other))
    browser.submit({}, form=FORM)
    assert other.name in browser.text
    assert firm.name not in browser.text
    token = old_form.select_one("main form.x-form input[name=csrf_token]")["value"]  # type: ignore[index]
    sent = {"csrf_token": token, "value": "12", "source": "审计报告"}
    assert browser.client.post("/portal/facts/new?key=sales_revenue&year=2025", data=sent).status_code == 400
    assert session.scalars(select(Claim)).all() == []
    browser.get("/acting")
    assert firm.name in browser.text
    mine = mandates.of_user(session, filler.id)[0]
    browser.submit({"mandate_id": str(mine.id)}, form='form[action^="/acting"]')
    assert firm.name in browser.text
    people.browser(filler).get("/acting")  # who has several chooses on signing in


def test_a_mandate_ends_at_once_in_every_browser_and_says_why(people: People, firm: Firm, session: Session) -> None:
    head = people.browser(people.make(Role.FIRM_SIGNATORY, name="钱总", firm_id=firm.id))
    filler = people.make(Role.FIRM_FILLER, name="赵填报", firm_id=firm.id)
    working = people.browser(filler)
    working.get("/portal/facts")
    mandate = mandates.of_user(session, filler.id)[0]
    head.get(f"/portal/people/{mandate.id}/end")
    head.submit({"reason": ""}, form=FORM, expect=422)
    head.submit({"reason": "已离职"}, form=FORM)
    working.get("/portal/facts", expect=403)
    working.get("/acting")
    assert "已离职" in working.text
    assert "钱总" in working.text


def test_a_mandate_ends_by_itself_on_the_day_after_its_last(
    people: People, firm: Firm, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler = people.make(Role.FIRM_FILLER, firm_id=firm.id)
    mandate = mandates.of_user(session, filler.id)[0]
    assert mandate.is_live(mandate.valid_until)
    assert not mandate.is_live(mandate.valid_until + timedelta(days=1))
    browser = people.browser(filler)
    monkeypatch.setattr(clock, "today", lambda: mandate.valid_until)
    browser.get("/portal/facts")
    monkeypatch.setattr(clock, "today", lambda: mandate.valid_until + timedelta(days=1))
    browser.get("/portal/facts", expect=403)


def test_only_the_head_invites_and_ends(people: People, firm: Firm, session: Session) -> None:
    filler = people.browser(people.make(Role.FIRM_FILLER, firm_id=firm.id))
    filler.get("/portal/people")
    filler.get("/portal/people/invite", expect=403)
    head = people.browser(people.make(Role.FIRM_SIGNATORY, name="钱总", firm_id=firm.id))
    head.get("/portal/people/invite")
    head.submit({"invitee": "李四", "valid_until": UNTIL.isoformat()}, form=FORM)
    assert "/invitation/" in html(head)
    other = people.make(Role.FIRM_FILLER, firm_id=make_firm(session).id)
    foreign = mandates.of_user(session, other.id)[0]
    head.get(f"/portal/people/{foreign.id}/end", expect=404)


def test_an_intermediary_is_told_apart_in_all_that_it_does(people: People, firm: Firm, session: Session) -> None:
    browser = people.browser()
    browser.get(invited(people, firm, agency="示例咨询"))
    browser.submit(NEW, form=FORM)
    browser.get("/portal/facts/new?key=sales_revenue&year=2025")
    browser.submit({"value": "100", "source": "审计报告"}, form=FORM)
    stated = session.scalars(select(AuditEvent).where(AuditEvent.action == Action.CLAIM_STATE)).one()
    assert stated.actor_name == "张三（示例咨询代办）"
    with pytest.raises(Invalid, match="只能作为填报人"):
        mandates.check(Power(firm.id, Role.FIRM_SIGNATORY, UNTIL, "示例咨询"))


@pytest.mark.parametrize(("days", "fine"), [(-1, False), (0, True), (732, True), (733, False)])
def test_a_mandate_lasts_from_today_to_two_years(days: int, *, fine: bool) -> None:
    power = Power(1, Role.FIRM_FILLER, clock.today() + timedelta(days=days))
    if fine:
        mandates.check(power)
    else:
        with pytest.raises(Invalid):
            mandates.check(power)


def ask(browser: Browser, code: str, *, expect: int = 200, **more: object) -> None:
    browser.get("/register")
    sent = {**NEW, "credit_code": code, "firm_name": "某企业", "file": (io.BytesIO(PDF), "授权书.pdf"), **more}
    browser.submit(sent, form=FORM, expect=expect)


def test_who_has_no_invitation_asks_with_a_proof_and_is_let_in(people: People, firm: Firm, session: Session) -> None:
    browser = people.browser()
    ask(browser, firm.credit_code or "")
    assert "待审核" in browser.text
    assert firm.name not in browser.text
    browser.get("/portal/facts", expect=403)
    asked = session.scalars(select(MandateRequest)).one()
    office = people.browser(people.caseworker())
    office.get(f"/office/mandates/{asked.id}")
    assert firm.name in office.text
    assert "授权书.pdf" in office.text
    assert "名称不同" in office.text
    office.submit({"valid_until": UNTIL.isoformat()}, form=f'form[action$="/{asked.id}/allow"]')
    browser.get("/acting")
    assert firm.name in browser.text
    assert "已同意" in browser.text
    session.rollback()
    with pytest.raises(Conflict, match="处理"):
        service.refuse(session, session.get_one(MandateRequest, asked.id), by=SYSTEM, reason="重复")


def test_a_request_tells_nothing_of_the_register(people: People, firm: Firm, session: Session) -> None:
    known, unknown = people.browser(), people.browser()
    ask(known, firm.credit_code or "")
    ask(unknown, credit_code(9_999_999), login="li-si")
    told = [re.sub(r"zhang-san|li-si", "", one.text) for one in (known, unknown)]
    assert told[0] == told[1]


def test_a_bad_request_keeps_nothing(people: People, session: Session) -> None:
    browser = people.browser()
    ask(browser, "9144O703MA", expect=422)
    assert "18 位" in browser.text
    ask(browser, credit_code(9_999_999), file=(io.BytesIO(b"MZ"), "x.exe"), expect=422)
    assert "不是可接收的文件" in browser.text
    ask(browser, credit_code(9_999_999), password="zhang-san1", again="zhang-san1", expect=422)  # noqa: S106
    assert session.scalars(select(User).where(User.login == "zhang-san")).all() == []
    assert session.scalars(select(MandateRequest)).all() == []


def test_a_refusal_gives_its_reason_and_asking_is_bounded(people: People, firm: Firm, session: Session) -> None:
    browser = people.browser()
    ask(browser, firm.credit_code or "")
    asked = session.scalars(select(MandateRequest)).one()
    office = people.browser(people.caseworker())
    office.get(f"/office/mandates/{asked.id}")
    office.submit({"reason": "授权书没有盖章"}, form=f'form[action$="/{asked.id}/refuse"]')
    browser.get("/acting")
    assert "授权书没有盖章" in browser.text
    for number in range(service.MOST_WAITING + 1):
        browser.get("/ask")
        sent = {"credit_code": firm.credit_code, "firm_name": "某企业", "file": (io.BytesIO(PDF), "授权书.pdf")}
        browser.submit(sent, form=FORM, expect=200 if number < service.MOST_WAITING else 429)
    session.rollback()
    waiting = select(MandateRequest).where(MandateRequest.state == RequestState.WAITING)
    assert len(session.scalars(waiting).all()) == service.MOST_WAITING


def test_staff_cannot_take_up_an_invitation(people: People, firm: Firm) -> None:
    browser = people.browser(people.caseworker())
    browser.get(invited(people, firm))
    assert "局内人员不能代表企业" in browser.text
    assert browser.page.select_one("main form.x-form") is None


def test_a_wrong_password_is_still_a_wrong_password(people: People, firm: Firm) -> None:
    filler = people.make(Role.FIRM_FILLER, firm_id=firm.id)
    browser = people.browser()
    browser.get("/sign-in")
    browser.submit({"login": filler.login, "password": PASSWORD + "x"}, expect=422)
