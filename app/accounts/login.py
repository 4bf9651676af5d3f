"""Flask-Login with sessions of our own: the cookie holds a token, the row decides whether it counts."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, g
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy import and_, bindparam, select

from app.access.actor import Actor
from app.accounts.models import Mandate, SecondFactor, SignInSession, User, acting_name, live
from app.core import clock
from app.core.digest import sha256_hex
from app.web.session import database, read, settings

SEEN_EVERY = timedelta(minutes=1)


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login keeps: the token is the identity, so that ending the row signs out at once."""

    def __init__(self, token: str) -> None:
        self.token = token

    def get_id(self) -> str:
        return self.token


# columns, not objects: this runs on every request
_SIGNED_IN = (
    select(
        SignInSession.id.label("session_id"),
        SignInSession.seen_at,
        SignInSession.created_at,
        User.id,
        User.login,
        User.name,
        User.role,
        User.reach,
        User.towns,
        Mandate.firm_id,
        Mandate.role.label("power"),
        Mandate.agency,
        User.must_change_password,
        SecondFactor.confirmed_at,
    )
    .join(User, User.id == SignInSession.user_id)
    .outerjoin(Mandate, and_(Mandate.id == SignInSession.mandate_id, live(bindparam("day"))))
    .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
    .where(SignInSession.token_hash == bindparam("token_hash"), SignInSession.ended_at.is_(None), User.is_active)
)


def load(token: str) -> SignedIn | None:
    """Return the signed-in person of a token while its session counts; put the actor into ``g``."""
    now = clock.now()
    chosen = settings()
    row = read().connection().execute(_SIGNED_IN, {"token_hash": sha256_hex(token), "day": clock.today()}).first()
    if row is None:
        return None
    if now - row.seen_at > timedelta(minutes=chosen.session_idle_minutes):
        return None
    if now - row.created_at > timedelta(hours=chosen.session_hours):
        return None
    if now - row.seen_at > SEEN_EVERY:
        _touch(row.session_id)
    g.actor = Actor(
        id=row.id,
        login=row.login,
        name=acting_name(row.name, row.agency or ""),
        role=row.power or row.role,
        reach=row.reach,
        towns=tuple(row.towns),
        firm_id=row.firm_id,
    )
    g.must_change_password = row.must_change_password
    asked = {"optional": False, "staff": not g.actor.is_firm, "everybody": True}[chosen.second_factor]
    g.must_secure = asked and row.confirmed_at is None
    g.token = token
    return SignedIn(token)


def enter(token: str) -> None:
    """Give the browser a new session: nothing of the one before it counts, forms that are still open neither."""
    cookie.clear()
    cookie.permanent = True
    login_user(SignedIn(token))


def _touch(session_id: int) -> None:
    # its own short transaction, so that reading pages does not hold the write lock
    with database().transaction() as session:
        row = session.get(SignInSession, session_id)
        if row is not None:
            row.seen_at = clock.now()


def install(app: Flask) -> None:
    """Load the person before the guard looks."""
    manager = LoginManager(
        app, add_context_processor=False
    )  # pages ask for `actor`; this one would ask the database again
    manager.session_protection = None  # the server-side row is the protection
    manager.user_loader(load)

    @app.before_request
    def load_person() -> None:
        bool(current_user.is_authenticated)
