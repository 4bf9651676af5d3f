"""Making the reminders of a day: each thing once at each step, one digest a person, nothing after it is settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.accounts.models import User
from app.assessments import handing
from app.core import clock
from app.core.errors import Conflict
from app.core.text import tr
from app.reminders.due import all_due, step_for, who_acts, who_signs
from app.reminders.models import Digest, DigestState, DueKind, Reminder
from app.reminders.things import Due


@dataclass(frozen=True)
class Made:
    """What a run made: new reminders, the people they go to, and how many things reach nobody."""

    reminders: int
    people: int
    unreached: int


def remind(session: Session, today: date, *, mails: bool) -> Made:
    """Make what is to be told today. Running it again on the same day makes nothing new.

    ``mails``: there is a channel outside, so digests of people with an address wait to be sent.
    """
    dues = [(one, step) for one in all_due(session, today) if (step := step_for(one, today))]
    acting = who_acts(session, [one for one, _step in dues], today)
    signing = who_signs(session, {one.firm_id for one, _step in dues if one.kind is DueKind.SIGN}, today)
    told = _told(session, [one for one, _step in dues])
    digests: dict[int, Digest] = {}
    made = unreached = 0
    for one, step in dues:
        by_firm = signing if one.kind is DueKind.SIGN else acting
        people = [one.owner_id] if one.owner_id is not None else by_firm.get(one.firm_id, ())
        unreached += not people
        for user_id in people:
            if told.get((one.kind, one.subject_id, user_id), step + 1) <= step:
                continue
            _add(session, digests, user_id, one, step, today)
            made += 1
    _address(session, digests, mails=mails)
    return Made(made, len(digests), unreached)


def ask_to_sign(session: Session, form_id: int, until: date, *, by: Actor, mails: bool) -> Sequence[int]:
    """Hand a form over to the firm's head and tell them at once; return who was told.

    Raises what ``handing.hand_over`` raises, and Conflict where nobody of the firm may sign.
    """
    today, firm_id = clock.today(), by.firm_id or 0
    made = handing.hand_over(session, form_id, until, by=by)
    people = who_signs(session, {firm_id}, today).get(firm_id, ())
    if not people:
        raise Conflict(tr("本企业还没有能签署的负责人，请先在“本企业人员”中请负责人取得授权。"))
    due = next(
        one for one in all_due(session, today, {firm_id}) if (one.kind, one.subject_id) == (DueKind.SIGN, made.id)
    )
    digests: dict[int, Digest] = {}
    for user_id in people:
        _add(session, digests, user_id, due, step_for(due, today) or 0, today)
    _address(session, digests, mails=mails)
    return people


def _told(session: Session, dues: Sequence[Due]) -> Mapping[tuple[DueKind, int, int], int]:
    """Return the nearest step already told: ``{(kind, subject, person): step}``.

    Whatever day was told then: a day that moved must not make the same step be told twice, which the table refuses.
    """
    kinds, subjects = {one.kind for one in dues}, {one.subject_id for one in dues}
    rows = session.execute(
        select(Reminder.kind, Reminder.subject_id, Reminder.user_id, func.min(Reminder.step))
        .where(Reminder.kind.in_(kinds), Reminder.subject_id.in_(subjects))
        .group_by(Reminder.kind, Reminder.subject_id, Reminder.user_id)
    )
    return {(kind, subject, user): step for kind, subject, user, step in rows}


def _add(session: Session, digests: dict[int, Digest], user_id: int | None, one: Due, step: int, today: date) -> None:
    if user_id is None:
        return
    if user_id not in digests:
        found = session.scalars(select(Digest).where(Digest.user_id == user_id, Digest.made_on == today)).first()
        digests[user_id] = found or Digest(user_id=user_id, made_on=today, state=DigestState.SHOWN)
        session.add(digests[user_id])
    digests[user_id].reminders.append(
        Reminder(
            user_id=user_id,
            firm_id=one.firm_id,
            kind=one.kind,
            subject_id=one.subject_id,
            step=step,
            due_on=one.due_on,
            title=str(one.title)[:300],
        )  # fmt: skip
    )


def _address(session: Session, digests: Mapping[int, Digest], *, mails: bool) -> None:
    """Let digests of people with an address wait to be sent; the others stand on the person's page only."""
    people = session.scalars(select(User).where(User.id.in_(digests))).all()
    for user in people:
        digest = digests[user.id]
        digest.address = user.email
        digest.read_at = None
        if mails and user.email:
            digest.state, digest.outcome, digest.tries = DigestState.WAITING, "", 0
        elif mails:
            digest.outcome = "没有登记电子邮箱"
    session.flush()


def read(session: Session, *, by: Actor) -> None:
    """Keep that a person has seen what waited: the digests that tell of the firm acted for, or of any for staff."""
    shown = select(Reminder.digest_id).where(Reminder.user_id == by.id)
    if by.is_firm:
        shown = shown.where(Reminder.firm_id == by.firm_id)
    session.execute(
        update(Digest)
        .where(Digest.id.in_(shown), Digest.read_at.is_(None))
        .values(read_at=clock.now())
        .execution_options(synchronize_session=False)
    )
