"""A forgotten password: a link that works once within an hour and dies with the password it replaces."""

from __future__ import annotations

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.accounts import passwords
from app.accounts import service as accounts
from app.accounts.models import SignInFailure, User
from app.audit import service as audit
from app.core.digest import sha256_hex
from app.core.errors import Conflict, NotFound
from app.core.text import tr

GOOD_FOR = 60 * 60


def link_token(session: Session, key: str, user: User, *, by: Actor) -> str:
    """Return the token of a link for ``user``; giving it out is logged. Raises ``Conflict``."""
    if not user.is_active:
        raise Conflict(tr("账号已停用，请先由管理员启用，再重置密码。"))
    audit.record(session, by, Action.ACCOUNT_RESET, accounts.subject(user), note="发放重置链接")
    return str(_signer(key).dumps([user.id, _mark(user)]))


def owner(session: Session, key: str, token: str) -> User:
    """Return whose password a link replaces. Raises ``Conflict`` (too late, used), ``NotFound``."""
    try:
        user_id, mark = _signer(key).loads(token[:400], max_age=GOOD_FOR)
        user = session.get(User, int(user_id))
    except SignatureExpired:
        raise Conflict(tr("重置链接已超过一小时，请联系发放人重新发放。")) from None
    except (BadSignature, ValueError, TypeError):
        raise NotFound(tr("重置链接不完整或不存在，请从发放人处重新复制。")) from None
    if user is None or not user.is_active:
        raise NotFound(tr("重置链接不完整或不存在，请从发放人处重新复制。"))
    if mark != _mark(user):
        raise Conflict(tr("重置链接已经使用过，或密码已经另行修改。请直接登录，或重新申请链接。"))
    return user


def replace(session: Session, key: str, token: str, new: str) -> User:
    """Set the password by a link; all sessions end. Raises ``Invalid``, ``Conflict``, ``NotFound``."""
    user = owner(session, key, token)
    passwords.check_new(new, login=user.login)
    user.password_hash = passwords.hash_password(new)
    user.must_change_password = False
    accounts.end_all(session, user)
    session.execute(delete(SignInFailure).where(SignInFailure.login == user.login))
    audit.record(session, user.as_actor(), Action.ACCOUNT_PASSWORD, accounts.subject(user), note="凭重置链接")
    return user


def _signer(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="password reset")


def _mark(user: User) -> str:
    return sha256_hex(user.password_hash)[:20]
