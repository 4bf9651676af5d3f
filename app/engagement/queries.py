"""Reading tasks: one, those of a firm, and lists whose counts equal their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.accounts.models import User
from app.core import clock
from app.core.choices import Choice
from app.core.errors import NotFound
from app.core.paging import Page, SortKey, read_page
from app.core.text import N_, tr
from app.engagement.models import Task, TaskState
from app.firms import queries as firms
from app.firms.models import Firm

PANEL = 4
MINE = "me"


class TaskTab(Choice):
    """What a list of tasks is looked at by."""

    OPEN = "open", N_("待办")
    OVERDUE = "overdue", N_("已过期限")
    DONE = "done", N_("已办结")
    WITHDRAWN = "withdrawn", N_("已撤销")


@dataclass(frozen=True)
class TaskFilter:
    """What a person asked for: a tab, an owner (``mine``, one user, or everybody), and a firm."""

    tab: TaskTab = TaskTab.OPEN
    owner: int | None = None
    firm_id: int | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str], person: Actor) -> TaskFilter:
        """Read the query of an address; values that mean nothing are left out."""
        tab, owner = asked.get("tab", ""), asked.get("owner", "")
        number = int(owner) if owner.isascii() and owner.isdigit() and len(owner) < 10 else None
        return cls(TaskTab(tab) if tab in set(TaskTab) else TaskTab.OPEN, person.id if owner == MINE else number)


@dataclass(frozen=True)
class TaskRow:
    """One task as lists show it."""

    task: Task
    firm_name: str
    town: str | None
    owner: str

    @property
    def is_overdue(self) -> bool:
        """Whether its day has passed and it is still open."""
        return self.task.state is TaskState.OPEN and self.task.due_on < clock.today()


def task(session: Session, task_id: int, *, for_: Actor) -> TaskRow:
    """Return one task, or raise NotFound when its firm is out of reach."""
    row = session.execute(_rows().where(Task.id == task_id, firms.visible_to(for_))).first()
    if row is None:
        raise NotFound(tr("没有找到这项任务，可能不在您的管理范围内。"))
    return _row(row)


def counts(session: Session, asked: TaskFilter, *, for_: Actor) -> dict[str, int]:
    """Return how many rows each tab has under the other filters."""
    today = clock.today()
    overdue = (Task.due_on < today).label("overdue")
    rows = session.execute(
        select(Task.state, overdue, func.count())
        .join(Firm, Firm.id == Task.firm_id)
        .where(*_narrowed(asked, for_))
        .group_by(Task.state, overdue)
    )
    found = {tab.value: 0 for tab in TaskTab}
    for state, is_over, number in rows:
        found[state.value] += number
        if state is TaskState.OPEN and is_over:
            found[TaskTab.OVERDUE] += number
    return found


def count(session: Session, asked: TaskFilter, *, for_: Actor) -> int:
    """Return how many tasks the list has."""
    return counts(session, asked, for_=for_)[asked.tab.value]


def page_of(
    session: Session, asked: TaskFilter, *, for_: Actor, total: int, after: str = "", before: str = ""
) -> Page[TaskRow]:
    """Return a page of tasks, the most urgent first; closed ones the latest first."""
    is_open = asked.tab in (TaskTab.OPEN, TaskTab.OVERDUE)
    keys = (
        [SortKey(Task.due_on, "due", parse=date.fromisoformat), SortKey(Task.id, "id")]
        if is_open
        else [SortKey(Task.id, "id", descending=True)]
    )
    found = read_page(
        session,
        _rows().where(*_narrowed(asked, for_), *_in_tab(asked.tab, clock.today())),
        keys,
        key_of=lambda row: (row[0].due_on, row[0].id) if is_open else (row[0].id,),
        total=total,
        after=after,
        before=before,
    )
    return Page([_row(row) for row in found.items], found.total, found.after, found.before)


def count_of_owner(session: Session, user_id: int) -> int:
    """Return how many open tasks a person has, whoever may see them."""
    mine = select(func.count()).select_from(Task).where(Task.owner_id == user_id, Task.state == TaskState.OPEN)
    return session.scalar(mine) or 0


def panel(session: Session, firm: Firm) -> dict[str, Any]:
    """Return the most urgent open tasks for the firm's page, and how many there are."""
    statement = _rows().where(Task.firm_id == firm.id, Task.state == TaskState.OPEN)
    rows = session.execute(statement.order_by(Task.due_on, Task.id).limit(PANEL)).all()
    return {"tasks": [_row(row) for row in rows[: PANEL - 1]], "more": len(rows) == PANEL}


def of_firm(asked: TaskFilter, firm_id: int) -> TaskFilter:
    """Return the same filter for one firm."""
    return replace(asked, firm_id=firm_id)


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(Task, Firm.name, Firm.town, User.name)
        .join(Firm, Firm.id == Task.firm_id)
        .outerjoin(User, User.id == Task.owner_id)
    )


def _row(row: Any) -> TaskRow:
    return TaskRow(row[0], row[1], row[2].label if row[2] is not None else None, row[3] or "")


def _narrowed(asked: TaskFilter, person: Actor) -> list[ColumnElement[bool]]:
    found = [firms.visible_to(person)]
    if asked.owner is not None:
        found.append(Task.owner_id == asked.owner)
    if asked.firm_id is not None:
        found.append(Task.firm_id == asked.firm_id)
    return found


def _in_tab(tab: TaskTab, today: date) -> list[ColumnElement[bool]]:
    if tab is TaskTab.OVERDUE:
        return [Task.state == TaskState.OPEN, Task.due_on < today]
    return [Task.state == TaskState(tab.value)]
