"""Accounts: create, edit, disable, passwords, sign in and out."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Actor, Reach
from app.access.roles import FIRM_ROLES, Role
from app.accounts import mandates, passwords, queries
from app.accounts.duties import Left, in_words
from app.accounts.models import Mandate, SignInFailure, SignInSession, User
from app.audit import service as audit
from app.audit.changes import diff
from app.audit.service import Subject
from app.core import clock
from app.core.digest import sha256_hex
from app.core.errors import Conflict, Invalid, Refused
from app.core.text import tr

LOGIN_FORM = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
WINDOW = timedelta(minutes=15)
MOST_FAILURES = 8
MOST_FAILURES_PER_ADDRESS = 40
SECRET = frozenset({"password_hash"})
SELF = Actor(id=None, login="self", name="本人", role=Role.FIRM_APPLICANT)


class TooManyAttempts(Refused):
    """Sign-in is paused for this login or address; it lifts itself."""


def subject(user: User) -> Subject:
    """Return a user as the log names it."""
    return Subject("user", user.id, f"{user.name}（{user.login}）")


def create(
    session: Session,
    *,
    login: str,
    name: str,
    role: Role,
    by: Actor,
    password: str | None = None,
    reach: Reach = Reach.DISTRICT,
    towns: Sequence[str] = (),
    firm_id: int | None = None,
    phone: str = "",
) -> tuple[User, str]:
    """Create a user; return it with the password, which must be changed at the first sign-in unless given.

    Who is to act for a firm (``role`` a power, ``firm_id``) gets a mandate of the usual length.
    """
    login = login.strip().lower()
    if not LOGIN_FORM.fullmatch(login):
        raise Invalid("login", tr("账号只能用 3–40 位小写字母、数字、点、横线，且以字母或数字开头。"))
    if queries.by_login(session, login) is not None:
        raise Invalid("login", tr("账号“%(login)s”已存在，请换一个。", login=login))
    check_role(role, firm_id, reach, towns)
    secret = password or passwords.one_time()
    post = Role.FIRM_APPLICANT if role in FIRM_ROLES else role
    user = User(
        login=login, name=name.strip(), role=post, reach=reach, towns=list(towns), phone=phone,
        password_hash=passwords.hash_password(secret), must_change_password=password is None,
    )  # fmt: skip
    session.add(user)
    session.flush()
    audit.record(session, by, Action.ACCOUNT_CREATE, subject(user), changes={"role": (None, role.value)})
    if firm_id is not None:
        power = mandates.Power(firm_id, role, clock.today() + mandates.USUAL)
        mandates.grant(session, user, power, by=by, basis="随账号开通", action=Action.MANDATE_GRANT)
    return user, secret


def register(session: Session, *, login: str, name: str, phone: str, password: str) -> User:
    """Open an account for somebody who may come to act for firms; it reaches no firm yet. Raises ``Invalid``."""
    passwords.check_new(password, login=login)
    user, _secret = create(
        session, login=login, name=name, role=Role.FIRM_APPLICANT, by=SELF, password=password, phone=phone
    )
    return user


def edit_profile(session: Session, user: User, *, phone: str, email: str, password: str) -> None:
    """Change where one is reached. Raises ``Invalid``."""
    if not passwords.verify(user.password_hash, password):
        raise Invalid("password", tr("密码不正确。"))
    user.phone, user.email = phone, email
    changes = diff(user, leave_out=SECRET)
    if changes:
        audit.record(session, user.as_actor(), Action.ACCOUNT_PROFILE, subject(user), changes=changes)


def check_role(role: Role, firm_id: int | None, reach: Reach, towns: Sequence[str]) -> None:
    """Raise ``Invalid`` when role, firm and reach do not fit together."""
    if role is not Role.FIRM_APPLICANT and (role in FIRM_ROLES) != (firm_id is not None):
        raise Invalid("firm_id", tr("企业账号必须选择所属企业，局内账号不能选择企业。"))
    if reach is Reach.TOWNS and not towns:
        raise Invalid("towns", tr("管理范围为“所辖镇街企业”时，请至少选择一个镇街。"))


def edit(
    session: Session,
    user: User,
    *,
    by: Actor,
    name: str,
    role: Role,
    reach: Reach,
    towns: Sequence[str],
    phone: str,
) -> None:
    """Change name, post and reach; they count from the next request on."""
    if user.id == by.id and role is not user.role:
        raise Refused(tr("不能修改自己的岗位，请由另一位管理员办理。"))
    check_role(role, None, reach, towns)
    user.name, user.role, user.reach, user.phone = name.strip(), role, reach, phone
    if list(user.towns) != list(towns):
        user.towns = list(towns)
    changes = diff(user, leave_out=SECRET)
    if changes:
        audit.record(session, by, Action.ACCOUNT_EDIT, subject(user), changes=changes)


def set_active(session: Session, user: User, *, active: bool, by: Actor, left: Sequence[Left] = ()) -> None:
    """Disable or enable; disabling ends all sessions at once, and the log keeps what was ``left`` with the person."""
    if user.id == by.id:
        raise Refused(tr("不能停用自己的账号。"))
    if user.is_active == active:
        raise Conflict(tr("账号状态没有变化。"))
    user.is_active = active
    if not active:
        end_all(session, user)
    changes, note = {"is_active": (not active, active)}, str(in_words(left))
    audit.record(session, by, Action.ACCOUNT_DISABLE, subject(user), changes=changes, note=note)


def reset_password(session: Session, user: User, *, by: Actor) -> str:
    """Give a one-time password; all sessions end."""
    secret = passwords.one_time()
    user.password_hash = passwords.hash_password(secret)
    user.must_change_password = True
    end_all(session, user)
    session.execute(delete(SignInFailure).where(SignInFailure.login == user.login))
    audit.record(session, by, Action.ACCOUNT_RESET, subject(user))
    return secret


def change_password(session: Session, user: User, *, old: str, new: str, keep_token: str) -> None:
    """Change one's own password; other sessions end."""
    if not passwords.verify(user.password_hash, old):
        raise Invalid("old", tr("原密码不正确。"))
    passwords.check_new(new, login=user.login)
    if old == new:
        raise Invalid("password", tr("新密码不能与原密码相同。"))
    user.password_hash = passwords.hash_password(new)
    user.must_change_password = False
    end_all(session, user, but=keep_token)
    audit.record(session, user.as_actor(), Action.ACCOUNT_PASSWORD, subject(user))


def authenticate(session: Session, *, login: str, password: str, address: str) -> User | None:
    """Check a password; return the user or None. Failures are counted; they are forgotten when a session opens.

    Raises ``TooManyAttempts`` while the login or the address is paused.
    """
    login = login.strip().lower()[:60]
    must_not_be_paused(session, login, address)
    user = queries.by_login(session, login)
    fits = passwords.verify(user.password_hash if user else None, password)
    if user is None or not fits or not user.is_active:
        session.add(SignInFailure(login=login, address=address))
        return None
    return user


def failed(session: Session, user: User, *, address: str) -> None:
    """Count a failure after the password was right (a wrong one-time code).

    Raises ``TooManyAttempts`` while the login or the address is paused.
    """
    must_not_be_paused(session, user.login, address)
    session.add(SignInFailure(login=user.login, address=address))


def must_not_be_paused(session: Session, login: str, address: str) -> None:
    """Raise ``TooManyAttempts`` while the login or the address is paused."""
    by_name, by_address = queries.failures_since(session, clock.now() - WINDOW, login=login, address=address)
    if by_name >= MOST_FAILURES or by_address >= MOST_FAILURES_PER_ADDRESS:
        raise TooManyAttempts(tr("登录失败次数过多，请 15 分钟后再试；忘记密码请联系管理员重置。"))


def open_session(session: Session, user: User, *, address: str, browser: str) -> tuple[str, Mandate | None]:
    """Open a session; return its token and the mandate acted by.

    Who has one mandate acts by it at once, who has several chooses.
    """
    session.execute(delete(SignInFailure).where(SignInFailure.login == user.login))
    token = secrets.token_urlsafe(32)
    live = mandates.of_user(session, user.id) if user.is_firm else ()
    chosen = live[0] if len(live) == 1 else None
    session.add(
        SignInSession(
            token_hash=sha256_hex(token),
            user_id=user.id,
            mandate_id=chosen.id if chosen else None,
            address=address[:60],
            browser=browser[:200],
        )  # fmt: skip
    )
    audit.record(session, user.as_actor(chosen), Action.ACCOUNT_SIGN_IN, subject(user))
    return token, chosen


def sign_out(session: Session, user: User, token: str) -> None:
    """End the session of a token."""
    _end(session, SignInSession.token_hash == sha256_hex(token))
    audit.record(session, user.as_actor(), Action.ACCOUNT_SIGN_OUT, subject(user))


def end_session(session: Session, user: User, session_id: int, *, by: Actor) -> None:
    """End one session of ``user``."""
    _end(session, SignInSession.id == session_id, SignInSession.user_id == user.id)
    audit.record(session, by, Action.SESSION_END, subject(user))


def end_all(session: Session, user: User, *, but: str = "") -> None:
    """End all sessions of ``user`` but the one of token ``but``."""
    _end(session, SignInSession.user_id == user.id, SignInSession.token_hash != sha256_hex(but))


def _end(session: Session, *conditions: object) -> None:
    session.execute(
        update(SignInSession)
        .where(SignInSession.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
        .values(ended_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def first_administrator(session: Session, *, login: str, name: str) -> str:
    """Create the first administrator of an empty system; return the one-time password."""
    if any(user.role is Role.ADMIN and user.is_active for user in queries.users(session)):
        raise Conflict(tr("已有管理员账号，请由其在“账号管理”中新增。"))
    _user, secret = create(session, login=login, name=name, role=Role.ADMIN, by=SYSTEM)
    return secret
