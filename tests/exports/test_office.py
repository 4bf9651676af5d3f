"""The export centre: purpose above a limit, a job above a larger one, files that expire while the record stays."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.accounts.models import User
from app.audit.models import AuditEvent
from app.core import clock
from app.exports.models import Export
from app.files.models import StoredFile
from app.jobs.models import Job, JobState
from tests.factories.firms import make_firm
from tests.support.people import People

NEW = "/office/exports/new?kind=firms"


@pytest.fixture
def small(app: Flask) -> Flask:
    """A purpose above one row, a job above three."""
    chosen = replace(app.config["YUQI_SETTINGS"], export_purpose_rows=1, export_job_rows=3)
    app.config["YUQI_SETTINGS"] = chosen
    app.extensions["yuqi_worker"].tools["settings"] = chosen
    return app


def signed_in(people: People, user: User) -> FlaskClient:
    people.app.config["WTF_CSRF_ENABLED"] = False
    client: FlaskClient = people.browser(user).client
    return client


def table(content: bytes) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]


def test_a_small_view_is_ready_at_once_and_logged(people: People, session: Session) -> None:
    make_firm(session, name="=危险厂", short_name="+简称")
    make_firm(session, name="别的厂")
    browser = signed_in(people, people.reviewer())
    led = browser.get("/office/firms/export?q=危险&nonsense=1")
    assert led.headers["Location"].startswith("/office/exports/new?kind=firms&q=")
    assert "nonsense" not in led.headers["Location"]
    shown = browser.post(NEW + "&q=危险", data={"purpose": ""})
    content = browser.get(shown.headers["Location"] + "/file")
    rows = table(content.data)
    assert [row[0] for row in rows if "危险厂" in str(row[0])] == ["=危险厂"]
    assert not any("别的厂" in str(row) for row in rows)
    assert any("导出人" in str(row[0]) for row in rows)
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.action.in_(["firm:export", "export:take"])).order_by(AuditEvent.id)
    ).all()
    assert [one.action.value for one in events] == ["firm:export", "export:take"]
    assert events[0].changes["rows"] == [None, 1]


def test_chosen_firms_go_through_the_centre_too(people: People, session: Session, small: Flask) -> None:
    ids = [make_firm(session, name=f"选中{one}厂").id for one in "甲乙"]
    make_firm(session, name="没选的厂")
    browser = signed_in(people, people.reviewer())
    led = browser.post("/office/firms/export", data={"id": ids}).headers["Location"]
    assert browser.post(led, data={"purpose": ""}).status_code == 422
    shown = browser.post(led, data={"purpose": "报送市局"}).headers["Location"]
    rows = str(table(browser.get(shown + "/file").data))
    assert ("选中甲厂" in rows, "选中乙厂" in rows, "没选的厂" in rows, "导出人" in rows) == (True, True, False, True)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "firm:export")).one()
    assert event.changes == {"filters": [None, "所选企业"], "rows": [None, 2], "purpose": [None, "报送市局"]}


def test_many_rows_ask_for_a_purpose(people: People, session: Session, small: Flask) -> None:
    make_firm(session)
    make_firm(session)
    browser = signed_in(people, people.reviewer())
    assert browser.post(NEW, data={"purpose": " "}).status_code == 422
    assert session.scalars(select(Export)).all() == []
    session.rollback()
    assert browser.post(NEW, data={"purpose": "报送"}).status_code == 302
    session.rollback()
    made = session.scalars(select(Export)).one()
    assert (made.rows, made.purpose, made.job_id) == (2, "报送", None)
    assert session.scalars(select(AuditEvent).where(AuditEvent.action == "firm:export")).one().changes["purpose"] == [
        None,
        "报送",
    ]


def test_very_many_rows_are_a_job_that_can_be_cancelled_and_asked_for_again(
    people: People, session: Session, small: Flask
) -> None:
    for _ in range(4):
        make_firm(session)
    browser = signed_in(people, people.reviewer())
    first = browser.post(NEW, data={"purpose": "报送"}).headers["Location"]
    assert "排队中" in browser.get(first).text
    assert browser.get(first + "/file").status_code == 302, "nothing there yet"
    assert browser.post(first + "/cancel").status_code == 302
    assert "已取消" in browser.get(first).text
    second = browser.post(first + "/again").headers["Location"]
    small.extensions["yuqi_worker"].run_pending()
    assert "可下载" in browser.get(second).text
    rows = table(browser.get(second + "/file").data)
    assert sum("虚构" in str(row[0]) for row in rows) == 4
    assert session.scalars(select(Job.state).order_by(Job.id)).all()[:2] == [JobState.CANCELLED, JobState.DONE]


def test_expired_files_go_and_the_record_stays(people: People, session: Session, small: Flask) -> None:
    make_firm(session)
    browser = signed_in(people, people.reviewer())
    shown = browser.post(NEW, data={}).headers["Location"]
    assert "可下载" in browser.get(shown).text
    past = clock.now() - timedelta(minutes=1)
    session.execute(update(Export).values(expires_at=past))
    session.execute(update(Job).values(run_after=past))
    session.commit()
    assert "已过期" in browser.get(shown).text, "at once, whether anybody has swept or not"
    digest = session.scalars(select(StoredFile.sha256)).one()
    path = small.extensions["yuqi_store"].root / digest[:2] / digest[2:]
    assert path.is_file()
    small.extensions["yuqi_worker"].run_pending()
    session.rollback()
    made = session.scalars(select(Export)).one()
    assert (made.file_id, made.rows) == (None, 1)
    assert made.removed_at is not None
    assert not path.exists()
    assert session.scalars(select(StoredFile)).all() == []


def test_exports_are_ones_own_and_the_auditors(people: People, session: Session) -> None:
    make_firm(session)
    shown = signed_in(people, people.reviewer()).post(NEW, data={}).headers["Location"]
    colleague, auditor = signed_in(people, people.caseworker()), signed_in(people, people.make(Role.AUDITOR))
    assert colleague.get(shown).status_code == 404
    assert colleague.get(shown + "/file").status_code == 404
    assert "可下载" in auditor.get(shown).text
    assert auditor.get(shown + "/file").status_code == 403
    assert "企业名单" in auditor.get("/office/exports/").text
    assert colleague.get("/office/exports/new?kind=secrets").status_code == 404
