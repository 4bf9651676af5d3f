"""The filler asks the head of the firm to sign: once for a round, when nothing keeps the form from being submitted."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.assessments import checks, queries, ready, returned
from app.assessments.models import OPEN_STATES, Assessment, Handover
from app.assessments.subject import subject_of
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr

USUAL, LONGEST = timedelta(days=7), timedelta(days=60)


def next_round(session: Session, assessment_id: int) -> int:
    """Return the number that the next submission of a form will have."""
    last = returned.latest(session, assessment_id)
    return 1 + (last.number if last is not None else 0)


def handover(session: Session, form: Assessment) -> Handover | None:
    """Return that the head was asked to sign the round that is being written, or None."""
    return ready.handovers(session, [form.id]).get((form.id, next_round(session, form.id)))


def last_day(session: Session, form: queries.Form) -> date:
    """Return the last day by which the head can be asked to sign: the end of what is asked for, else two months."""
    made = returned.latest(session, form.row.id)
    ends = [clock.today() + LONGEST, form.intake.closes_on if form.intake is not None else None,
            made.due_on if made is not None else None]  # fmt: skip
    return max(clock.today(), min(one for one in ends if one is not None))


def usual_day(session: Session, form: queries.Form) -> date:
    """Return the day that is proposed."""
    return min(clock.today() + USUAL, last_day(session, form))


def hand_over(session: Session, assessment_id: int, until: date, *, by: Actor) -> Handover:
    """Ask the head to sign by a day. Raises NotFound, Invalid (``until``), Conflict (closed, something left, twice)."""
    form = queries.form(session, assessment_id, for_=by)
    if form.row.state not in OPEN_STATES or form.closed_on is not None:
        raise Conflict(tr("这份自评%(state)s或已截止，不需要再签署。", state=Message(form.row.state.label)))
    last = last_day(session, form)
    if not clock.today() <= until <= last:
        raise Invalid("until", tr("请选择今天到 %(day)s 之间的日期。", day=last))
    filled = queries.filled(session, form)
    left = len(checks.open_faults(filled)) + len(returned.unanswered(session, form, filled))
    if left:
        raise Conflict(tr("还有 %(n)s 处须改正、说明或答复，处理后再请负责人签署。", n=left))
    made = Handover(
        assessment_id=assessment_id, round=next_round(session, assessment_id), until=until, handed_by=by.id,
        handed_by_name=by.name, handed_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(tr("已经请负责人签署，不需要重复提请。")) from error
    record(session, by, Action.OWN_HAND, subject_of(form.row), changes={"sign_by": [None, until.isoformat()]})
    return made
