"""When a person leaves: the page names what is left, disabling asks first, and nothing stays with nobody."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.accounts.models import User
from app.audit.models import AuditEvent
from app.core import clock
from app.engagement import service as tasks
from app.engagement.service import TaskDraft
from app.rooms import VIEWS
from app.views import service as views
from app.views.models import SavedView
from app.views.service import ViewDraft
from tests.factories.firms import make_firm
from tests.support.people import People


def signed_in(people: People, user: User) -> FlaskClient:
    people.app.config["WTF_CSRF_ENABLED"] = False
    client: FlaskClient = people.browser(user).client
    return client


def test_who_leaves_is_asked_what_is_left_and_a_colleague_takes_it_over(people: People, session: Session) -> None:
    leaver, colleague, admin = people.caseworker(name="离岗人"), people.caseworker(name="接手人"), people.admin()
    firm = make_firm(session, name="虚构甲厂", caseworker_id=leaver.id)
    tasks.create(session, firm, TaskDraft("补报", leaver.id, clock.today() + timedelta(days=9)), by=leaver.as_actor())
    asked = {"town": "duruan"}
    views.save(session, VIEWS, "office.firms.index", asked, ViewDraft("私人清单"), by=leaver.as_actor())
    session.commit()
    taking = signed_in(people, colleague)
    assert "私人清单" not in taking.get("/office/views/").text

    browser = signed_in(people, admin)
    led = browser.post(f"/office/accounts/{leaver.id}/active", data={"active": "no"})
    assert led.headers["Location"].endswith(f"/office/accounts/{leaver.id}/leaving")
    told = browser.get(led.headers["Location"]).text
    for named in ("名下企业</a> 1", "待办任务</a> 1", "保存的视图</a> 1"):
        assert named in told, told
    assert f"/office/firms/?caseworker={leaver.id}" in told
    session.rollback()
    assert session.scalars(select(User.is_active).where(User.id == leaver.id)).one()

    browser.post(f"/office/accounts/{leaver.id}/active", data={"active": "no", "knows": "yes"})
    session.rollback()
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == Action.ACCOUNT_DISABLE)).one()
    assert event.note == "停用时名下还有：名下企业 1、待办任务 1、保存的视图 1"
    session.rollback()

    page = taking.get("/office/views/").text
    assert "私人清单" in page
    assert "账号已停用" in page
    view_id = session.scalars(select(SavedView.id)).one()
    session.rollback()
    assert taking.post(f"/office/views/{view_id}/take-over").status_code == 302
    taken = session.get_one(SavedView, view_id)
    assert (taken.owner_id, taken.is_shared) == (colleague.id, False)


def test_whoever_has_nothing_left_is_disabled_at_once(people: People, session: Session) -> None:
    leaver, admin = people.caseworker(), people.admin()
    browser = signed_in(people, admin)
    assert "没有需要移交的" in browser.get(f"/office/accounts/{leaver.id}/leaving").text
    browser.post(f"/office/accounts/{leaver.id}/active", data={"active": "no"})
    assert not session.scalars(select(User.is_active).where(User.id == leaver.id)).one()
