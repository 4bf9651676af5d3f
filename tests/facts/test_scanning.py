"""Files wait in quarantine until the scanner has said that they are clean; infected ones stay out of reach."""

from __future__ import annotations

import io
import socketserver
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Actor
from app.access.roles import Role
from app.accounts.models import User
from app.audit.models import AuditEvent
from app.core import clock
from app.core.digest import sha256_hex
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.facts import locker, quarantine, scanning, service
from app.facts.documents import queries
from app.facts.locker import Upload
from app.facts.models import Document, SourceKind
from app.facts.scanning import Said
from app.files import clamd
from app.files.models import ScanState, StoredFile
from app.files.store import FileStore
from app.firms.models import Firm
from app.jobs.models import Job, JobState
from tests.factories.facts import make_claim
from tests.factories.firms import make_firm
from tests.facts.samples import PDF, PNG
from tests.support.clamd import NAME, VIRUS, fake_clamd
from tests.support.people import People

ILL = PDF[:-7] + VIRUS + b"\n" + PDF[-7:]


@pytest.fixture
def user(people: People, firm: Firm) -> User:
    return people.make(Role.FIRM_FILLER, name="赵填报", firm_id=firm.id)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clamd.ctl"


@pytest.fixture
def store(app: Flask, path: Path, monkeypatch: pytest.MonkeyPatch) -> FileStore:
    found: FileStore = app.extensions["yuqi_store"]
    monkeypatch.setattr(found, "rules", replace(found.rules, scanner=f"unix://{path}"))
    return found


@pytest.fixture
def scanned(app: Flask, session: Session, path: Path) -> Callable[[], AbstractContextManager[str]]:
    """Run what waits for the scanner now, however long it was to wait."""

    def due() -> AbstractContextManager[str]:
        session.execute(update(Job).values(run_after=clock.now() - timedelta(seconds=1)))
        session.commit()
        return fake_clamd(path)

    return due


def _state(session: Session) -> list[ScanState]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(StoredFile.scan).order_by(StoredFile.id)))


def test_a_file_waits_while_the_scanner_is_down_and_is_let_out_when_it_is_clean(
    app: Flask, session: Session, firm: Firm, people: People, user: User, store: FileStore,
    scanned: Callable[[], AbstractContextManager[str]],
) -> None:  # fmt: skip
    worker = app.extensions["yuqi_worker"]
    browser = people.browser(user)
    browser.get("/portal/facts/documents/")
    browser.submit({"files": [(io.BytesIO(PDF), "审计报告.pdf")]}, form="#locker-form")
    assert "正在隔离查毒" in browser.text
    document_id = session.scalars(select(Document.id)).one()
    session.rollback()
    worker.run_pending()
    assert _state(session) == [ScanState.WAITING]
    job = session.scalars(select(Job)).one()
    assert (job.state, "没有应答" in job.error) == (JobState.QUEUED, True)
    session.rollback()
    browser.get(f"/portal/facts/documents/{document_id}/file", expect=409)
    assert "查毒通过后才能打开" in browser.text
    staff = people.browser(people.reviewer())
    staff.get("/office/facts/documents/scanning")
    assert "没有应答" in staff.text
    assert "审计报告.pdf" in staff.text
    staff.get(f"/office/facts/documents/{document_id}/file", expect=409)
    with scanned():
        worker.run_pending()
        staff.get("/office/facts/documents/scanning")
        assert "ClamAV 1.4.3" in staff.text
    assert _state(session) == [ScanState.CLEAN]
    assert browser.client.get(f"/portal/facts/documents/{document_id}/file").data == PDF


def test_what_is_infected_is_out_of_reach_and_told_to_everybody(
    app: Flask, session: Session, firm: Firm, people: People, user: User, reviewer: Actor, store: FileStore,
    scanned: Callable[[], AbstractContextManager[str]],
) -> None:  # fmt: skip
    filler = user.as_actor()
    document = locker.keep(session, store, firm.id, Upload("合同.pdf", ILL), by=filler)
    claim = make_claim(session, firm.id, by=filler, source_kind=SourceKind.FIRM)
    service.attach_document(session, claim, document, by=filler)  # nobody has to wait for the scanner
    with scanned():
        app.extensions["yuqi_worker"].run_pending()
    assert _state(session) == [ScanState.INFECTED]
    kept = session.scalars(select(Document)).one()
    assert (kept.withdrawn_by_name, kept.withdrawn_why) == ("查毒程序", f"查出病毒：{NAME}")
    told = session.scalars(select(AuditEvent).where(AuditEvent.action == Action.DOCUMENT_QUARANTINE)).all()
    assert {one.subject_type for one in told} == {"document", "stored_file"}
    assert queries.to_look_at(session, filler) == queries.to_look_at(session, reviewer) == 1
    with pytest.raises(Invalid, match="查出病毒"):
        locker.keep(session, store, firm.id, Upload("再来.pdf", ILL), by=filler)
    session.rollback()
    browser = people.browser(user)
    browser.get("/portal/facts/documents/")
    assert "“合同.pdf”查出病毒，已停用" in browser.text
    browser.get(f"/portal/facts/documents/{document.id}/file", expect=403)
    browser.get(f"/portal/facts/claims/{claim.id}")
    assert "查出病毒，已停用" in browser.text
    staff = people.browser(people.reviewer())
    staff.get(f"/office/facts/documents/{document.id}/file", expect=403)
    staff.get("/office/facts/documents/scanning")
    assert NAME in staff.text


def test_what_one_answer_found_infected_no_other_answer_lets_out(
    session: Session, firm: Firm, user: User, store: FileStore
) -> None:
    """The same bytes lie twice; the answer for one of them is older than the signatures that found the other out."""
    other = make_firm(session)
    mine = locker.keep(session, store, firm.id, Upload("合同.pdf", ILL), by=user.as_actor())
    theirs = locker.keep(session, store, other.id, Upload("合同.pdf", ILL), by=SYSTEM)
    session.commit()
    scanning.settle(session, mine.file_id, Said(ScanState.INFECTED, NAME))
    scanning.settle(session, theirs.file_id, Said(ScanState.CLEAN))
    session.commit()
    assert _state(session) == [ScanState.INFECTED, ScanState.INFECTED]


def test_without_a_scanner_the_office_is_told_so(session: Session, firm: Firm, people: People, app: Flask) -> None:
    by = people.caseworker().as_actor()
    locker.keep(session, app.extensions["yuqi_store"], firm.id, Upload("a.png", PNG), by=by)
    session.commit()
    assert _state(session) == [ScanState.NONE]
    assert session.scalars(select(Job)).all() == []
    session.rollback()
    browser = people.browser(people.admin())
    browser.get("/office/facts/documents/scanning")
    assert "查毒程序未配置：上传的文件没有经过查毒" in browser.text


def test_what_waits_is_asked_about_again_every_night(
    session: Session, firm: Firm, user: User, store: FileStore
) -> None:
    locker.keep(session, store, firm.id, Upload("a.pdf", PDF), by=user.as_actor())
    session.execute(update(Job).values(state=JobState.CANCELLED))
    assert scanning.ask_again(session, store) == {"asked": 1, "for_a_person": 0}
    waiting = session.scalars(select(Job.key).where(Job.state == JobState.QUEUED)).all()
    assert waiting == [f"files.scan:{session.scalars(select(StoredFile.id)).one()}"]


def test_only_a_plain_answer_counts(path: Path) -> None:
    with fake_clamd(path) as address:
        assert clamd.scan(address, PDF * 5000) == ""
        assert clamd.scan(address, ILL) == NAME
        with pytest.raises(clamd.TooLarge, match="size limit"):
            clamd.scan(address, b"TOO-LARGE")
    with pytest.raises(clamd.Unreachable):
        clamd.scan(address, PDF)
    silent = socketserver.UnixStreamServer(str(path), socketserver.StreamRequestHandler)  # takes the call, says nothing
    with silent, pytest.raises(clamd.Unreachable):
        clamd.scan(address, PDF, seconds=0.05)
    for wrong in ("", "localhost:3310", "tcp://a", "tcp://a:99999", "http://a:1"):
        assert not clamd.is_address(wrong)
    assert clamd.is_address("tcp://127.0.0.1:3310")


def test_what_the_scanner_cannot_judge_is_settled_by_another_person_with_a_reason(
    app: Flask, session: Session, firm: Firm, people: People, user: User, store: FileStore,
    scanned: Callable[[], AbstractContextManager[str]],
) -> None:  # fmt: skip
    reviewer, staff = people.reviewer(name="王审核"), people.browser(people.reviewer(name="周审核"))
    by = user.as_actor()
    large, other = (
        locker.keep(session, store, firm.id, Upload(name, PDF[:-7] + mark + PDF[-7:]), by=by)
        for name, mark in (("大.pdf", b"TOO-LARGE 1\n"), ("二.pdf", b"TOO-LARGE 2\n"))
    )
    with scanned():
        app.extensions["yuqi_worker"].run_pending()
    assert _state(session) == [ScanState.OVERSIZE, ScanState.OVERSIZE]
    assert queries.to_look_at(session, reviewer.as_actor()) == 2
    session.rollback()
    browser = people.browser(user)
    browser.get(f"/portal/facts/documents/{large.id}")
    assert "超过扫描上限，待人工处理" in browser.text
    browser.get(f"/portal/facts/documents/{large.id}/file", expect=409)
    people.browser(people.caseworker()).get(f"/office/facts/documents/held/{large.file_id}", expect=403)
    staff.get("/office/facts/documents/scanning")
    staff.get(f"/office/facts/documents/held/{large.file_id}")
    staff.submit({}, form="form[action$='/file']")
    assert (staff.response.data[:5], staff.response.headers["Content-Disposition"].endswith(".pdf")) == (
        b"%PDF-",
        False,
    )
    session.rollback()
    for act, document in ((quarantine.release, large), (quarantine.reject, other)):
        with pytest.raises(Refused, match="企业账号"):
            act(session, document.file_id, "好的", by=by)
    staff.get(f"/office/facts/documents/held/{large.file_id}")
    staff.submit({"reason": "", "decision": "release"}, form="#settle", expect=422)
    staff.submit({"reason": "另一软件查过", "decision": "release"}, form="#settle")
    staff.get(f"/office/facts/documents/held/{other.file_id}")
    staff.submit({"reason": "含宏"}, form="#settle", expect=422)
    assert "请选择放行或拒收" in staff.text
    staff.submit({"reason": "含宏", "decision": "reject"}, form="#settle")
    assert _state(session) == [ScanState.RELEASED, ScanState.REJECTED]
    assert browser.client.get(f"/portal/facts/documents/{large.id}/file").status_code == 200
    browser.get(f"/portal/facts/documents/{other.id}")
    assert "没有通过查毒，被拒收：含宏" in browser.text
    browser.get(f"/portal/facts/documents/{other.id}/file", expect=403)
    told = session.scalars(
        select(AuditEvent).where(AuditEvent.action == Action.DOCUMENT_SETTLE).order_by(AuditEvent.id)
    ).all()
    assert [(one.actor_name, one.note) for one in told] == [
        ("周审核", "取出送检"), ("周审核", "另一软件查过"), ("周审核", "含宏"), ("周审核", "含宏"),
    ]  # fmt: skip
    with pytest.raises(Conflict, match="人工放行"):
        quarantine.reject(session, large.file_id, "再想想", by=reviewer.as_actor())
    scanning.settle(session, large.file_id, Said(ScanState.INFECTED, NAME))  # what is found later counts more
    session.commit()
    assert _state(session)[0] is ScanState.INFECTED


def test_who_brought_a_file_does_not_settle_it_and_nobody_lets_out_what_was_infected(
    session: Session, firm: Firm, people: People, store: FileStore
) -> None:
    by, other = people.reviewer().as_actor(), people.reviewer().as_actor()
    document = locker.keep(session, store, firm.id, Upload("a.pdf", PDF), by=by)
    scanning.settle(session, document.file_id, Said(ScanState.OVERSIZE, "大"))
    same = locker.keep(session, store, make_firm(session).id, Upload("b.pdf", PDF), by=people.caseworker().as_actor())
    scanning.settle(session, same.file_id, Said(ScanState.OVERSIZE, "大"))
    for one in (document, same):  # the same content, under whichever name
        with pytest.raises(Refused, match="须由另一人处理"):
            quarantine.release(session, one.file_id, "没问题", by=by)
    twin = locker.keep(session, store, make_firm(session).id, Upload("b.pdf", PDF), by=SYSTEM)
    session.execute(update(StoredFile).where(StoredFile.id == twin.file_id).values(scan=ScanState.INFECTED))
    with pytest.raises(Conflict, match="相同内容的文件查出过病毒"):
        quarantine.release(session, document.file_id, "没问题", by=other)


def test_without_a_scanner_what_waits_is_seen_to_by_a_person_and_never_let_out(
    app: Flask, session: Session, firm: Firm, user: User, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in (("a.pdf", PDF), ("b.png", PNG)):
        locker.keep(session, store, firm.id, Upload(name, content), by=user.as_actor())
    session.commit()
    with monkeypatch.context() as unset:
        unset.setattr(store, "rules", replace(store.rules, scanner=""))
        session.execute(update(Job).where(Job.id == 1).values(state=JobState.CANCELLED))
        session.commit()
        app.extensions["yuqi_worker"].run_pending()  # the job of the second
        assert _state(session) == [ScanState.WAITING, ScanState.UNASKED]
        done = app.test_cli_runner().invoke(args=["quarantine", "settle"])
        assert (done.exit_code, done.output.count("无法查毒")) == (0, 2)
    assert _state(session) == [ScanState.UNASKED, ScanState.UNASKED]
    assert scanning.ask_again(session, store)["asked"] == 2


def test_infected_bytes_go_in_time_and_their_record_stays(
    session: Session, firm: Firm, user: User, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_firm(session)
    mine, theirs = (locker.keep(session, store, one.id, Upload("合同.pdf", ILL), by=SYSTEM) for one in (firm, other))
    scanning.settle(session, mine.file_id, Said(ScanState.INFECTED, NAME))
    session.commit()
    now = clock.now()
    assert scanning.purge(session, store) == 0
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=31))
    session.execute(update(StoredFile).where(StoredFile.id == theirs.file_id).values(scan=ScanState.WAITING))
    assert scanning.purge(session, store) == 0, "the same bytes were brought again and wait"
    session.execute(update(StoredFile).where(StoredFile.id == theirs.file_id).values(scan=ScanState.INFECTED))
    assert scanning.purge(session, store) == 2
    session.commit()
    session.expire_all()
    file = session.get_one(StoredFile, mine.file_id)
    assert (file.sha256, file.scan_note, file.removed_at) == (sha256_hex(ILL), NAME, clock.now())
    with pytest.raises(NotFound):
        store.get(file.sha256)


def test_what_is_shut_out_takes_no_room_but_is_bounded(
    session: Session, firm: Firm, user: User, reviewer: Actor, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = user.as_actor()
    monkeypatch.setattr(store, "rules", replace(store.rules, quota=len(PDF) + 10))
    for number in range(2):
        content = PDF[:-7] + str(number).encode() + PDF[-7:]
        document = locker.keep(session, store, firm.id, Upload("a.pdf", content), by=by)
        locker.withdraw(session, document, by=reviewer, why="错了")
    with pytest.raises(Invalid, match="停用和留存备查的材料太多"):
        locker.keep(session, store, firm.id, Upload("b.pdf", PDF), by=by)
