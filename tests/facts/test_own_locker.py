"""The firm's own locker in the portal: put in, described, reused, replaced, taken out; how much room there is."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.access.roles import Role
from app.accounts.models import User
from app.audit.models import AuditEvent
from app.core import clock
from app.core.digest import sha256_hex
from app.core.errors import Invalid
from app.facts import locker, service
from app.facts.locker import Upload
from app.facts.models import Document, SourceKind
from app.files.models import StoredFile
from app.files.store import FileStore
from app.firms.models import Firm
from app.jobs.models import Job
from tests.factories.facts import make_claim
from tests.factories.firms import make_firm
from tests.facts.samples import JPEG, PDF, PNG
from tests.support.browser import Browser
from tests.support.people import People

FORM = "#locker-form"


@pytest.fixture
def user(people: People, firm: Firm) -> User:
    return people.make(Role.FIRM_FILLER, name="赵填报", firm_id=firm.id)


@pytest.fixture
def browser(people: People, user: User) -> Browser:
    return people.browser(user)


def _documents(session: Session) -> list[Document]:
    session.expire_all()
    return list(session.scalars(select(Document).order_by(Document.id)))


def test_several_files_and_a_photo_go_in_at_once_and_one_that_is_wrong_keeps_none_out(
    session: Session, browser: Browser
) -> None:
    browser.get("/portal/facts/documents/")
    page = browser.page
    assert "每个不超过 20 MB；一次合计不超过 30.0 MB" in browser.text
    assert page.select_one("input[type=file][multiple][accept]")
    assert page.select_one("input[type=file][capture=environment]")
    sent = [(io.BytesIO(PDF), "审计报告.pdf"), (io.BytesIO(b"<html>"), "证书.pdf"), (io.BytesIO(PNG), "证书.png")]
    browser.submit({"files": sent, "photo": (io.BytesIO(JPEG), "image.jpg")}, form=FORM, expect=422)
    assert "“证书.pdf”不是可接收的文件（按内容识别）" in browser.text
    assert "已存入 3 份材料" in browser.text
    assert [one.title for one in _documents(session)] == ["审计报告.pdf", "证书.png", "image.jpg"]
    browser.submit({"files": [(io.BytesIO(PDF), "另一个名字.pdf")]}, form=FORM)
    assert "“审计报告.pdf”已在材料库中，没有重复存入" in browser.text
    browser.submit({}, form=FORM, expect=422)
    assert "请选择要上传的文件" in browser.text


def test_a_document_says_where_it_is_used_and_stays_while_it_is(
    session: Session, firm: Firm, browser: Browser, user: User, store: FileStore
) -> None:
    filler = user.as_actor()
    document = locker.keep(session, store, firm.id, Upload("审计报告.pdf", PDF), by=filler)
    claim = make_claim(session, firm.id, by=filler, source_kind=SourceKind.FIRM)
    service.attach_document(session, claim, document, by=filler)
    session.commit()
    browser.get("/portal/facts/documents/")
    assert "待审核" in browser.text
    browser.get(f"/portal/facts/documents/{document.id}")
    page = browser.page
    assert document.file.sha256 in browser.text
    assert page.select_one(f"#uses a[href='/portal/facts/claims/{claim.id}']")
    browser.submit({"title": "2025 年度审计报告", "kind": "audit", "valid_until": "2027-04-30"}, form="form.x-form")
    assert "2025 年度审计报告" in browser.text
    browser.get(f"/portal/facts/documents/{document.id}/remove")
    assert "已用在 1 处，不能删除" in browser.text
    browser.post(f"/portal/facts/documents/{document.id}/remove", {}, expect=409)
    browser.get(f"/portal/facts/documents/{document.id}/replace")
    browser.submit({"file": (io.BytesIO(PNG), "新版.png")}, form="form.x-form")
    assert "其他版本" in browser.text
    old, new = _documents(session)
    assert (old.replaced_by, new.title) == (new.id, "2025 年度审计报告")


def test_what_nothing_leans_on_can_be_taken_out_and_its_bytes_go_later(
    app: Flask, session: Session, firm: Firm, browser: Browser, user: User, store: FileStore
) -> None:
    by = user.as_actor()
    old = locker.keep(session, store, firm.id, Upload("旧.pdf", PDF), by=by)
    new = locker.replace(session, store, old, Upload("新.png", PNG), by=by)
    digest = sha256_hex(PNG)
    session.commit()
    browser.get(f"/portal/facts/documents/{new.id}/remove")
    browser.submit({}, form="main form")
    left = _documents(session)
    assert [(one.id, one.replaced_by) for one in left] == [(old.id, None)], "the older version counts again"
    assert session.scalars(select(StoredFile.name)).all() == ["旧.pdf"]
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-1] == Action.DOCUMENT_REMOVE
    session.execute(update(Job).values(run_after=clock.now() - timedelta(seconds=1)))
    session.commit()
    assert app.extensions["yuqi_worker"].run_pending() == 1
    assert store.get(digest), "somebody may be bringing it again this very hour"
    assert store.remove_unwanted(digest, since=timedelta(0))


def test_what_the_bureau_put_there_is_only_hidden(
    session: Session, firm: Firm, caseworker: Actor, browser: Browser, user: User, store: FileStore
) -> None:
    ours = locker.keep(session, store, firm.id, Upload("核实.pdf", PDF), by=caseworker)
    locker.keep(session, store, firm.id, Upload("同一份.pdf", PDF), by=user.as_actor())
    session.commit()
    browser.get(f"/portal/facts/documents/{ours.id}/remove")
    browser.submit({}, form="main form")
    assert [(one.id, one.by_firm) for one in _documents(session)] == [(ours.id, False)]
    browser.get(f"/portal/facts/documents/{ours.id}", expect=404)


def test_what_was_declared_wrong_stays_as_it_was(
    session: Session, firm: Firm, reviewer: Actor, browser: Browser, user: User, store: FileStore
) -> None:
    mine = locker.keep(session, store, firm.id, Upload("证书.pdf", PDF), by=user.as_actor())
    session.commit()
    browser.get(f"/portal/facts/documents/{mine.id}")
    session.refresh(mine)
    locker.withdraw(session, mine, by=reviewer, why="伪造")
    session.commit()
    browser.submit({"title": "别的", "kind": "other"}, form="form[action$='/edit']", expect=409)
    assert "“证书.pdf”已被认定有误" in browser.text
    assert [one.title for one in _documents(session)] == ["证书.pdf"]


def test_a_full_locker_says_how_much_is_left(
    session: Session, firm: Firm, user: User, caseworker: Actor, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "rules", replace(store.rules, quota=len(PDF) + 10))
    by = user.as_actor()
    locker.keep(session, store, firm.id, Upload("局里的.jpg", JPEG), by=caseworker)
    locker.keep(session, store, firm.id, Upload("a.pdf", PDF), by=by)
    locker.keep(session, store, firm.id, Upload("a.pdf", PDF), by=by)  # the same file takes no room
    with pytest.raises(Invalid, match="只剩 10 字节"):
        locker.keep(session, store, firm.id, Upload("b.png", PNG), by=by)
    locker.keep(session, store, firm.id, Upload("局里的.png", PNG), by=caseworker)


def test_another_firm_reaches_nothing(
    session: Session, firm: Firm, people: People, user: User, store: FileStore, browser: Browser
) -> None:
    document = locker.keep(session, store, firm.id, Upload("只给甲.pdf", PDF), by=user.as_actor())
    other = make_firm(session)
    session.commit()
    answer = browser.client.get(f"/portal/facts/documents/{document.id}/file")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    stranger = people.browser(people.make(Role.FIRM_SIGNATORY, firm_id=other.id))
    stranger.get("/portal/facts/documents/")
    assert "只给甲" not in stranger.text
    for page in ("", "/file", "/replace", "/remove"):
        stranger.get(f"/portal/facts/documents/{document.id}{page}", expect=404)
    for page in ("/edit", "/replace", "/remove"):
        stranger.get("/portal/facts/documents/")
        sent = {"title": "我的", "kind": "other", "file": (io.BytesIO(PNG), "x.png")}
        stranger.post(f"/portal/facts/documents/{document.id}{page}", sent, expect=404)
