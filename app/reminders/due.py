"""What falls due and who can act: read from the rooms below, with what ends a reminder before its day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from app.access.roles import Role
from app.accounts.models import Mandate, User, live
from app.core import workdays
from app.core.text import Message, tr
from app.engagement.models import Task, TaskState
from app.firms.models import Firm
from app.firms.taxonomy import FirmStatus
from app.recognitions.models import Recognition
from app.reminders.models import DueKind

STEPS = (90, 60, 30, 7)
# 90 working days are some 130 calendar days; the longest holidays make it a few more
AHEAD = timedelta(days=150)


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that falls due: what, for which firm, on which day (the last on which it can be done)."""

    kind: DueKind
    subject_id: int
    firm_id: int
    firm: str
    title: Message
    due_on: date
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Distance:
    """How far off a day is: working days where the years are published, else weekdays as an estimate."""

    days: int
    working: int | None
    weekdays: int

    @property
    def counted(self) -> int:
        return self.weekdays if self.working is None else self.working


def distance(today: date, due_on: date) -> Distance:
    """Return how far ``due_on`` is from ``today``; all zero when it is not later."""
    days = max((due_on - today).days, 0)
    return Distance(days, workdays.until(today, due_on), workdays.weekdays_until(today, due_on))


def step_of(found: Distance) -> int | None:
    """Return the step that has been reached: the smallest that is not below the distance, None while it is far off."""
    reached = [step for step in STEPS if found.counted <= step]
    return min(reached) if reached else None


def all_due(session: Session, today: date) -> list[Due]:
    """Return everything that falls due within the time of the first step, in the order of the days."""
    found = [*_recognitions(session, today), *_tasks(session, today)]
    return sorted(found, key=lambda one: (one.due_on, one.firm_id, one.kind.value, one.subject_id))


def _recognitions(session: Session, today: date) -> Iterator[Due]:
    """Recognitions that end, unless a later one of the same kind and level succeeds them or they were taken away."""
    later = aliased(Recognition)
    stands = and_(later.void_reason == "", later.revoked_on.is_(None))
    succeeds = and_(
        later.firm_id == Recognition.firm_id,
        later.kind == Recognition.kind,
        later.level == Recognition.level,
        later.title == Recognition.title,
        later.id != Recognition.id,
        or_(later.valid_until.is_(None), later.valid_until > Recognition.valid_until),
        stands,
    )
    rows = session.execute(
        select(Recognition, Firm.name)
        .join(Firm, Firm.id == Recognition.firm_id)
        .where(
            Recognition.valid_until.between(today, today + AHEAD),
            Recognition.void_reason == "",
            Recognition.revoked_on.is_(None),
            Firm.status.not_in([FirmStatus.CANCELLED, FirmStatus.REVOKED, FirmStatus.MERGED]),
            ~exists(select(later.id).where(succeeds)),
        )
    )
    for one, name in rows:
        what = Message(one.title) if one.title else Message(one.kind.label)
        level, day = Message(one.level.label), one.valid_until or today
        title = tr("%(what)s（%(level)s）将于 %(day)s 到期", what=what, level=level, day=day)
        yield Due(DueKind.RECOGNITION, one.id, one.firm_id, name, title, day)


def _tasks(session: Session, today: date) -> Iterator[Due]:
    rows = session.execute(
        select(Task, Firm.name)
        .join(Firm, Firm.id == Task.firm_id)
        .where(Task.state == TaskState.OPEN, Task.due_on.between(today, today + AHEAD), Task.owner_id.is_not(None))
    )
    for task, name in rows:
        title = tr("任务“%(what)s”应于 %(day)s 前办结", what=task.title, day=task.due_on)
        yield Due(DueKind.TASK, task.id, task.firm_id, name, title, task.due_on, task.owner_id)


def who_acts(session: Session, dues: Sequence[Due], today: date) -> Mapping[int, Sequence[int]]:
    """Return ``{firm: people}``: those of the firm's own who may act for it, its head first; nobody for some firms."""
    firms = {one.firm_id for one in dues if one.owner_id is None}
    rows = session.execute(
        select(Mandate.firm_id, Mandate.user_id)
        .join(User, User.id == Mandate.user_id)
        .where(Mandate.firm_id.in_(firms), live(today), Mandate.agency == "", User.is_active)
        .order_by(Mandate.role != Role.FIRM_SIGNATORY, Mandate.id)
    )
    found: dict[int, list[int]] = {}
    for firm_id, user_id in rows:
        people = found.setdefault(firm_id, [])
        if user_id not in people:
            people.append(user_id)
    return found
