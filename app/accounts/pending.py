"""Between password and one-time code: who is half signed in, kept in the signed cookie for a few minutes."""

from __future__ import annotations

from flask import session as cookie
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import clock
from app.core.digest import sha256_hex

GOOD_FOR = 5 * 60
_KEY = "second"


def begin(user: User) -> None:
    """Remember that the password of ``user`` was right; nothing else of the cookie stays."""
    cookie.clear()
    cookie[_KEY] = [user.id, int(clock.now().timestamp()), _mark(user)]


def user(session: Session) -> User | None:
    """Return who waits for a code, while it has not taken too long and the password is still the same."""
    user_id, since, mark = cookie.get(_KEY) or (0, 0, "")
    if clock.now().timestamp() - since > GOOD_FOR:
        return None
    found = session.get(User, user_id)
    return found if found is not None and found.is_active and _mark(found) == mark else None


def _mark(user: User) -> str:
    return sha256_hex(user.password_hash)[:16]
