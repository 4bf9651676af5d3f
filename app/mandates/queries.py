"""Reading invitations and requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVarTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.access.actor import Actor, Reach
from app.access.roles import FIRM_ROLES
from app.accounts import mandates
from app.accounts.models import Mandate
from app.core import clock
from app.core.errors import NotFound
from app.firms import queries as firms
from app.firms.models import Firm
from app.mandates.models import Invitation, MandateRequest, RequestState

Row = TypeVarTuple("Row")


class ActingFor(NamedTuple):
    """A mandate with the name of its firm and whether it counts today."""

    mandate: Mandate
    firm: str
    live: bool


class ReadRequest(NamedTuple):
    """A request with the firm that has its code, when there is one within reach."""

    asked: MandateRequest
    firm: Firm | None


def acting_for(session: Session, user_id: int) -> list[ActingFor]:
    """Return what a person may act for, then what ended lately."""
    live, ended = mandates.of_user(session, user_id), mandates.ended_of_user(session, user_id)
    names = firms.names(session, [one.firm_id for one in (*live, *ended)])
    told = [ActingFor(one, names.get(one.firm_id, ""), True) for one in live]
    return told + [ActingFor(one, names.get(one.firm_id, ""), False) for one in ended]


def requests_of(session: Session, user_id: int) -> Sequence[MandateRequest]:
    """Return the requests of a person, newest first."""
    return session.scalars(
        select(MandateRequest).where(MandateRequest.user_id == user_id).order_by(MandateRequest.id.desc()).limit(20)
    ).all()


def invitations(session: Session, firm_id: int) -> Sequence[Invitation]:
    """Return the invitations of a firm that wait to be taken up, newest first."""
    return session.scalars(
        select(Invitation)
        .where(
            Invitation.firm_id == firm_id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
        .order_by(Invitation.id.desc())
    ).all()


def invitation(session: Session, invitation_id: int, *, for_: Actor) -> Invitation:
    """Return one invitation of a firm within reach, or raise ``NotFound``."""
    found = session.scalars(
        select(Invitation).join(Invitation.firm).where(Invitation.id == invitation_id, firms.visible_to(for_))
    ).first()
    if found is None:
        raise NotFound
    return found


def mandate(session: Session, mandate_id: int, *, for_: Actor) -> Mandate:
    """Return one mandate of a firm within reach with its person, or raise ``NotFound``."""
    found = mandates.mandate(session, mandate_id)
    if not firms.may_see(session, found.firm_id, for_):
        raise NotFound
    return found


def requests(session: Session, *, for_: Actor, state: RequestState | None = None) -> list[ReadRequest]:
    """Return the requests that a member of staff may decide, oldest waiting first.

    Who does not see the whole district sees the requests for firms within reach; one whose code no firm has is for
    those who see everything.
    """
    statement = (
        select(MandateRequest, Firm)
        .outerjoin(Firm, Firm.credit_code == MandateRequest.credit_code)
        .options(joinedload(MandateRequest.user), joinedload(MandateRequest.file))
        .order_by(MandateRequest.state != RequestState.WAITING, MandateRequest.id)
        .limit(500)
    )
    if state is not None:
        statement = statement.where(MandateRequest.state == state)
    return [ReadRequest(asked, firm) for asked, firm in session.execute(_within(statement, for_)).all()]


def request(session: Session, request_id: int, *, for_: Actor) -> ReadRequest:
    """Return one request within reach, or raise ``NotFound``."""
    statement = (
        select(MandateRequest, Firm)
        .outerjoin(Firm, Firm.credit_code == MandateRequest.credit_code)
        .where(MandateRequest.id == request_id)
        .options(joinedload(MandateRequest.user), joinedload(MandateRequest.file))
    )
    row = session.execute(_within(statement, for_)).first()
    if row is None:
        raise NotFound
    return ReadRequest(*row)


def waiting(session: Session, person: Actor) -> int:
    """Return how many requests wait for this person (menu)."""
    if person.role in FIRM_ROLES:
        return 0
    statement = (
        select(func.count(MandateRequest.id))
        .outerjoin(Firm, Firm.credit_code == MandateRequest.credit_code)
        .where(MandateRequest.state == RequestState.WAITING)
    )
    return session.scalar(_within(statement, person)) or 0


def _within(statement: Select[*Row], for_: Actor) -> Select[*Row]:
    everything = for_.reach is Reach.DISTRICT and not for_.is_firm
    return statement if everything else statement.where(Firm.id.is_not(None), firms.visible_to(for_))


def panel(session: Session, firm: Firm) -> dict[str, object]:
    """Return who acts for a firm, for its page."""
    today = clock.today()
    found = mandates.of_firm(session, firm.id)
    return {"people": [one for one in found if one.is_live(today)][:6]}
