"""Choices: an enum whose members carry the stored value and the Chinese label in one line."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Choice(StrEnum):
    """``PENDING = "pending", N_("待审核")``: ``.value`` is stored, ``.label`` is shown (a msgid)."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        return member

    @classmethod
    def options(cls) -> list[tuple[str, str]]:
        """Return ``(value, label)`` pairs in the order of definition."""
        return [(member.value, member.label) for member in cls]
