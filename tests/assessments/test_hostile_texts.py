"""Hostile texts in every kind of field of a form: each comes back as it was typed, and none is ever markup."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import cycle

import openpyxl
import pytest
from flask import Flask
from openpyxl.utils.escape import unescape
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.roles import Role
from app.accounts.models import User
from app.assessments import queries, reviewing, service, submitting
from app.assessments.filled import Line
from app.assessments.models import AnswerText, Assessment, Part
from app.assessments.places import Place, name_of
from app.assessments.reviewing import Draft
from app.assessments.wire import MOST_AT_ONCE
from app.core import clock
from app.facts import claims_export
from app.facts import export as figures_export
from app.facts.models import Claim
from app.firms.models import Firm
from app.sheets.write import write_workbook
from tests.assessments.conftest import Fill
from tests.assessments.workbooks import Round
from tests.support import hostile
from tests.support.browser import Browser
from tests.support.markup import Page, alive
from tests.support.people import People

TEXTS = tuple(dict.fromkeys(map(hostile.typed, hostile.TEXTS)))
MANY = (*hostile.bundles(1000), *(text for text in TEXTS if len(text) > 900))
PROGRAMMES = ("hitech_recognition", "specialised_sme", "sme_digital", "tech_sme")
DUE = date(2026, 6, 30)
SHORT = [text for text in TEXTS if len(text) < 90 and text.strip() == text and not set(text) & set("\n;；")]
TYPED = {
    Place("registered_province", None): next(iter(hostile.bundles(290))),
    Place("honor_records", None): "\n".join(f"甲{text}；国家级；2024" for text in SHORT[:100]),
    Place("sci_award_records", None): "无",
}


@pytest.fixture
def browser(people: People, filler_user: User, app: Flask) -> Browser:
    """A browser whose forms need no token, so that they are sent without being fetched."""
    app.config["WTF_CSRF_ENABLED"] = False
    return people.browser(filler_user)


def lines_of(session: Session, form: Assessment, by: Actor) -> Sequence[Line]:
    return queries.filled(session, queries.form(session, form.id, for_=by)).lines


def kinds(session: Session, filler: Actor) -> Iterator[tuple[int, str]]:
    """Form and name of one field of each kind of figure, and of each other part."""
    seen: set[str] = set()
    for programme in PROGRAMMES:
        form = service.start(session, programme, "new", 2025, by=filler)
        session.commit()
        for line in lines_of(session, form, filler):
            kind = f"{line.question.indicator.kind} {line.question.indicator.is_ratio}"
            if kind not in seen:
                seen.add(kind)
                yield form.id, line.name("value")
    yield from ((form.id, line.name(part)) for part in ("reason", "reply", "confirm"))


def source(browser: Browser, address: str) -> str:
    answer = browser.client.get(address, follow_redirects=True)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def look(browser: Browser, address: str, texts: Sequence[str]) -> None:
    """A page shows the texts as they were typed, and nothing of them is markup."""
    html = source(browser, address)
    assert list(alive(html)) == [], address
    assert [text for text in texts if text not in Page(html).text] == [], address


def submit(session: Session, form: Assessment, by: Actor) -> None:
    session.expire_all()
    submitting.submit(session, form.id, seen=form.revision, agrees=True, by=by)
    session.commit()


def answers(session: Session, form: Assessment, by: Actor) -> dict[str, str]:
    """Everything of a form answered so that it may be submitted: with hostile texts wherever a text will do."""
    bundles, found = cycle(hostile.bundles(1000)), {}
    for line in lines_of(session, form, by):
        if line.question.is_declaration:
            found[line.name("value")] = "否" if line.question.indicator.kind == "bool" else "0"
        elif line.question.place in TYPED:
            found[line.name("value")] = TYPED[line.question.place]
        elif line.may_confirm:
            found[line.name("confirm")] = "yes"
        else:
            found[line.name("reason")] = next(bundles)
    return found


def test_a_text_comes_back_from_every_kind_of_field_as_it_was_typed(
    session: Session, browser: Browser, filler: Actor
) -> None:
    fields = list(kinds(session, filler))
    assert {name.split("-")[0] for _form, name in fields} == {part.value for part in Part}
    for form_id, name in fields:
        every = TEXTS if name.startswith("value") else MANY
        for start in range(0, len(every), MOST_AT_ONCE):
            texts = every[start : start + MOST_AT_ONCE]
            sent = {"name": [name] * len(texts), "text": list(texts), "seen": [*range(start, start + len(texts))]}
            answer = browser.client.post(f"/portal/assessments/{form_id}/answers", data=sent)
            assert answer.status_code == 200, answer.get_data(as_text=True)
            assert [one["text"] for one in answer.get_json()["fields"]] == list(texts), name
            assert all(one["mine"] for one in answer.get_json()["fields"])
    session.rollback()
    kept = session.scalars(select(AnswerText.text).order_by(AnswerText.id)).all()
    assert tuple(kept) == TEXTS * (len(fields) - 3) + MANY * 3


def test_no_text_is_markup_in_the_form_and_every_field_shows_what_was_typed(
    session: Session, browser: Browser, filler: Actor
) -> None:
    form = service.start(session, "sme_digital", "new", 2025, by=filler)
    session.commit()
    fill, address = Fill(session, form.id), f"/portal/assessments/{form.id}/sections/"
    lines = lines_of(session, form, filler)
    names = [line.name(part) for line in lines for part in ("value", "reason")]
    sections = dict.fromkeys(line.question.section.code for line in lines)
    fill(filler, dict.fromkeys(names, "甲"))
    for turn in range(0, len(MANY), 4):  # fewer than the fields of the rarest kind: each kind shows each text
        fill(filler, {name: MANY[(place + turn) % len(MANY)] for place, name in enumerate(names)})
        pages = [browser.client.get(address + code).get_data(as_text=True) for code in sections]
        assert [text for html in pages for text in alive(html)] == []
        fields = {name: texts for html in pages for name, texts in Page(html).fields.items()}
        shown = {name: fields[name] for name in names}
        assert shown == {name: [MANY[(place + turn) % len(MANY)]] for place, name in enumerate(names)}


def test_a_workbook_brings_every_text_back_as_it_was(session: Session, filler: Actor, firm: Firm, app: Flask) -> None:
    form = service.start(session, "sme_digital", "new", 2025, by=filler)
    session.commit()
    names = [line.name(part) for line in lines_of(session, form, filler) for part in ("value", "reason")]
    Fill(session, form.id)(filler, {name: MANY[place % len(MANY)] for place, name in enumerate(names)})
    trip = Round(session, app, form.id)
    content = trip.out(filler)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert not [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert trip.kinds(trip.back(content, filler), filler) == {}


def test_what_was_submitted_returned_and_accepted_is_text_on_every_page_and_in_every_table(
    session: Session, browser: Browser, filler: Actor, firm: Firm, people: People
) -> None:
    head, reviewer = people.make(Role.FIRM_SIGNATORY, name="钱总", firm_id=firm.id), people.reviewer(name="王审核")
    form = service.start(session, "innovative_sme", "new", 2025, by=filler)
    session.commit()
    fill, office = Fill(session, form.id), people.browser(reviewer)
    mine, theirs = f"/portal/assessments/{form.id}", f"/office/assessments/{form.id}"
    texts = answers(session, form, filler)
    fill(filler, texts)
    submit(session, form, head.as_actor())
    reasons = [text for name, text in texts.items() if name.startswith("reason")]
    for person, address in ((browser, f"{mine}/texts"), (office, f"{theirs}/submissions/1")):
        look(person, address, reasons)
    places = [Place("operating_revenue", 2025), Place("rd_expense_audit", 2025), *TYPED]
    drafts = [Draft(place, "请核对") for place in places]
    reviewing.return_for_correction(session, form, 1, drafts, DUE, by=reviewer.as_actor())
    session.commit()
    replies = dict(zip((name_of(Part.REPLY, *place) for place in places), hostile.bundles(4900), strict=False))
    fill(filler, replies)
    look(browser, f"{mine}/sections/income", [])
    submit(session, form, head.as_actor())
    for person, address in ((browser, f"{mine}/submissions/2"), (office, f"{theirs}/submissions/2?show=changed")):
        look(person, address, list(replies.values()))
    reviewing.accept(session, session.get_one(Assessment, form.id), 2, by=reviewer.as_actor())
    session.commit()
    for address in ("/portal/facts", "/portal/facts/claims", "/portal/"):
        look(browser, address, [])
    for address in ("", "/figures", "/figures/history?key=honor_records", "/timeline"):
        look(office, f"/office/firms/{firm.id}{address}", [])
    claims = session.scalars(select(Claim).where(Claim.stated_by_name == "钱总")).all()
    assert {claim.raw for claim in claims} >= {TYPED[place] for place in places[2:4]}
    look(office, f"/office/facts/claims/{claims[0].id}", [])
    for kind, asked in ((claims_export.KIND, {"state": "accepted"}), (figures_export.KIND, {"firm": str(firm.id)})):
        tables = kind.tables(session, reviewer.as_actor(), asked)
        book = openpyxl.load_workbook(io.BytesIO(write_workbook(tables, created=clock.now())))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert not [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink]
        assert TYPED[Place("registered_province", None)] in [unescape(str(cell.value)) for cell in cells], kind.key
