"""Infected files, files that wait in quarantine and consents that end soon: told to whom they concern, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.assessments import consents
from app.assessments import service as assessments
from app.core import clock
from app.facts import locker, scanning
from app.facts.locker import Upload
from app.facts.models import Document
from app.facts.scanning import Said
from app.files import service as files
from app.files.models import ScanState, StoredFile
from app.firms.models import Firm
from app.jobs.models import Job, JobState
from app.reminders import service
from app.reminders.channel import Channel
from app.reminders.due import all_due, step_for
from app.reminders.models import DueKind, Reminder
from app.rulebooks import service as editions
from tests.factories.firms import make_firm
from tests.facts.samples import PDF
from tests.support.people import People


@pytest.fixture
def firm(session: Session) -> Firm:
    return make_firm(session)


def test_infected_files_are_told_at_once_and_once_to_who_brought_them_and_to_the_bureau(
    app: Flask, session: Session, people: People, firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler = people.make(Role.FIRM_FILLER, firm_id=firm.id)
    reviewer, elsewhere = people.reviewer(), people.caseworker()
    session.merge(filler).email = "filler@example.test"
    sent: list[str] = []
    monkeypatch.setattr(Channel, "send", lambda _self, to, _title, text: sent.append(f"{to} {text}") or "")
    worker = app.extensions["yuqi_worker"]
    settings = replace(worker.tools["settings"], notify_url="json://127.0.0.1")
    monkeypatch.setattr(worker, "tools", {**worker.tools, "settings": settings})
    store = worker.tools["store"]
    document = locker.keep(session, store, firm.id, Upload("合同.pdf", PDF), by=filler.as_actor())
    scanning.settle(session, document.file_id, Said(ScanState.INFECTED, "Fake.Virus-1"))
    session.commit()
    worker.run_pending()
    told = session.execute(select(Reminder.user_id, Reminder.kind).order_by(Reminder.user_id)).all()
    assert {tuple(row) for row in told} == {(filler.id, DueKind.INFECTED), (reviewer.id, DueKind.INFECTED)}
    assert len(sent) == 1
    assert sent[0].startswith("filler@example.test · “合同.pdf”查出病毒（Fake.Virus-1），已停用")
    session.rollback()
    worker.run_pending()
    with worker.database.transaction() as night:
        assert service.remind(night, clock.today() + timedelta(days=25), mails=True).reminders == 0
    browser = people.browser(filler)
    browser.get("/portal/reminders")
    assert "查出病毒（Fake.Virus-1）" in browser.text
    assert "还有" not in browser.text
    people.browser(elsewhere).get("/office/reminders")


def test_what_is_found_while_others_are_being_told_is_told_too(app: Flask, session: Session, firm: Firm) -> None:
    store = app.extensions["yuqi_store"]
    for number in range(2):
        found = locker.keep(session, store, firm.id, Upload(f"{number}.pdf", PDF + b"%\n" * number), by=SYSTEM)
        scanning.settle(session, found.file_id, Said(ScanState.INFECTED, "Fake.Virus-1"))
        telling = select(Job).where(Job.name == files.TELL, Job.state == JobState.QUEUED)
        session.scalars(telling).one().state = JobState.RUNNING


def test_what_waits_in_quarantine_and_consents_that_end_are_told(
    session: Session, people: People, firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 15, 2, tzinfo=UTC))
    head, reviewer, clerk = people.make(Role.FIRM_SIGNATORY, firm_id=firm.id), people.reviewer(), people.caseworker()
    firm.caseworker_id = clerk.id
    editions.sync(session, by=SYSTEM)
    form = assessments.start(session, "hitech_recognition", "new", 2025, by=head.as_actor())
    consents.give(session, form, date(2026, 7, 1), agrees=True, by=head.as_actor())
    for number in range(2):
        session.add(StoredFile(sha256=str(number) * 64, size=1, name=f"{number}.pdf", media_type="application/pdf",
                               scan=ScanState.WAITING, created_at=clock.now() - timedelta(hours=25)))  # fmt: skip
    session.flush()
    for file in session.scalars(select(StoredFile)).all():
        session.add(Document(firm_id=firm.id, file=file, title=file.name, by_firm=True, added_by_name="赵"))
    session.commit()
    found = {(one.kind, one.owner_id, str(one.title)[:12]) for one in all_due(session, date(2026, 6, 15))}
    waiting = "有 2 个文件隔离查毒超"
    assert {row for row in found if row[0] is DueKind.QUARANTINE} == {
        (DueKind.QUARANTINE, clerk.id, waiting), (DueKind.QUARANTINE, reviewer.id, waiting),
    }  # fmt: skip
    consent = [one for one in all_due(session, date(2026, 6, 15)) if one.kind is DueKind.CONSENT]
    assert {one.owner_id for one in consent} == {None, clerk.id}
    assert [step_for(consent[0], day) for day in (date(2026, 6, 15), date(2026, 6, 24))] == [None, 7]
    session.rollback()
    browser = people.browser(head)
    browser.get("/portal/")
    assert browser.text.count("代填委托 2026-07-01 到期") == 1


def test_a_file_that_waits_for_weeks_is_told_once_though_nothing_falls_due_before(
    session: Session, people: People, firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = datetime(2026, 6, 15, 2, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: first)
    people.reviewer()
    file = StoredFile(sha256="0" * 64, size=1, name="大.pdf", media_type="application/pdf", scan=ScanState.OVERSIZE,
                      created_at=first - timedelta(hours=25))  # fmt: skip
    session.add(Document(firm_id=firm.id, file=file, title="大", by_firm=True, added_by_name="赵"))
    session.flush()
    made = []
    for night in range(3):
        monkeypatch.setattr(clock, "now", lambda night=night: first + timedelta(days=night))
        made.append(service.remind(session, clock.today(), mails=False).reminders)
    assert made == [1, 0, 0]
