"""Secrets that must be read again (seeds of one-time codes) lie encrypted in the database (Fernet, several keys)."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.errors import Refused
from app.core.text import tr


class Box:
    """Seals with the first key, opens with any: a new key is put in front, ``renew`` moves what was sealed before."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._fernet = MultiFernet([Fernet(_stretched(key)) for key in keys])

    def seal(self, text: str) -> str:
        """Return ``text`` encrypted and signed."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return what was sealed. Raises ``Refused`` when no key fits."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Refused(
                tr("无法解开加密保存的内容：密钥已更换而旧密钥不在设置 YUQI_SEAL_KEYS 中，请联系管理员。")
            ) from None

    def renew(self, sealed: str) -> str:
        """Return the same content sealed by the first key."""
        return self._fernet.rotate(sealed.encode()).decode()


def _stretched(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"yuqi sealing").derive(key.encode())
    return base64.urlsafe_b64encode(derived)
