"""Saved views: a list's filters under a name, checked, sent, shared, taken over, retired."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.models import AuditEvent
from app.firms.taxonomy import Town
from app.views.models import SavedView
from tests.factories.firms import make_firm
from tests.support.people import People

NEW = "/office/views/new?listing=office.firms.index&town=duruan&q=精密&sort=name&nonsense=1&caseworker=abc&after=x"


def signed_in(people: People, user: User) -> FlaskClient:
    people.app.config["WTF_CSRF_ENABLED"] = False
    client: FlaskClient = people.browser(user).client
    return client


def test_a_view_is_saved_opened_shared_taken_over_and_retired(people: People, session: Session) -> None:
    make_firm(session, name="精密甲厂", town=Town.DURUAN)
    owner, colleague = signed_in(people, people.reviewer()), signed_in(people, people.caseworker())
    assert "精密" in owner.get(NEW).text
    assert owner.post(NEW, data={"name": ""}).status_code == 422
    assert owner.post(NEW, data={"name": "走访", "is_shared": "y"}).status_code == 422, "shared ones have a purpose"
    assert owner.post(NEW, data={"name": "走访"}).status_code == 302
    assert owner.post(NEW, data={"name": "走访"}).status_code == 422
    view = session.scalars(select(SavedView)).one()
    assert view.asked == {"town": "duruan", "q": "精密", "sort": "name"}, "only what the list understands"
    address = f"/office/views/{view.id}"
    assert colleague.get(address).status_code == 404
    assert owner.post(f"{address}/edit", data={"name": "走访", "purpose": "每月", "is_shared": "y"}).status_code == 302
    led = colleague.get(address)
    assert led.status_code == 302
    assert "精密甲厂" in colleague.get(led.headers["Location"]).text
    assert colleague.post(f"{address}/retire").status_code == 403
    assert colleague.post(f"{address}/take-over").status_code == 302
    assert owner.post(f"{address}/retire").status_code == 403
    assert colleague.post(f"{address}/retire").status_code == 302
    assert owner.get(address).headers["Location"].endswith("/office/views/")
    session.rollback()
    actions = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_type == "saved_view").order_by(AuditEvent.id)
    ).all()
    assert [one.value for one in actions] == ["view:save", "view:save", "view:take", "view:retire"]


def test_nothing_is_saved_without_filters_or_for_other_lists(people: People, session: Session) -> None:
    browser = signed_in(people, people.reviewer())
    assert browser.post("/office/views/new?listing=office.firms.index", data={"name": "空"}).status_code == 422
    assert browser.get("/office/views/new?listing=office.audit.index&q=x").status_code == 404
    assert (
        browser.post("/office/views/new?listing=office.facts.index&conflicts=1", data={"name": "不一致"}).status_code
        == 302
    )
    assert session.scalars(select(SavedView.asked)).all() == [{"conflicts": "1"}]


def test_a_filter_reads_as_a_sentence_whose_parts_go_one_by_one(people: People, session: Session) -> None:
    make_firm(session, name="精密甲厂", town=Town.DURUAN)
    page = signed_in(people, people.reviewer()).get("/office/firms/?town=duruan&caseworker=none&q=精密").text
    for words in ("条件：", "杜阮镇", "未分派经办人", "含“精密”", "共 1 家"):
        assert words in page
    assert 'aria-label="去掉条件：杜阮镇"' in page
    assert "条件：" not in signed_in(people, people.reviewer()).get("/office/firms/").text
