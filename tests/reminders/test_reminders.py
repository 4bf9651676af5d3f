"""What falls due is told once at each step to who can act, and not at all once it is settled."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.assessments.models import Assessment, AssessmentState, Submission, SubmissionState
from app.core import clock, workdays
from app.core.db import Database
from app.eligibility.gap.models import Intake
from app.firms.models import Contact, Firm
from app.jobs.worker import JobContext
from app.recognitions import service as recognitions
from app.recognitions.models import Recognition, RecognitionKind, RecognitionLevel
from app.recognitions.service import RecognitionDraft
from app.reminders import jobs, service
from app.reminders.due import STEPS, all_due, distance, step_of
from app.reminders.models import Digest, DigestState, DueKind, Reminder
from app.rulebooks import queries as rulebooks
from app.rulebooks import service as editions
from tests.factories.firms import make_firm
from tests.support.people import People

ENDS = date(2026, 12, 27)


@pytest.fixture
def firm(session: Session) -> Firm:
    return make_firm(session)


def hold(session: Session, firm: Firm, until: date = ENDS, granted: date = date(2023, 12, 28)) -> Recognition:
    draft = RecognitionDraft(
        RecognitionKind.HITECH, RecognitionLevel.NATIONAL, granted, "国科火字〔2024〕12号", valid_until=until
    )
    made = recognitions.register(session, firm, draft, by=SYSTEM)
    session.commit()
    return made


def told(session: Session) -> list[tuple[int, date]]:
    session.rollback()
    found = session.execute(select(Reminder.step, Digest.made_on).join(Reminder.digest).order_by(Reminder.id))
    return [(step, day) for step, day in found]


def nights(database: Database, first: date, last: date) -> None:
    """Run every night between two days, and each twice."""
    for number in range((last - first).days + 1):
        for _ in range(2):
            with database.transaction() as session:
                service.remind(session, first + timedelta(days=number), mails=False)


def test_each_step_is_told_once_on_the_day_it_is_reached(
    session: Session, database: Database, people: People, firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2026, 8, 1))
    people.make(Role.FIRM_FILLER, firm_id=firm.id)
    hold(session, firm)
    nights(database, date(2026, 8, 1), ENDS + timedelta(days=3))
    found = told(session)
    assert [step for step, _day in found] == list(STEPS)
    for step, day in found:
        assert workdays.until(day, ENDS) <= step < workdays.until(day - timedelta(days=1), ENDS)  # type: ignore[operator]


def test_a_late_start_does_not_make_up_for_steps_gone_by(
    session: Session, database: Database, people: People, firm: Firm
) -> None:
    people.make(Role.FIRM_FILLER, firm_id=firm.id)
    hold(session, firm)
    nights(database, date(2026, 12, 1), date(2026, 12, 3))
    assert [step for step, _day in told(session)] == [30]


def test_a_successor_or_a_revocation_ends_the_reminding(
    session: Session, database: Database, people: People, firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2026, 12, 1))
    filler = people.make(Role.FIRM_FILLER, firm_id=firm.id)
    hold(session, firm)
    nights(database, date(2026, 12, 1), date(2026, 12, 1))
    monkeypatch.setattr(clock, "today", lambda: date(2026, 12, 2))
    hold(session, firm, date(2029, 12, 1), date(2026, 12, 2))
    nights(database, date(2026, 12, 2), ENDS)
    assert len(told(session)) == 1
    browser = people.browser(filler)
    browser.get("/portal/reminders")
    assert "没有要提醒的事项" in browser.text  # told once, settled since


def test_beyond_the_published_years_the_distance_is_an_estimate_and_says_so(
    session: Session, database: Database, people: People, firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = distance(date(2026, 11, 26), date(2027, 2, 26))
    assert (far.days, far.working, far.weekdays) == (92, None, 66)
    assert step_of(far) == 90
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 26))
    filler = people.make(Role.FIRM_FILLER, firm_id=firm.id)
    hold(session, firm, date(2027, 2, 26))
    nights(database, date(2026, 11, 26), date(2026, 11, 26))
    browser = people.browser(filler)
    browser.get("/portal/reminders")
    assert "工作日数未知（2026 年以后的节假日安排尚未公布），按周一至周五约 66 天" in browser.text


def test_a_firm_sees_its_own_and_reading_is_kept(
    session: Session, database: Database, people: People, firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2026, 12, 1))
    filler = people.make(Role.FIRM_FILLER, firm_id=firm.id)
    other = people.make(Role.FIRM_FILLER, firm_id=make_firm(session).id)
    hold(session, firm)
    nights(database, date(2026, 12, 1), date(2026, 12, 1))
    stranger = people.browser(other)
    stranger.get("/portal/reminders")
    assert "高新技术企业" not in stranger.page.select_one("main").text  # type: ignore[union-attr]
    browser = people.browser(filler)
    browser.get("/portal/reminders")
    assert "高新技术企业（国家级）将于 2026-12-27 到期" in browser.text
    session.rollback()
    assert session.scalars(select(Digest)).one().read_at is not None
    office = people.browser(people.caseworker())
    office.get("/office/reminders/arrivals")
    assert "仅站内" in office.text


def test_who_reaches_nobody_is_called(
    session: Session, database: Database, people: People, firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2026, 12, 1))
    session.add(Contact(firm_id=firm.id, name="王联系", phone="13800001234", is_primary=True))
    hold(session, firm)
    with database.transaction() as writing:
        made = service.remind(writing, date(2026, 12, 1), mails=False)
    assert (made.reminders, made.unreached) == (0, 1)
    office = people.browser(people.caseworker())
    office.get("/office/reminders/calls")
    assert firm.name in office.text
    assert "王联系" in office.text
    assert "13800001234" not in office.text


def begin_form(session: Session, firm: Firm, closes_on: date) -> Assessment:
    editions.sync(session, by=SYSTEM)
    edition = rulebooks.by_code(session, "hnte-2016")
    intake = Intake(programme=edition.programme, name="第二批", opens_on=date(2026, 11, 1), closes_on=closes_on,
                    source="示例文件", created_by_name="测试")  # fmt: skip
    session.add(intake)
    session.flush()
    form = Assessment(firm_id=firm.id, edition_id=edition.id, intake_id=intake.id, programme=edition.programme,
                      kind="new", year=2025, started_by_name="测试")  # fmt: skip
    session.add(form)
    session.commit()
    return form


def test_a_form_is_reminded_of_until_it_is_handed_in_and_again_when_it_was_returned(
    session: Session, database: Database, people: People, firm: Firm
) -> None:
    people.make(Role.FIRM_FILLER, firm_id=firm.id)
    form = begin_form(session, firm, date(2026, 12, 15))
    nights(database, date(2026, 12, 1), date(2026, 12, 1))
    form.state = AssessmentState.SUBMITTED
    session.add(
        Submission(
            assessment_id=form.id,
            number=1,
            edition_id=form.edition_id,
            content=[],
            digest="0" * 64,
            statement="x",
            signed_by_name="测试",
            submitted_at=clock.now(),
            state=SubmissionState.RETURNED,
            due_on=date(2026, 12, 31),
        )  # fmt: skip
    )
    session.commit()
    nights(database, date(2026, 12, 5), date(2026, 12, 5))
    form.state = AssessmentState.RETURNED
    session.commit()
    nights(database, date(2026, 12, 8), date(2026, 12, 8))
    session.rollback()
    found = session.execute(select(Reminder.kind, Reminder.due_on).order_by(Reminder.id)).all()
    # nothing can be handed in after the intake has ended, whatever day the reviewer named
    assert [(kind, day) for kind, day in found] == [
        (DueKind.INTAKE, date(2026, 12, 15)),
        (DueKind.RETURNED, date(2026, 12, 15)),
    ]
    other = make_firm(session)
    assert all_due(session, date(2026, 12, 8), {other.id}) == []
    assert [one.firm_id for one in all_due(session, date(2026, 12, 8), {firm.id})] == [firm.id]


class Mails(socketserver.StreamRequestHandler):
    """As much of a mail server as a client needs; refuses an address at ``nowhere``."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                letter = b""
                while not (part := self.rfile.readline()).startswith(b".\r"):
                    letter += part
                self.server.letters.append(letter)  # type: ignore[attr-defined]
            refused = verb == b"RCPT" and b"nowhere" in line
            self.wfile.write(b"550 no such person\r\n" if refused else b"250 ok\r\n")
            if verb == b"QUIT":
                return


def words(letter: bytes) -> str:
    return str(message_from_bytes(letter, policy=default).get_body().get_content())  # type: ignore[union-attr]


@pytest.fixture
def mails() -> Iterator[socketserver.TCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mails) as server:
        server.letters = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the library's own, as it loads its plugins
def test_a_digest_goes_out_once_and_a_wrong_address_is_told(
    app: Flask, session: Session, database: Database, people: People, firm: Firm, mails: socketserver.TCPServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(clock, "today", lambda: date(2026, 12, 1))
    good, bad = (people.make(Role.FIRM_FILLER, firm_id=firm.id) for _ in range(2))
    with database.transaction() as writing:
        writing.merge(good).email = "good@example.com"
        writing.merge(bad).email = "bad@nowhere.example"
    hold(session, firm)
    port = mails.server_address[1]
    tools = {
        "settings": replace(
            app.extensions["yuqi_settings"], notify_url=f"mailto://127.0.0.1:{port}?from=yuqi@example.com&mode=insecure"
        )
    }
    context = JobContext(database, 0, None, tools)
    monkeypatch.setattr(JobContext, "report", lambda *_told: None)
    results = [jobs.remind(context) for _ in range(jobs.MOST_TRIES + 1)]
    assert [one["sent"] for one in results] == [1, 0, 0, 0]
    assert [one["failed"] for one in results] == [0, 0, 1, 0]
    letters = mails.letters  # type: ignore[attr-defined]
    assert len(letters) == 1
    session.rollback()
    states = dict(session.execute(select(Digest.address, Digest.state)).all())  # type: ignore[arg-type]
    assert states == {"good@example.com": DigestState.SENT, "bad@nowhere.example": DigestState.FAILED}
    office = people.browser(people.caseworker())
    office.get("/office/reminders/arrivals?state=failed")
    assert "核对收件地址" in office.text
    session.rollback()
    hold(session, firm, date(2026, 12, 28), date(2023, 12, 29))  # later on the same day: the new thing goes out alone
    assert jobs.remind(context)["sent"] == 1
    assert [words(letter).count("·") for letter in letters] == [1, 1]
    assert "2026-12-28" in words(letters[1])
    assert jobs.remind(context)["sent"] == 0
