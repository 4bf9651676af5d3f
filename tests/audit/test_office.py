"""Reading the log: the auditor's page, the words it uses, and that it only grows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM
from app.access.roles import Role
from app.audit import labels, queries, service
from app.audit.models import AuditEvent
from app.audit.queries import LogFilter
from app.audit.service import Subject
from app.core import clock
from tests.support.people import People


def _record(session: Session, number: int = 1, **changes: Any) -> AuditEvent:
    subject = Subject("firm", number, f"虚构{number}厂", number)
    event = service.record(session, SYSTEM, Action.FIRM_EDIT, subject, changes=changes)
    session.commit()
    return event


def test_the_auditor_reads_who_did_what_to_what_and_when(people: People, session: Session) -> None:
    event = _record(session, town=("duruan", "hetang"), is_demo=(False, True), clusters=([], ["motorcycles"]))
    browser = people.browser(people.make(Role.AUDITOR))
    browser.get("/office/audit/")
    row = next(row for row in browser.page.select("tbody tr") if "虚构1厂" in row.get_text())
    words = " ".join(row.get_text(" ").split())
    assert "修改企业" in words
    assert "镇街 原值 杜阮镇 新值 荷塘镇" in words
    assert "演示数据 原值 否 新值 是" in words
    assert "产业集群 原值 空 新值 摩托车及零配件" in words
    assert clock.local(event.at).strftime("%Y-%m-%d %H:%M:%S") in words


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.REVIEWER, Role.LEADER, Role.ADMIN])
def test_nobody_else_reads_the_log(people: People, role: Role) -> None:
    browser = people.browser(people.make(role))
    browser.get("/office/audit/", expect=403)


def test_filters_narrow_the_log(people: People, session: Session) -> None:
    _record(session, 1)
    _record(session, 2)
    browser = people.browser(people.make(Role.AUDITOR))
    day = clock.today().isoformat()
    for asked, shown in {
        "q=虚构1厂": 1, "q=虚构": 2, "q=%25": 0, "q=虚构&who=系统": 2, "q=虚构&who=张": 0, "firm=2": 1,
        "q=虚构&action=firm:edit": 2, "q=虚构&action=firm:create": 0, "q=虚构&action=nonsense": 2,
        f"q=虚构&since={day}&until={day}": 2, "q=虚构&until=2020-01-01": 0, "q=虚构&since=2999-01-01": 0,
        "q=虚构&after=bm90&firm=99999999999999": 2,
    }.items():  # fmt: skip
        browser.get(f"/office/audit/?{asked}")
        assert len(browser.page.select("tbody tr")) == shown, asked


def test_a_wrong_date_is_named(people: People) -> None:
    browser = people.browser(people.make(Role.AUDITOR))
    browser.get("/office/audit/?since=2026-13-01")
    assert "日期“2026-13-01”无效" in browser.text
    browser.get("/office/audit/?since=2026-05-02&until=2026-05-01")
    assert "开始日期晚于结束日期" in browser.text


def test_days_are_those_of_the_district(session: Session) -> None:
    event = _record(session)
    row = {column.name: getattr(event, column.name) for column in AuditEvent.__table__.columns if column.name != "id"}
    late = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # half past midnight of the second in the district
    session.execute(insert(AuditEvent), [{**row, "at": late}])
    session.commit()
    for day, found in ((1, 0), (2, 1), (3, 0)):
        wanted = LogFilter(since=late.date().replace(day=day), until=late.date().replace(day=day))
        assert queries.log(session, wanted).total == found


def test_walking_the_log_gives_each_event_once_newest_first(session: Session) -> None:
    for number in range(1, 24):
        _record(session, number)
    seen: list[int] = []
    after = ""
    while True:
        page = queries.log(session, LogFilter(subject="虚构"), after=after, size=5)
        assert page.total == 23
        seen += [one.firm_id or 0 for one in page.items]
        after = page.after
        if not after:
            break
    assert seen == list(range(23, 0, -1))


@pytest.mark.parametrize("change", [update(AuditEvent).values(note="改"), delete(AuditEvent)])
def test_the_log_only_grows(session: Session, change: Any) -> None:
    _record(session)
    with pytest.raises(DBAPIError, match="only grows"):
        session.execute(change)
    session.rollback()
    assert queries.log(session, LogFilter()).total == 1


def test_values_are_told_in_words() -> None:
    assert str(labels.shown("firm", "status", "moved_out")) == "迁出"
    assert str(labels.shown("firm", "clusters", ["motorcycles", "health_food"])) == "摩托车及零配件、健康食品"
    assert str(labels.shown("user", "role", "leader")) == "分管领导"
    assert str(labels.shown("user", "towns", ["duruan"])) == "杜阮镇"
    assert labels.shown("firm", "town", None) == ""
    assert labels.shown("nothing", "nothing", 3) == "3"
    assert labels.shown("firm", "updated_at", "2026-03-01T16:30:00+00:00") == "2026-03-02 00:30:00"
    assert labels.field_label("claim", "研发费用 2025 年") == "研发费用 2025 年"
