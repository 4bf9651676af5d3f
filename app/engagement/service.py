"""Making tasks, by hand or out of a plan; handing them on; closing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.accounts import queries as accounts
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.engagement.models import Task, TaskState
from app.firms.models import Firm

LONGEST = 300


@dataclass(frozen=True)
class TaskDraft:
    """What is to be done, by whom and by when; ``edition_id``, ``clause``, ``key``, ``year`` where a plan says so."""

    title: str
    owner_id: int
    due_on: date
    detail: str = ""
    edition_id: int | None = None
    clause: str = ""
    key: str = ""
    year: int | None = None


def create(session: Session, firm: Firm, draft: TaskDraft, *, by: Actor) -> Task:
    """Make a task for a firm. Raises Invalid."""
    title = draft.title.strip()
    if not title or len(title) > LONGEST:
        raise Invalid("title", tr("请写明要办什么事，最多 %(most)s 个字。", most=LONGEST))
    _must_be_ahead(draft.due_on)
    _must_own(session, draft.owner_id)
    made = Task(
        firm_id=firm.id, title=title, detail=draft.detail.strip(), edition_id=draft.edition_id, clause=draft.clause,
        key=draft.key, year=draft.year, owner_id=draft.owner_id, due_on=draft.due_on, created_by=by.id,
        created_by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(
        session, by, Action.TASK_CREATE, _subject(made, firm.id),
        changes={"due_on": [None, made.due_on], "owner_id": [None, made.owner_id]}, note=made.title,
    )  # fmt: skip
    return made


def adopt(session: Session, firm: Firm, drafts: Sequence[TaskDraft], *, by: Actor) -> list[Task]:
    """Make the steps of a plan tasks; a step that is an open task already is left out. Raises Invalid."""
    if not drafts:
        raise Invalid("step", tr("请至少选择一项。"))
    open_ones = {
        (task.edition_id, task.key, task.year, task.clause)
        for task in session.scalars(select(Task).where(Task.firm_id == firm.id, Task.state == TaskState.OPEN))
    }
    fresh = [one for one in drafts if (one.edition_id, one.key, one.year, one.clause) not in open_ones]
    if not fresh:
        raise Conflict(tr("所选各项都已是本企业的待办任务，无需重复建立。"))
    return [create(session, firm, one, by=by) for one in fresh]


def change(session: Session, task: Task, *, owner_id: int, due_on: date, detail: str, by: Actor, seen: int) -> None:
    """Hand a task on, or set another day. Raises Invalid, or Conflict when it is closed or was changed meanwhile."""
    _must_be_open(task, seen)
    if due_on != task.due_on:
        _must_be_ahead(due_on)
    _must_own(session, owner_id)
    new = {"owner_id": owner_id, "due_on": due_on, "detail": detail.strip()}
    changes = {name: [getattr(task, name), value] for name, value in new.items() if getattr(task, name) != value}
    for name, value in new.items():
        setattr(task, name, value)
    record(session, by, Action.TASK_CHANGE, _subject(task, task.firm_id), changes=changes)


def close(session: Session, task: Task, state: TaskState, note: str, *, by: Actor, seen: int) -> None:
    """Close a task as done or withdrawn, with what came of it. Raises Invalid, or Conflict."""
    _must_be_open(task, seen)
    if not note.strip():
        raise Invalid("note", tr("请写明办理结果或撤销的原因。"))
    task.state, task.closed_at = state, clock.now()
    task.closed_by_name, task.closed_note = by.name, note.strip()
    action = Action.TASK_DONE if state is TaskState.DONE else Action.TASK_WITHDRAW
    record(
        session, by, action, _subject(task, task.firm_id),
        changes={"state": [TaskState.OPEN, state]}, note=task.closed_note,
    )  # fmt: skip


def _subject(task: Task, firm_id: int) -> Subject:
    return Subject("task", task.id, task.title, firm_id)


def _must_be_open(task: Task, seen: int) -> None:
    if task.state is not TaskState.OPEN:
        raise Conflict(tr("这项任务已经%(state)s，不能再改。", state=tr(task.state.label)))
    if task.version != seen:
        raise Conflict(tr("这项任务刚被别人改过，请看过最新内容后再改。"))


def _must_be_ahead(due_on: date) -> None:
    if due_on < clock.today():
        raise Invalid("due_on", tr("期限不能早于今天。"))


def _must_own(session: Session, owner_id: int) -> None:
    if owner_id not in {one.id for one in accounts.caseworkers(session)}:
        raise Invalid("owner", tr("请从名单中选择在岗的经办人或审核人。"))
