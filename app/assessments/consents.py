"""That a firm lets staff write in its form: given by its head or on paper, until a day, taken back at any time.

Only the head of the firm gives it: who fills in may be an agent, and must not hand the firm's form to others. Whoever
fills in may take it back, which only protects the firm. A paper is entered by a reviewer, who may not use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session, joinedload

from app.access.actions import Action
from app.access.actor import Actor
from app.assessments.models import OPEN_STATES, Assessment, Consent, ConsentKind
from app.assessments.subject import subject_of
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.text import Message, tr
from app.files.models import StoredFile

USUAL, LONGEST = timedelta(days=30), timedelta(days=90)


def statement(until: date | Message) -> Message:
    """Return what a firm agrees to."""
    return tr(
        "本企业同意主管部门工作人员代为填写本份自评，到 %(until)s 为止（含当日）。代填的内容逐项注明填写人，"
        "须由本企业负责人核对并签署后才算提交；企业申明不得代填；本企业可随时收回。",
        until=until,
    )


@dataclass(frozen=True, slots=True)
class Paper:
    """A signed paper as it is entered: who signed when, and its file."""

    person: str
    signed_on: date
    file: StoredFile


def give(session: Session, form: Assessment, until: date, *, agrees: bool, by: Actor) -> Consent:
    """Let staff write in the form; the caller has checked whose it is. Raises Invalid, Conflict."""
    if not agrees:
        raise Invalid("agrees", tr("请阅读并勾选后再提交。"))
    today = clock.today()
    made = Consent(kind=ConsentKind.PORTAL, person=by.name[:60], signed_on=today)
    return _keep(session, form, made, until, by, Action.OWN_ENTRUST)


def register(session: Session, form: Assessment, until: date, paper: Paper, *, by: Actor) -> Consent:
    """Enter a consent that was signed on paper. Raises Invalid (``signed_on``, ``until``), Conflict."""
    if paper.signed_on > clock.today():
        raise Invalid("signed_on", tr("签署日期不能晚于今天。"))
    made = Consent(kind=ConsentKind.PAPER, person=paper.person, signed_on=paper.signed_on, file_id=paper.file.id)
    return _keep(session, form, made, until, by, Action.ASSESSMENT_ENTRUST)


def _keep(session: Session, form: Assessment, made: Consent, until: date, by: Actor, action: Action) -> Consent:
    today = clock.today()
    if not today <= until <= today + LONGEST:
        raise Invalid(
            "until", tr("截止日应在今天到 %(last)s 之间（最长 90 天），到期可以再委托。", last=today + LONGEST)
        )
    _in_line(session, form)
    if form.state not in OPEN_STATES:
        raise Conflict(tr("这份自评%(state)s，现在不能修改。", state=Message(form.state.label)))
    if (there := newest(session, form.id)) is not None:
        raise Conflict(tr("已有到 %(until)s 的代填委托，要改期请先收回。", until=there.until))
    made.assessment_id, made.until, made.statement = form.id, until, str(statement(until))
    made.recorded_by, made.recorded_by_name = by.id, by.name[:60]
    session.add(made)
    session.flush()
    record(session, by, action, subject_of(form), note=made.statement,
           changes={"person": [None, made.person], "until_day": [None, until]})  # fmt: skip
    session.flush()
    return made


def end(session: Session, form: Assessment, consent_id: int, reason: str, *, by: Actor, action: Action) -> Consent:
    """Take a consent back, at once: whoever is saving on the strength of it is through before, or refused after.

    Raises NotFound, Conflict (it has ended).
    """
    _in_line(session, form)
    found = session.scalars(
        select(Consent)
        .where(Consent.id == consent_id, Consent.assessment_id == form.id)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    if not is_live(found):
        raise Conflict(tr("这份委托已经收回或到期。"))
    found.ended_at, found.ended_by_name, found.end_reason = clock.now(), by.name[:60], reason.strip()
    record(session, by, action, subject_of(form), note=found.end_reason, changes={"until_day": [found.until, None]})
    session.flush()
    return found


def newest(session: Session, assessment_id: int) -> Consent | None:
    """Return the consent by which staff may write in a form today, or None."""
    return session.scalars(
        select(Consent)
        .where(Consent.assessment_id == assessment_id, _live())
        .order_by(Consent.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()


def of_form(session: Session, assessment_id: int) -> Sequence[Consent]:
    """Return every consent of a form that the caller reached, the newest first."""
    return session.scalars(
        select(Consent)
        .where(Consent.assessment_id == assessment_id)
        .options(joinedload(Consent.file))
        .order_by(Consent.id.desc())
    ).all()


def by_forms(session: Session, assessment_ids: Sequence[int]) -> dict[int, Consent]:
    """Return the live consents of many forms (one page of them)."""
    rows = session.scalars(
        select(Consent).where(Consent.assessment_id.in_(assessment_ids), _live()).order_by(Consent.id)
    )
    return {one.assessment_id: one for one in rows}


def needed(session: Session, assessment_id: int, by: Actor) -> Consent:
    """Return the consent by which a member of staff may write now. Raises Refused, saying why there is none."""
    found = newest(session, assessment_id)
    if found is None:
        raise Refused(
            tr("企业没有委托代填，或委托已收回、已到期，不能填写。请企业负责人在门户委托，或由审核人登记纸质委托书。")
        )
    if found.kind is ConsentKind.PAPER and found.recorded_by is not None and found.recorded_by == by.id:
        raise Refused(tr("这份纸质委托书由您登记，须由另一人代填。"))
    return found


def is_live(consent: Consent) -> bool:
    """Whether staff may write by it today."""
    return consent.ended_at is None and consent.until >= clock.today()


def _live() -> ColumnElement[bool]:
    return and_(Consent.ended_at.is_(None), Consent.until >= clock.today())


def _in_line(session: Session, form: Assessment) -> None:
    """Stand in line with those who save in the form."""
    session.execute(
        update(Assessment)
        .where(Assessment.id == form.id)
        .values(revision=Assessment.revision)
        .execution_options(synchronize_session=False)
    )
    session.refresh(form)
