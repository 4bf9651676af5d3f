"""Tasks: a plan becomes tasks, each with its clause; they are handed on, done or withdrawn, and never twice."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Actor
from app.audit.models import AuditEvent
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.engagement import queries, service
from app.engagement.models import Task, TaskState
from app.engagement.queries import TaskFilter, TaskTab
from app.engagement.service import TaskDraft
from tests.factories.eligibility import LACKS_STAFF, TOO_LITTLE_RESEARCH, edition, figures_reviewer, make_judged_firm
from tests.factories.firms import make_firm
from tests.support.people import People

FAR = date(2099, 1, 1)


@pytest.fixture
def reviewer(session: Session) -> Actor:
    return figures_reviewer(session)


def make_task(session: Session, by: Actor, title: str = "补齐资料", due_on: date = FAR) -> Task:
    firm = make_firm(session, name=f"虚构{title}有限公司")
    return service.create(session, firm, TaskDraft(title, by.id or 0, due_on), by=by)


def test_a_plan_becomes_tasks_once(session: Session, people: People) -> None:
    poor = {**TOO_LITTLE_RESEARCH, "rd_expense_hnte_domestic": {2023: 100, 2024: 110, 2025: 120}}
    firm = make_judged_firm(session, "江门甲电机有限公司", poor, LACKS_STAFF)
    made_of = edition(session).id
    owner = people.caseworker(name="周经办")
    browser = people.browser(owner)
    address = f"/office/firms/{firm.id}/tasks/plan?edition={made_of}&day=2026-06-01&kind=new"
    browser.get(address)
    names = [str(box["value"]) for box in browser.page.select("input[name=step]")]
    assert names == ["f-rd_expense_hnte-2025", "ask"]
    sent = {
        "step": names,
        "owner": str(owner.id),
        "detail": "6 月 2 日与财务商定",
        **{f"due-{n}": "2099-01-01" for n in names},
    }
    browser.post(address, {**sent, "due-ask": "明天"}, expect=422)
    browser.post(address, {**sent, "step": []}, expect=422)
    browser.post(address, sent)
    session.commit()
    tasks = session.scalars(select(Task).order_by(Task.id)).all()
    assert [(one.key, one.year, one.clause, one.edition_id) for one in tasks] == [
        ("rd_expense_hnte", 2025, "HNTE-11-5a", made_of),
        ("", None, "HNTE-11-4", made_of),
    ]
    assert tasks[0].title == "2025 年研发费用（高企口径）增加 87.25 万元（由 120 万元到 207.25 万元）"
    assert {one.owner_id for one in tasks} == {owner.id}
    session.commit()
    browser.get(address)
    browser.post(address, sent, expect=409)
    browser.get("/office/")
    assert "我的任务" in browser.text
    browser.get(f"/office/firms/{firm.id}/timeline?kind=tasks")
    assert "新建任务" in browser.text


def test_a_task_is_handed_on_and_closed_with_what_came_of_it(session: Session, people: People, reviewer: Actor) -> None:
    task = make_task(session, reviewer)
    session.commit()
    other = people.caseworker(name="周经办")
    browser = people.browser(other)
    page = f"/office/tasks/{task.id}"
    browser.get(page)
    change = {"owner": str(other.id), "due_on": "2098-12-31", "detail": "改期", "seen": "1"}
    browser.post(f"/office/tasks/{task.id}/change", change)
    browser.post(f"/office/tasks/{task.id}/change", change, expect=409)  # seen is not what is there now
    browser.get(page)
    browser.post(f"/office/tasks/{task.id}/close", {"end": "done", "note": "", "seen": "2"}, expect=422)
    browser.post(f"/office/tasks/{task.id}/close", {"end": "done", "note": "材料已收齐", "seen": "2"})
    session.commit()
    session.refresh(task)
    assert (task.state, task.owner_id, task.closed_note) == (TaskState.DONE, other.id, "材料已收齐")
    with pytest.raises(Conflict):
        service.close(session, task, TaskState.WITHDRAWN, "不办了", by=reviewer, seen=task.version)
    actions = list(
        session.scalars(select(AuditEvent.action).where(AuditEvent.subject_type == "task").order_by(AuditEvent.id))
    )
    assert actions == [Action.TASK_CREATE, Action.TASK_CHANGE, Action.TASK_DONE]
    browser.get(page)
    assert "材料已收齐" in browser.text


def test_what_cannot_be_a_task_is_refused(session: Session, reviewer: Actor) -> None:
    firm = make_firm(session)
    for draft in (
        TaskDraft("", reviewer.id or 0, FAR),
        TaskDraft("补齐资料", reviewer.id or 0, date(2020, 1, 1)),
        TaskDraft("补齐资料", 10**6, FAR),
    ):
        with pytest.raises(Invalid):
            service.create(session, firm, draft, by=reviewer)
    assert session.scalars(select(Task)).all() == []


def test_every_count_is_the_number_of_its_rows(session: Session, reviewer: Actor) -> None:
    late, open_one, done = (make_task(session, reviewer, title) for title in ("迟", "开", "结"))
    late.due_on = date(2020, 1, 1)
    service.close(session, done, TaskState.DONE, "办好", by=reviewer, seen=done.version)
    session.flush()
    for owner in (None, reviewer.id):
        asked = {tab: TaskFilter(tab, owner) for tab in TaskTab}
        counts = queries.counts(session, asked[TaskTab.OPEN], for_=reviewer)
        assert counts == {"open": 2, "overdue": 1, "done": 1, "withdrawn": 0}
        for tab, one in asked.items():
            rows = queries.page_of(session, one, for_=reviewer, total=counts[tab.value])
            assert len(rows.items) == counts[tab.value]
    first, second = queries.page_of(session, TaskFilter(), for_=reviewer, total=2).items
    assert (first.task.id, second.task.id) == (late.id, open_one.id)
    assert first.is_overdue
    assert not second.is_overdue


def test_a_task_is_written_by_hand(session: Session, people: People) -> None:
    firm = make_firm(session)
    session.commit()
    user = people.caseworker()
    browser = people.browser(user)
    browser.get(f"/office/firms/{firm.id}/tasks/new")
    address = f"/office/firms/{firm.id}/tasks/new"
    form = {"title": "上门核对花名册", "owner": str(user.id), "due_on": clock.today().isoformat(), "detail": "带介绍信"}
    browser.post(address, {**form, "due_on": "2020-01-01"}, expect=422)
    browser.post(address, form)
    assert "上门核对花名册" in browser.text
    assert session.scalars(select(Task.created_by_name)).one() == user.name
    assert queries.panel(session, firm)["tasks"][0].task.title == "上门核对花名册"
    with pytest.raises(Invalid):
        service.adopt(session, firm, [], by=SYSTEM)
