"""Reading reminders: one's own, how digests arrived, and whom to call because nothing else reaches them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.access.actor import Actor
from app.accounts import queries as people
from app.accounts.models import User
from app.core import clock
from app.firms import queries as firms
from app.firms.contacts import mask_phone
from app.firms.models import Contact, Firm
from app.reminders.due import Distance, all_due, distance, step_for, who_acts
from app.reminders.models import Digest, DigestState, DueKind, Reminder
from app.reminders.things import Due

MOST = 200


class Mine(NamedTuple):
    """One reminder of a person with how far off its day is now."""

    reminder: Reminder
    firm: str
    far: Distance


class Arrival(NamedTuple):
    """A digest, whose it is and how many things it told."""

    digest: Digest
    person: User
    things: int


@dataclass(frozen=True)
class Call:
    """A firm to be called: what falls due, how far off, and the contact (telephone masked)."""

    firm_id: int
    firm: str
    caseworker: str
    contact: str
    phone: str
    dues: Sequence[tuple[Due, Distance]]


def mine(session: Session, person: Actor) -> list[Mine]:
    """Return what a person was reminded of and is still to come, nearest first, each thing once.

    Who acts for a firm sees the reminders of that firm only.
    """
    today = clock.today()
    newest = select(func.max(Reminder.id)).where(Reminder.user_id == person.id, Reminder.due_on >= today)
    newest = newest.group_by(Reminder.kind, Reminder.subject_id)
    statement = (
        select(Reminder, Firm.name)
        .join(Firm, Firm.id == Reminder.firm_id)
        .where(Reminder.id.in_(newest))
        .options(joinedload(Reminder.digest))
        .order_by(Reminder.due_on, Reminder.id)
        .limit(MOST)
    )
    if person.is_firm:
        statement = statement.where(Reminder.firm_id == person.firm_id)
    rows = session.execute(statement).all()
    concerned = {one.firm_id for one, _name in rows}
    standing = {(one.kind, one.subject_id) for one in all_due(session, today, concerned)} if concerned else set()
    return [
        Mine(one, name, distance(today, one.due_on)) for one, name in rows if (one.kind, one.subject_id) in standing
    ]


def unread(session: Session, person: Actor) -> int:
    """Return how many digests a person has not opened (menu)."""
    statement = select(func.count(func.distinct(Digest.id))).join(Digest.reminders)
    statement = statement.where(Digest.user_id == person.id, Digest.read_at.is_(None))
    if person.is_firm:
        statement = statement.where(Reminder.firm_id == person.firm_id)
    return session.scalar(statement) or 0


def arrivals(session: Session, *, for_: Actor, state: DigestState | None) -> list[Arrival]:
    """Return the newest digests of people of firms within reach, and one's own."""
    reached = select(Reminder.digest_id).join(Firm, Firm.id == Reminder.firm_id).where(firms.visible_to(for_))
    count = select(func.count(Reminder.id)).where(Reminder.digest_id == Digest.id).scalar_subquery()
    statement = (
        select(Digest, User, count)
        .join(User, User.id == Digest.user_id)
        .where(Digest.id.in_(reached))
        .order_by(Digest.id.desc())
        .limit(MOST)
    )
    if state is not None:
        statement = statement.where(Digest.state == state)
    return [Arrival(*row) for row in session.execute(statement).all()]


def calls(session: Session, *, for_: Actor) -> list[Call]:
    """Return the firms within reach that must be called: nobody may act for them, or the digest did not arrive."""
    today = clock.today()
    dues = [one for one in all_due(session, today) if _is_for_a_call(one, today)]
    acting = who_acts(session, dues, today)
    lost = _lost(session, today)
    wanted: dict[int, list[Due]] = {}
    for one in dues:
        reached = [user for user in acting.get(one.firm_id, ()) if (user, one.kind, one.subject_id) not in lost]
        if not reached:
            wanted.setdefault(one.firm_id, []).append(one)
    found = session.scalars(
        select(Firm)
        .where(Firm.id.in_(wanted), firms.visible_to(for_))
        .options(selectinload(Firm.contacts))
        .order_by(Firm.name)
    ).all()
    names = people.names(session, [one.caseworker_id for one in found if one.caseworker_id])
    return [_call(one, wanted[one.id], names, today) for one in found]


def _is_for_a_call(one: Due, today: date) -> bool:
    """A signature is between the people of the firm; what has a member of staff to do it needs no call."""
    return one.owner_id is None and one.kind is not DueKind.SIGN and step_for(one, today) is not None


def _lost(session: Session, today: date) -> set[tuple[int, object, int]]:
    rows = session.execute(
        select(Reminder.user_id, Reminder.kind, Reminder.subject_id)
        .join(Digest, Digest.id == Reminder.digest_id)
        .where(
            Reminder.due_on >= today,
            Reminder.sent_at.is_(None),
            Digest.state == DigestState.FAILED,
            Digest.read_at.is_(None),
        )  # fmt: skip
    )
    return {(user, kind, subject) for user, kind, subject in rows}


def _call(firm: Firm, dues: Sequence[Due], names: Mapping[int, str], today: date) -> Call:
    contact = _first(firm.contacts)
    return Call(
        firm.id,
        firm.name,
        names.get(firm.caseworker_id or 0, ""),
        contact.name if contact else "",
        mask_phone(contact.phone) if contact else "",
        [(one, distance(today, one.due_on)) for one in dues],
    )


def _first(contacts: Sequence[Contact]) -> Contact | None:
    return min(contacts, key=lambda one: (not one.is_primary, one.id), default=None)
