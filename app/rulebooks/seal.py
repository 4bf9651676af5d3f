"""The seal of an edition: the SHA-256 of its rulebook.toml, written once beside it.

A sealed text never changes; whoever needs another one makes an edition with its own date. Cases may grow.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from app.core.text import tr
from app.rulebooks.tables import RulebookError

SEAL = "seal"
RULEBOOK = "rulebook.toml"


def digest(content: bytes) -> str:
    """Return the SHA-256 of the file's bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def check(folder: Path, content: bytes) -> str:
    """Return the digest when it is the sealed one. Raises RulebookError: not sealed, or changed since."""
    found = digest(content)
    seal = folder / SEAL
    if not seal.is_file():
        raise RulebookError(
            tr(
                "%(file)s：尚未封存，请核对后运行 rulebooks seal %(id)s。",
                file=f"{folder.name}/{RULEBOOK}",
                id=folder.name,
            )
        )
    if seal.read_text(encoding="utf-8").strip() != found:
        raise RulebookError(
            tr(
                "%(file)s：内容与封存时不一致。已封存的规则不得修改；请恢复原文，或另立一版并写明自己的施行日期。",
                file=f"{folder.name}/{RULEBOOK}",
            )
        )
    return found


def write(folder: Path) -> str:
    """Seal the edition and return the digest. Raises RulebookError when it bears another seal already."""
    found = digest((folder / RULEBOOK).read_bytes())
    seal = folder / SEAL
    if seal.is_file() and seal.read_text(encoding="utf-8").strip() != found:
        raise RulebookError(
            tr(
                "%(file)s：已有封存且内容不同，不能重新封存。请恢复原文，或另立一版并写明自己的施行日期。",
                file=f"{folder.name}/{RULEBOOK}",
            )
        )
    seal.write_text(found + "\n", encoding="utf-8")
    return found
