"""Read a code of 《国家重点支持的高新技术领域》: which of the fields, and how many levels deep (pure).

People write the catalogue's own numbers (八-（二）-3), digits (8.2.3, 080203) or names
(先进制造与自动化/先进制造工艺/…).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMERALS = "一二三四五六七八九十"
_SEPARATORS = re.compile(r"[\s.,，。、/\\\-—_>:：()（）\[\]]+")


@dataclass(frozen=True, slots=True)
class FieldCode:
    """The field (empty when it is none of them), the levels written, and whether it is clearly another field."""

    field: str
    depth: int
    is_outside: bool


def field_of(code: str, fields: tuple[str, ...]) -> FieldCode:
    """Return the field a code belongs to, among ``fields`` in their official order."""
    text = code.strip()
    for name in fields:
        if text.startswith(name):
            return FieldCode(name, 1 + len(_levels(text[len(name) :])), False)
    levels = _levels(text)
    if not levels:
        return FieldCode("", 0, False)
    number = _number(levels[0])
    if number is None:
        return FieldCode("", len(levels), False)
    if 1 <= number <= len(fields):
        rest = levels[1:]
        named = rest[0] if rest and rest[0] in fields else ""
        return FieldCode(fields[number - 1], len(levels) - bool(named), False)
    return FieldCode("", len(levels), True)


def _levels(text: str) -> list[str]:
    parts = [part for part in _SEPARATORS.split(text) if part]
    if len(parts) == 1 and re.fullmatch(r"(?:[0-9]{2}){2,}", parts[0]):
        return re.findall(r"[0-9]{2}", parts[0])
    if len(parts) == 1 and len(parts[0]) > 1 and parts[0][0] in _NUMERALS and parts[0] not in _NUMERALS:
        return [parts[0][0], parts[0][1:]]
    return parts


def _number(level: str) -> int | None:
    if re.fullmatch(r"[0-9]{1,2}", level):
        return int(level)
    return _NUMERALS.index(level) + 1 if len(level) == 1 and level in _NUMERALS else None
