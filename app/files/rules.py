"""What the settings ask of files that people bring (pure)."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rules:
    """``quota`` is how many bytes a firm may keep in its locker, ``scanner`` the address of clamd, empty for none."""

    quota: int = 500 * MEBIBYTE
    scanner: str = ""
