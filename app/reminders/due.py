"""What falls due and who can act: read from the rooms below, with what ends a reminder before its day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.access.roles import Role
from app.accounts.models import Mandate, User, live
from app.assessments.models import OPEN_STATES, Assessment, AssessmentState, Consent, Handover, Submission
from app.core import workdays
from app.core.text import Message, tr
from app.eligibility.gap.models import Intake
from app.engagement.models import Task, TaskState
from app.firms.models import Firm
from app.firms.taxonomy import FirmStatus
from app.recognitions.models import Recognition
from app.reminders import shut_out
from app.reminders.models import DueKind
from app.reminders.things import Due
from app.rulebooks.models import Edition

STEPS = (90, 60, 30, 7)
# 90 working days are some 130 calendar days; the longest holidays make it a few more
AHEAD = timedelta(days=150)
SOON = timedelta(days=30)


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


def step_for(one: Due, today: date) -> int | None:
    """Return the step at which a thing is told today, None when it is not.

    Who is asked to sign is told once, and so is what has happened already; a consent only at the last step.
    """
    if one.at_once:
        return STEPS[0]
    if one.kind is DueKind.SIGN:
        return STEPS[-1]
    step = step_of(distance(today, one.due_on))
    return step if one.kind is not DueKind.CONSENT or step == STEPS[-1] else None


def all_due(session: Session, today: date, firms: Collection[int] | None = None) -> list[Due]:
    """Return what falls due within the time of the first step, in the order of the days.

    ``firms`` are those concerned; None stands for all of the district.
    """
    which = true() if firms is None else Firm.id.in_(firms)
    readers = (_recognitions, _tasks, _returned, _closing, _to_sign, _consents, shut_out.infected, shut_out.waiting)
    found = [due for read in readers for due in read(session, today, which)]
    return sorted(found, key=lambda one: (one.due_on, one.firm_id, one.kind.value, one.subject_id))


def _recognitions(session: Session, today: date, which: ColumnElement[bool]) -> Iterator[Due]:
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
            which,
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


def _tasks(session: Session, today: date, which: ColumnElement[bool]) -> Iterator[Due]:
    rows = session.execute(
        select(Task, Firm.name)
        .join(Firm, Firm.id == Task.firm_id)
        .where(
            which, Task.state == TaskState.OPEN, Task.due_on.between(today, today + AHEAD), Task.owner_id.is_not(None)
        )
    )
    for task, name in rows:
        title = tr("任务“%(what)s”应于 %(day)s 前办结", what=task.title, day=task.due_on)
        yield Due(DueKind.TASK, task.id, task.firm_id, name, title, task.due_on, task.owner_id)


def _returned(session: Session, today: date, which: ColumnElement[bool]) -> Iterator[Due]:
    """Forms that the bureau returned: until the day that it named, or the end of the intake where that is before it."""
    last = select(func.max(Submission.id)).group_by(Submission.assessment_id)
    rows = session.execute(
        select(Assessment, Submission, Edition.title, Firm.name, Intake.closes_on)
        .join(Submission, Submission.assessment_id == Assessment.id)
        .join(Edition, Edition.id == Assessment.edition_id)
        .join(Firm, Firm.id == Assessment.firm_id)
        .outerjoin(Intake, and_(Intake.id == Assessment.intake_id, Intake.withdrawn_at.is_(None)))
        .where(which, Assessment.state == AssessmentState.RETURNED, Submission.id.in_(last),
               Submission.due_on.is_not(None))
    )  # fmt: skip
    for form, submission, what, name, closes_on in rows:
        day = min(one for one in (submission.due_on, closes_on) if one is not None)
        if not today <= day <= today + AHEAD:
            continue
        title = tr(
            "%(what)s %(year)s 年度自评已退回，应于 %(day)s 前修改并重新提交", what=what, year=form.year, day=day
        )
        yield Due(DueKind.RETURNED, submission.id, form.firm_id, name, title, day, form_id=form.id)


def _closing(session: Session, today: date, which: ColumnElement[bool]) -> Iterator[Due]:
    """Forms that were begun for a time of intake and are not handed in."""
    rows = session.execute(
        select(Assessment, Intake, Edition.title, Firm.name)
        .join(Intake, Intake.id == Assessment.intake_id)
        .join(Edition, Edition.id == Assessment.edition_id)
        .join(Firm, Firm.id == Assessment.firm_id)
        .where(which, Assessment.state == AssessmentState.DRAFT, Intake.withdrawn_at.is_(None),
               Intake.closes_on.between(today, today + AHEAD))
    )  # fmt: skip
    for form, intake, what, name in rows:
        title = tr("%(what)s %(year)s 年度自评还没有提交，“%(batch)s”于 %(day)s 截止", what=what, year=form.year,
                   batch=intake.name, day=intake.closes_on)  # fmt: skip
        yield Due(DueKind.INTAKE, form.id, form.firm_id, name, title, intake.closes_on, form_id=form.id)


def _to_sign(session: Session, today: date, which: ColumnElement[bool]) -> Iterator[Due]:
    """Forms that their filler handed over to the head, until they are handed in."""
    signed = exists().where(Submission.assessment_id == Handover.assessment_id, Submission.number >= Handover.round)
    rows = session.execute(
        select(Handover, Assessment, Edition.title, Firm.name)
        .join(Assessment, Assessment.id == Handover.assessment_id)
        .join(Edition, Edition.id == Assessment.edition_id)
        .join(Firm, Firm.id == Assessment.firm_id)
        .where(which, Assessment.state.in_(OPEN_STATES), ~signed, Handover.until.between(today, today + AHEAD))
    )
    for asked, form, what, name in rows:
        title = tr("%(what)s %(year)s 年度自评已填好，%(who)s请您于 %(day)s 前核对签署", what=what, year=form.year,
                   who=asked.handed_by_name, day=asked.until)  # fmt: skip
        yield Due(DueKind.SIGN, asked.id, form.firm_id, name, title, asked.until, form_id=form.id)


def who_signs(session: Session, firm_ids: Collection[int], today: date) -> Mapping[int, Sequence[int]]:
    """Return ``{firm: people}``: those who may sign for it; nobody for some firms."""
    rows = session.execute(
        select(Mandate.firm_id, Mandate.user_id)
        .join(User, User.id == Mandate.user_id)
        .where(Mandate.firm_id.in_(firm_ids), live(today), Mandate.role == Role.FIRM_SIGNATORY, User.is_active)
        .order_by(Mandate.id)
    )
    found: dict[int, list[int]] = {}
    for firm_id, user_id in rows:
        found.setdefault(firm_id, []).append(user_id)
    return found


def _consents(session: Session, today: date, which: ColumnElement[bool]) -> Iterator[Due]:
    """Consents by which staff fill in a form and that end soon: for the firm's people and for who fills in."""
    rows = session.execute(
        select(Consent, Assessment, Edition.title, Firm.name, Firm.caseworker_id)
        .join(Assessment, Assessment.id == Consent.assessment_id)
        .join(Edition, Edition.id == Assessment.edition_id)
        .join(Firm, Firm.id == Assessment.firm_id)
        .where(which, Assessment.state.in_(OPEN_STATES), Consent.ended_at.is_(None),
               Consent.until.between(today, today + SOON))
    )  # fmt: skip
    for consent, form, what, name, caseworker_id in rows:
        title = tr("%(what)s %(year)s 年度自评的代填委托 %(day)s 到期，需要继续代填的请重新委托", what=what,
                   year=form.year, day=consent.until)  # fmt: skip
        for owner_id in {None, caseworker_id}:
            yield Due(DueKind.CONSENT, consent.id, form.firm_id, name, title, consent.until, owner_id, form.id)


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
