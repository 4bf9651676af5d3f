"""Numbers as people type them: what is one, what means "nothing known", and what is wrong at which place.

Nothing is guessed. A text that is not clearly a number is a problem that names the position and the character.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from app.core.text import Message, tr
from app.sheets.values import UNCOMPUTED

ERRORS = frozenset(
    {"#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", UNCOMPUTED}
)
_DASHES = frozenset({"-", "--", "---", "/", "//", "\\", "—", "——", "–", "－", "…", "*", "**", "□", "○"})
_WORDS = frozenset(
    {"无", "暂无", "没有", "空", "未知", "不详", "不适用", "待补", "待定", "待填", "未填", "未填报", "未提供", "未披露"}
    | {"na", "n/a", "null", "none", "nil", "nan", "tbd"}
)
UNITS = (
    "亿元", "千万元", "百万元", "万元", "千元", "元", "亿", "千万", "百万", "万", "人次", "人", "名", "家", "项", "件",
    "个", "台", "套", "篇", "次", "年", "月", "天", "小时", "平方米", "亩", "吨", "分",
)  # fmt: skip
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?\Z")
_DIGITS = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?\Z")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?\Z")
_LIMIT = Decimal(10) ** 30


@dataclass(frozen=True, slots=True)
class Number:
    """A number: ``value`` is what it means (12.5% is 0.125), ``written`` the digits as typed (12.5).

    ``unit`` is the unit that stood behind it or the currency sign before it; it is reported, never converted.
    """

    value: Decimal
    written: Decimal
    percent: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing is known: an empty cell, a dash, a word like 无, or the code of a formula error. Never zero."""

    text: str

    @property
    def is_error(self) -> bool:
        """Whether a formula error stood here rather than nothing."""
        return self.text.upper() in ERRORS


@dataclass(frozen=True, slots=True)
class NotANumber:
    """The text is no number; ``position`` counts its characters from 1."""

    message: Message
    position: int


def parse_number(text: str) -> Number | Missing | NotANumber:
    """Read one number out of ``text``."""
    if _DIGITS.match(text):  # most cells: nothing to fold, no sign, no unit
        plain = Decimal(text)
        return Number(plain, plain)
    folded = _fold(text)
    core = folded.strip()
    if not core or core in _DASHES or core.lower() in _WORDS or core.upper() in ERRORS:
        return Missing(text.strip())
    start = folded.index(core)
    body, offset = core.removeprefix("'"), start + core.startswith("'")
    sign, body, offset = _sign(body, offset)
    body, unit, share = _suffix(body)
    if body[:1] == "¥":
        body, offset, unit = body[1:], offset + 1, unit or "元"
    digits = body.replace(",", "") if _GROUPED.match(body) else body
    if not _PLAIN.match(digits):
        return _problem(text, folded, body, offset)
    written = sign * Decimal(digits)
    if abs(written) >= _LIMIT:
        return NotANumber(tr("“%(text)s”位数过多，请核对", text=text.strip()), offset + 1)
    return Number(written * share, written, share != 1, unit)


def _fold(text: str) -> str:
    """Bring full-width digits, dots, commas, signs and blanks to their plain forms, character by character."""
    return "".join(_FOLDED.get(char) or _narrow(char) for char in text)


_FOLDED = {
    "，": ",", "。": "。", "．": ".", "−": "-", "－": "-", "﹣": "-", "–": "-", "—": "—", "＋": "+", "％": "%",
    "﹪": "%", "￥": "¥", "（": "(", "）": ")", "‘": "'", "’": "'", "＇": "'", "\u00a0": " ", "\u3000": " ",
    "\ufeff": " ", "\u200b": " ", "\t": " ", "\r": " ", "\n": " ",
}  # fmt: skip


def _narrow(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 and plain.isascii() and unicodedata.category(char) == "Nd" else char


def _sign(body: str, offset: int) -> tuple[int, str, int]:
    """Accountants write (1,234) for −1,234."""
    if body.startswith("(") and body.endswith(")") and len(body) > 2 and body[1] not in "+-":
        return -1, body[1:-1], offset + 1
    return 1, body, offset


def _suffix(body: str) -> tuple[str, str, Decimal]:
    for sign, share in (("%", Decimal("0.01")), ("‰", Decimal("0.001"))):
        if body.endswith(sign):
            return body[: -len(sign)].rstrip(), "", share
    for unit in sorted(UNITS, key=len, reverse=True):
        if body.endswith(unit) and len(body) > len(unit):
            return body[: -len(unit)].rstrip(), unit, Decimal(1)
    return body, "", Decimal(1)


def _problem(text: str, folded: str, body: str, offset: int) -> NotANumber:
    shown = text.strip()
    for index, char in enumerate(body):
        if char.isascii() and (char.isdigit() or char in ".,+-"):
            continue
        at = offset + index
        message = tr(
            "“%(text)s”不是数字（第 %(at)s 位是%(what)s）", text=shown, at=at + 1, what=_what(text[at], folded[at])
        )
        return NotANumber(message, at + 1)
    if (comma := body.find(",")) >= 0:
        message = tr(
            "“%(text)s”的逗号不在千分位上（第 %(at)s 位），请核对是逗号还是小数点", text=shown, at=offset + comma + 1
        )
        return NotANumber(message, offset + comma + 1)
    at = offset + _second_sign(body)
    return NotANumber(tr("“%(text)s”不是数字（第 %(at)s 位的符号多余）", text=shown, at=at + 1), at + 1)


def _second_sign(body: str) -> int:
    """Where the first dot or sign too many stands."""
    dots = 0
    for index, char in enumerate(body):
        dots += char == "."
        if dots > 1 or (char in "+-" and index):
            return index
    return 0


def _what(char: str, folded: str) -> Message:
    if folded == " ":
        return tr("空格")
    if "a" <= char.lower() <= "z":
        return tr("字母 %(char)s", char=char)
    if "\u4e00" <= char <= "\u9fff":
        return tr("汉字“%(char)s”", char=char)
    return tr("符号“%(char)s”", char=char)
