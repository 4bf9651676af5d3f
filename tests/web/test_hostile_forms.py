"""Hostile texts in every other field that a firm may type in: kept exactly, or refused with the text in its place."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote_from_bytes

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.accounts.models import Mandate, User
from app.assessments import service as assessments
from app.audit.models import AuditEvent
from app.core import clock
from app.facts import service
from app.facts.models import Claim, Document
from app.firms.models import Firm
from app.mandates import service as mandates
from app.mandates.models import Invitation, MandateRequest
from tests.factories.eligibility import editions
from tests.factories.firms import credit_code, make_firm
from tests.support import hostile
from tests.support.browser import Browser
from tests.support.markup import Page, alive
from tests.support.people import PASSWORD, People

Texts = dict[str, list[str]]
FILE = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def firm(session: Session) -> Firm:
    return make_firm(session)


@pytest.fixture
def head(people: People, firm: Firm, app: Flask) -> User:
    app.config["WTF_CSRF_ENABLED"] = False
    return people.make(Role.FIRM_SIGNATORY, firm_id=firm.id)


@pytest.fixture
def browser(people: People, head: User) -> Browser:
    return people.browser(head)


def send(
    browser: Browser,
    address: str,
    longest: Mapping[str, int],
    *,
    status: int = 302,
    file: str = "",
    most: int = 999,
    **fixed: str,
) -> Texts:
    """Post a form until every field has had every text (or ``most`` times); return what each was given."""
    texts = {name: list(hostile.bundles(length)) for name, length in longest.items()}
    given: Texts = {name: [] for name in texts}
    for turn in range(min(most, max(map(len, texts.values())))):
        sent = {name: some[turn % len(some)] for name, some in texts.items()}
        for name, text in sent.items():
            given[name].append(text)
        upload = (
            {file: (io.BytesIO(FILE + f"{address} {turn}".encode()), file_name(next(iter(sent.values()))))}
            if file
            else {}
        )
        answer = browser.client.post(address, data={**fixed, **sent, **upload})
        html = answer.get_data(as_text=True)
        assert answer.status_code == status, f"{sent}: {errors(html)}"
        if turn % 10 == 9:
            browser.client.get("/password")  # shows what was said after each post: it would pile up in the cookie
        if status == 422:
            shown = Page(html).fields
            assert {name: shown[name] for name in sent} == {name: [text] for name, text in sent.items()}
            assert list(alive(html)) == []
    return given


def file_name(text: str) -> str:
    """How a browser sends the name of a file."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A") + ".pdf"


def errors(html: str) -> list[str]:
    return re.findall(r'class="x-error[^>]*>.*?</(?:p|ul)>', html, re.DOTALL)


def look(browser: Browser, *addresses: str) -> None:
    for address in addresses:
        answer = browser.client.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        assert list(alive(answer.get_data(as_text=True))) == [], address


def kept(session: Session, *columns: object) -> set[object]:
    session.rollback()
    return set().union(*(session.scalars(select(column)) for column in columns))  # type: ignore[call-overload]


def told(session: Session, name: str) -> set[object]:
    """What the log says a field became."""
    session.rollback()
    return {one.changes[name][1] for one in session.scalars(select(AuditEvent)) if name in one.changes}


def test_what_a_firm_states_with_its_proofs(
    session: Session, browser: Browser, people: People, firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = people.browser(people.reviewer())
    fields = {"source": 200, "note": 1000, "value": 300}
    given = send(browser, "/portal/facts/new?key=registered_province", fields, file="file")
    assert kept(session, Claim.raw) == set(given["value"])
    assert kept(session, Claim.source_label) == set(given["source"])
    assert kept(session, Claim.note) == set(given["note"])
    claim = session.scalars(select(func.max(Claim.id))).one()
    monkeypatch.setattr(service, "MOST_FILES", 1000)
    proofs = send(browser, f"/portal/facts/claims/{claim}/evidence", {"title": 100}, file="file")
    assert kept(session, Document.title) >= set(proofs["title"])
    look(browser, "/portal/facts", "/portal/facts/claims", f"/portal/facts/claims/{claim}",
         "/portal/facts/documents")  # fmt: skip
    look(office, "/office/facts", f"/office/facts/claims/{claim}", f"/office/firms/{firm.id}/timeline",
         f"/office/firms/{firm.id}/documents")  # fmt: skip
    for document in session.scalars(select(Document).where(Document.id % 3 == 0)).all():
        answer = browser.client.get(f"/portal/facts/documents/{document.id}/file")
        assert answer.headers["Content-Disposition"].startswith("attachment; filename")
        assert not any("\n" in value for value in answer.headers.values())
        assert answer.status_code == 200


def test_who_is_invited_and_who_asks(
    session: Session, browser: Browser, people: People, firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mandates, "MOST_WAITING", 10_000)
    monkeypatch.setattr(mandates, "MOST_FROM_ADDRESS", 10_000)
    office = people.browser(people.reviewer())
    until = str(clock.today() + timedelta(days=30))
    power = {"role": Role.FIRM_FILLER.value, "valid_until": until}
    invited = send(browser, "/portal/people/invite", {"invitee": 60, "agency": 120}, status=200, **power)
    assert kept(session, Invitation.invitee) == set(invited["invitee"])
    assert kept(session, Invitation.agency) == set(invited["agency"])
    look(browser, "/portal/people")
    look(office, f"/office/firms/{firm.id}/people")
    code = {"credit_code": credit_code(77), "role": Role.FIRM_FILLER.value}
    asked = send(browser, "/ask", {"firm_name": 120, "agency": 120, "statement": 500}, file="file", **code)
    assert kept(session, MandateRequest.firm_name) == set(asked["firm_name"])
    assert kept(session, MandateRequest.agency) == set(asked["agency"])
    assert kept(session, MandateRequest.statement) == set(asked["statement"])
    last = session.scalars(select(func.max(MandateRequest.id))).one()
    look(browser, "/acting")
    look(office, "/office/mandates", f"/office/mandates/{last}")


def test_who_fills_in_a_section_and_why_a_power_ends(
    session: Session, browser: Browser, people: People, head: User, firm: Firm
) -> None:
    editions(session)
    form = assessments.start(session, "hitech_recognition", "new", clock.today().year - 1, by=head.as_actor())
    session.commit()
    given = send(browser, f"/portal/assessments/{form.id}/sections/staff/owner", {"person": 60}, owner="research")
    assert told(session, "人员") == {f"研发 {text}" for text in given["person"]}
    look(browser, f"/portal/assessments/{form.id}", f"/portal/assessments/{form.id}/sections/staff")
    texts, leaver = hostile.bundles(300), people.make(Role.FIRM_FILLER, firm_id=firm.id)
    session.rollback()
    mandate, text = session.scalars(select(Mandate.id).where(Mandate.user_id == leaver.id)).one(), next(texts)
    assert browser.client.post(f"/portal/people/{mandate}/end", data={"reason": text}).status_code == 302
    assert text in kept(session, Mandate.ended_why)
    look(browser, "/portal/people")


def test_what_is_refused_stays_in_its_field(browser: Browser, people: People) -> None:
    send(browser, "/profile", {"phone": 40, "email": 200}, status=422, most=50, password=PASSWORD)
    opened = {"password": "tong-xin-99317", "again": "tong-xin-99317", "role": "firm_filler"}
    fields = {"login": 40, "name": 60, "phone": 40, "credit_code": 60, "firm_name": 120, "agency": 120}
    send(people.browser(), "/register", fields, status=422, file="file", most=50, **opened)


def test_what_an_account_says_of_itself(session: Session, browser: Browser, head: User) -> None:
    given = send(browser, "/profile", {"phone": 40}, most=60, email="", password=PASSWORD)
    assert told(session, "phone") >= set(given["phone"])


def test_what_is_searched_or_tried_is_shown_as_text(session: Session, browser: Browser) -> None:
    editions(session)
    for text in hostile.bundles(1000):
        for address in ("/portal/facts", "/portal/facts/indicators"):
            answer = browser.client.get(address, query_string={"q": text})
            html = answer.get_data(as_text=True)
            assert answer.status_code == 200
            assert list(alive(html)) == []
            assert Page(html).fields["q"] == [text]


@pytest.mark.parametrize("text", hostile.WITH_NUL)
def test_a_nul_is_refused_by_name(session: Session, browser: Browser, text: str) -> None:
    answer = browser.client.post("/portal/facts/new?key=registered_province", data={"value": text, "source": "甲"})
    assert answer.status_code == 422
    assert "空字符" in answer.get_data(as_text=True)
    assert kept(session, Claim.raw) == set()


@pytest.mark.parametrize("content", hostile.BROKEN)
def test_bytes_that_are_no_text_break_nothing(session: Session, browser: Browser, content: bytes) -> None:
    body = b"source=%E7%94%B2&value=" + quote_from_bytes(content).encode()
    form = {"content_type": "application/x-www-form-urlencoded"}
    answer = browser.client.post("/portal/facts/new?key=registered_province", data=body, **form)
    assert answer.status_code == 302
    (text,) = kept(session, Claim.raw)
    assert str(text).encode()
