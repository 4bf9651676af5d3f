"""Reading accounts and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor
from app.access.roles import Role
from app.accounts.models import SignInFailure, SignInSession, User
from app.core.errors import NotFound


def user(session: Session, user_id: int) -> User:
    """Return one user, or raise ``NotFound``."""
    found = session.get(User, user_id)
    if found is None:
        raise NotFound
    return found


def acting(session: Session, user_id: int | None) -> Actor:
    """Return who acts for that user's account; nobody's work is the system's."""
    return SYSTEM if user_id is None else user(session, user_id).as_actor()


def by_login(session: Session, login: str) -> User | None:
    """Return the user of a login (case does not matter)."""
    return session.scalars(select(User).where(User.login == login.strip().lower())).first()


def users(session: Session) -> Sequence[User]:
    """Return all users, staff first."""
    return session.scalars(select(User).order_by(User.role == Role.FIRM_APPLICANT, User.role, User.login)).all()


def caseworkers(session: Session) -> Sequence[User]:
    """Return the active people a firm can be assigned to."""
    return session.scalars(
        select(User).where(User.role.in_([Role.CASEWORKER, Role.REVIEWER]), User.is_active).order_by(User.name)
    ).all()


def names(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return ``{id: name}``."""
    rows = session.execute(select(User.id, User.name).where(User.id.in_(set(ids)))).all() if ids else []
    return {row.id: row.name for row in rows}


def failures_since(session: Session, since: datetime, *, login: str, address: str) -> tuple[int, int]:
    """Return failed attempts since a moment: for this login, and from this address."""
    row = session.execute(
        select(
            func.count().filter(SignInFailure.login == login),
            func.count().filter(SignInFailure.address == address),
        ).where(SignInFailure.at >= since, or_(SignInFailure.login == login, SignInFailure.address == address))
    ).one()
    return int(row[0]), int(row[1])


def open_sessions(session: Session, user_id: int, *, seen_since: datetime) -> Sequence[SignInSession]:
    """Return the sessions of a user that still count."""
    return session.scalars(
        select(SignInSession)
        .where(
            SignInSession.user_id == user_id,
            SignInSession.ended_at.is_(None),
            SignInSession.seen_at >= seen_since,
        )
        .order_by(SignInSession.seen_at.desc())
    ).all()
