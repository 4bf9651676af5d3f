"""The second factor: codes that change every half minute (RFC 6238), each good once, and recovery codes on paper."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.accounts import passwords
from app.accounts import service as accounts
from app.accounts.models import RecoveryCode, SecondFactor, User
from app.audit import service as audit
from app.core import clock
from app.core.digest import sha256_hex
from app.core.errors import Conflict, Invalid
from app.core.sealing import Box
from app.core.text import tr

ISSUER = "育企"
STEP = 30
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def of(session: Session, user_id: int) -> SecondFactor | None:
    """Return the second factor of a person once it is confirmed."""
    found = session.get(SecondFactor, user_id)
    return found if found is not None and found.confirmed_at is not None else None


def begin(session: Session, box: Box, user: User) -> None:
    """Make the seed for the person's device; asked again before it is confirmed, it stays the same."""
    found = session.get(SecondFactor, user.id)
    if found is not None and found.confirmed_at is not None:
        raise Conflict(tr("两步验证已经启用；换手机时请先停用，再重新启用。"))
    if found is None:
        found = SecondFactor(user_id=user.id, seed=box.seal(pyotp.random_base32()))
        session.add(found)


def seed(session: Session, box: Box, user_id: int) -> str:
    """Return the seed that waits to be confirmed, empty when there is none."""
    found = session.get(SecondFactor, user_id)
    return box.open(found.seed) if found is not None and found.confirmed_at is None else ""


def address(seed: str, login: str) -> str:
    """Return what the QR code for the device says."""
    return str(pyotp.TOTP(seed, interval=STEP).provisioning_uri(name=login, issuer_name=ISSUER))


def confirm(session: Session, box: Box, user: User, *, password: str, code: str, keep_token: str) -> Sequence[str]:
    """Switch it on; return the recovery codes, shown once. Other sessions end. Raises ``Invalid``, ``Conflict``."""
    found = session.get(SecondFactor, user.id, with_for_update=True)
    if found is None or found.confirmed_at is not None:
        raise Conflict(tr("请重新打开“两步验证”页面再试。"))
    if not passwords.verify(user.password_hash, password):
        raise Invalid("password", tr("密码不正确。"))
    if not _fits(box, found, code):
        raise Invalid("code", tr("验证码不正确或已过期：请核对手机时间是否准确，再输入当前显示的 6 位数字。"))
    found.confirmed_at = clock.now()
    accounts.end_all(session, user, but=keep_token)
    audit.record(session, user.as_actor(), Action.ACCOUNT_SECURE, accounts.subject(user))
    return _new_codes(session, user)


def _new_codes(session: Session, user: User) -> Sequence[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    made = [_made() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user.id, code_hash=_hashed(user.id, one)) for one in made)
    return made


def _made() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2))


def _hashed(user_id: int, code: str) -> str:
    # 50 bits of chance each: a fast hash is enough, the person's number keeps equal codes apart
    return sha256_hex(f"{user_id}:{code}")


def check(session: Session, box: Box, user: User, code: str) -> bool:
    """True when ``code`` is the device's present one, not used before, or an unused recovery code (now used)."""
    found = session.get(SecondFactor, user.id, with_for_update=True)
    if found is None or found.confirmed_at is None:
        return False
    typed = "".join(code.split()).lower()
    return _fits(box, found, typed) or _recovers(session, user, typed)


def _fits(box: Box, factor: SecondFactor, code: str) -> bool:
    """Compare with the step before, now and after; a step once used, and those before it, are gone."""
    typed = "".join(code.split())
    maker, now = pyotp.TOTP(box.open(factor.seed), interval=STEP), int(clock.now().timestamp()) // STEP
    for step in (now - 1, now, now + 1):
        if step > factor.last_step and secrets.compare_digest(maker.generate_otp(step).encode(), typed.encode()):
            factor.last_step = step
            return True
    return False


def _recovers(session: Session, user: User, code: str) -> bool:
    found = session.scalars(
        select(RecoveryCode).where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == _hashed(user.id, code),
            RecoveryCode.used_at.is_(None),
        )
    ).first()
    if found is None:
        return False
    found.used_at = clock.now()
    audit.record(session, user.as_actor(), Action.ACCOUNT_RECOVER, accounts.subject(user))
    return True


def left(session: Session, user_id: int) -> int:
    """Return how many recovery codes are unused."""
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def renew_codes(session: Session, box: Box, user: User, *, code: str) -> Sequence[str]:
    """Replace the recovery codes; return the new ones. Raises ``Invalid``."""
    if not check(session, box, user, code):
        raise Invalid("code", tr("验证码不正确或已用过，请输入手机当前显示的 6 位数字，或一个恢复码。"))
    audit.record(session, user.as_actor(), Action.ACCOUNT_SECURE, accounts.subject(user), note="更换恢复码")
    return _new_codes(session, user)


def stop(session: Session, box: Box, user: User, *, password: str, code: str) -> None:
    """Switch it off, by the person. Raises ``Invalid``."""
    if not passwords.verify(user.password_hash, password):
        raise Invalid("password", tr("密码不正确。"))
    if not check(session, box, user, code):
        raise Invalid("code", tr("验证码不正确或已用过，请输入手机当前显示的 6 位数字，或一个恢复码。"))
    _remove(session, user)
    audit.record(session, user.as_actor(), Action.ACCOUNT_SECURE, accounts.subject(user), note="停用两步验证")


def unlock(session: Session, user: User, *, by: Actor) -> None:
    """Switch it off for somebody who lost the device; all sessions end. Raises ``Conflict``."""
    if of(session, user.id) is None:
        raise Conflict(tr("这个账号没有启用两步验证。"))
    if user.id == by.id:
        raise Conflict(tr("请在“两步验证”页面停用自己的两步验证。"))
    _remove(session, user)
    accounts.end_all(session, user)
    audit.record(session, by, Action.ACCOUNT_UNLOCK, accounts.subject(user))


def _remove(session: Session, user: User) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))


def reseal(session: Session, box: Box) -> int:
    """Seal every seed with the first key; return how many."""
    found = session.scalars(select(SecondFactor)).all()
    for one in found:
        one.seed = box.renew(one.seed)
    return len(found)
