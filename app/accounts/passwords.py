"""Passwords: argon2id, and what a new one must be."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.errors import Invalid
from app.core.text import tr

SHORTEST = 10
LONGEST = 128
# the commonest choices and the words of this place; anything on it or made of one sign is refused
COMMON = frozenset(
    {
        "1234567890", "12345678901", "123456789a", "a123456789", "qwertyuiop", "password123", "password1234",
        "admin12345", "administrator", "pengjiang123", "jiangmen123", "yuqi123456", "yuqi12345678",
        "kejiju12345", "iloveyou123", "abcd123456", "abc1234567", "woaini1314520", "1q2w3e4r5t",
        "1qaz2wsx3edc", "qazwsxedcrfv", "aa12345678", "p@ssw0rd123",
    }
)  # fmt: skip

# OWASP's second profile: 46 MiB, one pass; about 70 ms on the reference machine
_hasher = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
_NOBODY = _hasher.hash(secrets.token_hex(16))


def use_fast_hashes() -> None:
    """Make hashing cheap; for tests only."""
    global _hasher, _NOBODY  # noqa: PLW0603 - one switch for the whole process
    _hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    _NOBODY = _hasher.hash("nobody")


def hash_password(password: str) -> str:
    """Return the argon2id hash."""
    return _hasher.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """True when the password fits. ``None`` takes the same time, so that unknown logins cannot be told apart."""
    try:
        return _hasher.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def check_new(password: str, *, login: str) -> None:
    """Raise ``Invalid`` when a new password is too short, too long or easily guessed."""
    if len(password) < SHORTEST:
        raise Invalid("password", tr("密码至少 %(n)s 个字符，现有 %(m)s 个。", n=SHORTEST, m=len(password)))
    if len(password) > LONGEST:
        raise Invalid("password", tr("密码最多 %(n)s 个字符，现有 %(m)s 个。", n=LONGEST, m=len(password)))
    lowered = password.lower()
    if lowered in COMMON or len(set(password)) < 4 or (login and login.lower() in lowered):
        raise Invalid("password", tr("这个密码太容易被猜到，请换一个不含账号名、不常见的密码。"))


def one_time() -> str:
    """Return a random password for the first sign-in."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))
