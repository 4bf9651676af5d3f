"""Files in pieces: carried on where a lost connection left them, whole or not there at all, within the quota."""

from __future__ import annotations

import base64
import errno
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access.actor import Actor
from app.access.roles import Role
from app.accounts.models import User
from app.core import clock
from app.core.digest import sha256_hex
from app.core.errors import Invalid
from app.facts import locker, transfers
from app.facts.locker import Upload
from app.facts.models import Document, Transfer
from app.facts.transfers import Announced
from app.files.store import FileStore
from app.firms.models import Firm
from tests.factories.firms import make_firm
from tests.facts.samples import PDF, PNG
from tests.support.browser import Browser
from tests.support.people import People

BASE = "/portal/facts/documents/transfers"
LARGE = PDF[:-7] + b"% a long report\n" * 200 + PDF[-7:]
PIECE = "application/offset+octet-stream"


@pytest.fixture
def user(people: People, firm: Firm) -> User:
    return people.make(Role.FIRM_FILLER, name="赵填报", firm_id=firm.id)


@pytest.fixture
def by(user: User) -> Actor:
    return user.as_actor()


@pytest.fixture
def browser(people: People, user: User) -> Browser:
    return people.browser(user)


def _coded(**said: str) -> str:
    return ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in said.items())


def _begin(browser: Browser, content: bytes, **said: str) -> TestResponse:
    browser.get("/portal/facts/documents/")
    page = browser.page
    token = page.select_one("input[name=csrf_token]")
    assert token is not None
    browser.client.environ_base["HTTP_X_CSRFTOKEN"] = str(token["value"])
    sent = {"filename": "审计报告.pdf", "sha256": sha256_hex(content), **said}
    headers = {"Upload-Length": str(len(content)), "Upload-Metadata": _coded(**sent)}
    return browser.client.post(BASE, headers=headers)


def _piece(browser: Browser, number: Any, offset: int, content: bytes, kind: str = PIECE) -> TestResponse:
    headers = {"Upload-Offset": str(offset), "Content-Type": kind}
    return browser.client.patch(f"{BASE}/{number}", data=content, headers=headers)


def test_a_file_in_pieces_is_a_document_only_when_it_is_whole(
    session: Session, firm: Firm, browser: Browser, store: FileStore
) -> None:
    begun = _begin(browser, LARGE, title="2025 年度审计", kind="audit", valid_until="2027-04-30")
    assert (begun.status_code, begun.headers["Tus-Resumable"], begun.headers["Upload-Offset"]) == (201, "1.0.0", "0")
    number = begun.get_json()["id"]
    assert begun.headers["Location"] == f"{BASE}/{number}"
    answer = _piece(browser, number, 0, LARGE[:1000])
    assert (answer.status_code, answer.headers["Upload-Offset"], answer.data) == (204, "1000", b"")
    assert session.scalars(select(Document)).all() == []
    browser.get("/portal/facts/documents/")
    assert "有 1 个文件没有传完" in browser.text
    again = _begin(browser, LARGE)  # the page was loaded anew, the same file chosen again
    assert (again.get_json()["id"], again.get_json()["offset"]) == (number, 1000)
    assert _piece(browser, number, 0, LARGE[:1000]).status_code == 409, "another window was faster"
    assert browser.client.head(f"{BASE}/{number}").headers["Upload-Offset"] == "1000"
    store.parts.write(number, 1000, b"torn off in the middle of writing")  # killed before the row was written
    done = _piece(browser, number, 1000, LARGE[1000:])
    assert (done.status_code, done.headers["Upload-Offset"]) == (204, str(len(LARGE)))
    told = browser.client.get(f"{BASE}/{number}").get_json()
    session.rollback()
    document = session.scalars(select(Document)).one()
    assert (document.id, document.title, document.by_firm) == (told["document"], "2025 年度审计", True)
    assert document.valid_until is not None
    answer = browser.client.get(f"/portal/facts/documents/{document.id}/file")
    assert answer.data == LARGE
    assert store.parts.read(number) == b""
    assert _piece(browser, number, len(LARGE), b"").status_code == 409


def test_the_same_file_is_recognised_before_it_is_sent(
    session: Session, firm: Firm, browser: Browser, by: Actor, caseworker: Actor, store: FileStore
) -> None:
    mine = locker.keep(session, store, firm.id, Upload("审计.pdf", LARGE), by=by)
    locker.keep(session, store, firm.id, Upload("核实.png", PNG), by=caseworker)
    session.commit()
    told = _begin(browser, LARGE).get_json()
    assert (told["document"], told["offset"], told["again"]) == (mine.id, len(LARGE), True)
    told = _begin(browser, PNG, filename="x.png").get_json()
    assert told["document"] is None, "who only knows a hash learns nothing"
    session.rollback()
    newer = locker.replace(session, store, session.merge(mine), Upload("审计新.pdf", PDF), by=by)
    session.commit()
    assert _begin(browser, LARGE).get_json()["document"] == newer.id, "the version in force stands for an older one"


@pytest.mark.parametrize(
    ("content", "said", "words"),
    [
        (b"<html></html>", {}, "不是可接收的文件（按内容识别）"),
        (PNG, {}, "与扩展名不符"),
        (PDF, {"sha256": "0" * 64}, "与原文件不一致"),
    ],
    ids=["a page", "another kind", "not what was chosen"],
)
def test_what_came_is_looked_at_when_it_is_whole(
    session: Session, browser: Browser, store: FileStore, content: bytes, said: dict[str, str], words: str
) -> None:
    number = _begin(browser, content, **said).get_json()["id"]
    answer = _piece(browser, number, 0, content)
    assert answer.status_code == 422
    assert words in answer.get_json()["message"]
    assert store.parts.read(number) == b""
    assert session.scalars(select(Transfer)).all() == []
    assert session.scalars(select(Document)).all() == []


def test_what_cannot_be_taken_is_refused_before_it_is_sent(
    session: Session, browser: Browser, by: Actor, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "不是可接收的文件" in _begin(browser, PDF, filename="程序.exe").get_json()["message"]
    turned = _begin(browser, PDF, valid_from="2026-06-02", valid_until="2026-06-01")
    assert "有效期止早于有效期起" in turned.get_json()["message"]
    assert "空文件" in _begin(browser, b"").get_json()["message"]
    assert "没有说明" in _begin(browser, PDF, filename="").get_json()["message"]
    assert "不存在" in _begin(browser, PDF, valid_until="2026-02-30").get_json()["message"]
    with pytest.raises(Invalid, match="超过 20 MB"):
        transfers.begin(session, store, Announced("大.pdf", 21 << 20), by=by)
    session.rollback()
    monkeypatch.setattr(store, "rules", replace(store.rules, quota=len(PDF) + 5))
    assert _begin(browser, PDF).status_code == 201
    assert "只剩 5 字节" in _begin(browser, PNG, filename="b.png").get_json()["message"], "what is coming counts too"
    number = _begin(browser, PDF).get_json()["id"]
    assert _piece(browser, number, 0, PDF, kind="text/plain").status_code == 415
    assert _piece(browser, number, 0, PDF).status_code == 204, "its own room was held for it"


def test_a_file_can_be_given_up_and_is_cleared_away_in_time(
    app: Flask, session: Session, browser: Browser, by: Actor, store: FileStore
) -> None:
    number = _begin(browser, LARGE).get_json()["id"]
    _piece(browser, number, 0, LARGE[:50])
    browser.get("/portal/facts/documents/")
    browser.submit({}, form=f"form[action$='/transfers/{number}/drop']")
    assert "已放弃" in browser.text
    assert browser.client.get(f"{BASE}/{number}").status_code == 404
    number = _begin(browser, LARGE).get_json()["id"]
    assert browser.client.delete(f"{BASE}/{number}").status_code == 204
    number = _begin(browser, LARGE).get_json()["id"]
    _piece(browser, number, 0, LARGE[:50])
    session.rollback()
    session.execute(update(Transfer).values(touched_at=clock.now() - timedelta(days=8)))
    assert transfers.sweep(session, store) == 1


def test_a_full_disk_is_told_and_what_arrived_stays(
    browser: Browser, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _begin(browser, LARGE).get_json()["id"]
    _piece(browser, number, 0, LARGE[:50])

    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(store.parts, "write", full)
        answer = _piece(browser, number, 50, LARGE[50:100])
    assert (answer.status_code, "磁盘已满" in answer.get_json()["message"]) == (507, True)
    assert _piece(browser, number, 50, LARGE[50:]).status_code == 204


def test_another_firm_reaches_no_transfer(session: Session, people: People, browser: Browser) -> None:
    other = make_firm(session)
    session.commit()
    number = _begin(browser, LARGE).get_json()["id"]
    _piece(browser, number, 0, LARGE[:10])
    stranger = people.browser(people.make(Role.FIRM_SIGNATORY, firm_id=other.id))
    assert _begin(stranger, LARGE).get_json()["id"] != number, "the same content is another file of another firm"
    assert stranger.client.get(f"{BASE}/{number}").status_code == 404
    assert _piece(stranger, number, 10, LARGE[10:]).status_code == 404
    assert stranger.client.delete(f"{BASE}/{number}").status_code == 404
    browser.get("/portal/facts/documents/")
    assert "审计报告" in browser.text
