"""Figures as they are kept: exact, typed, and read from plain input with a reason when they cannot be (pure).

A number is a ``Decimal`` in the catalogue's unit, a yes/no a ``bool``, a date a ``date``. A date that is known not to
exist (no certificate was ever issued) is the empty tuple, just as an empty list of incidents is "known: none".
Nothing here stands for "unknown": an unknown figure is simply not there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.core.errors import Invalid
from app.core.text import Message, tr


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a register (an award, a standard): named fields, those not given are absent."""

    fields: tuple[tuple[str, Decimal | date | str], ...]

    def get(self, name: str) -> Decimal | date | str | None:
        """Return the field, or None where the entry does not say."""
        for field, value in self.fields:
            if field == name:
                return value
        return None


Place = str | Message

Value = Decimal | int | bool | date | str | tuple[date, ...] | tuple[str, ...] | tuple[Record, ...]

_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")
_GROUPED_NUMBER = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?\Z")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[T ]00:00(?::00(?:\.0+)?)?)?\Z")
_COMPACT_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})\Z")
_RANK = re.compile(r"第?([0-9]{1,3}|[一二三四五六七八九十])名?\Z")
NARROW = str.maketrans("０１２３４５６７８９．，－＋％", "0123456789.,-+%")
_YES = {"是", "有", "yes", "true", "y"}
_NO = {"否", "无", "没有", "no", "false", "n"}
_NONE = {"无", "没有", "none", "暂无"}
_MAX_DIGITS = 18
_MAX_PLACES = 8


def is_known_none(raw: object) -> bool:
    """Tell whether the input says outright that there is none (not that it is unknown)."""
    if isinstance(raw, str):
        return raw.strip().lower() in _NONE
    return raw is False or raw == [] or raw == ()


def read_number(raw: object, place: Place, *, as_ratio: bool = False, unit: str = "") -> Decimal:
    """Return the exact decimal; ``place`` names the figure in the refusal.

    Text is accepted as plain digits or with thousands commas, also full-width, and with the very ``unit`` in which the
    figure is kept behind it; a ratio also as a percentage ("5.2%").
    Raises Invalid.
    """
    if isinstance(raw, bool):
        raise Invalid("", tr("%(place)s：“%(raw)s”不是数字，请填写数字。", place=place, raw=shown(raw)))
    if isinstance(raw, int):
        return _bounded(Decimal(raw), place)
    if isinstance(raw, Decimal | float):
        number = raw if isinstance(raw, Decimal) else Decimal(repr(raw))
        return _bounded(number, place)
    if isinstance(raw, str):
        return _number_from_text(raw, place, as_ratio=as_ratio, unit=unit)
    raise Invalid("", tr("%(place)s：“%(raw)s”不是数字，请填写数字。", place=place, raw=shown(raw)))


def _number_from_text(raw: str, place: Place, *, as_ratio: bool, unit: str) -> Decimal:
    text = raw.strip()
    plain = text.translate(NARROW)
    share = as_ratio and plain.endswith("%")
    digits = plain[:-1].strip() if share else plain
    if unit and not as_ratio:
        digits = digits.removesuffix(unit).strip()
    if not (_PLAIN_NUMBER.match(digits) or _GROUPED_NUMBER.match(digits)):
        raise Invalid("", _not_a_number(text, place))
    number = _bounded(Decimal(digits.replace(",", "")), place)
    return number.scaleb(-2) if share else number


def _bounded(number: Decimal, place: Place) -> Decimal:
    if not number.is_finite():
        raise Invalid("", tr("%(place)s：“%(raw)s”不是有限的数字。", place=place, raw=number))
    _sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if len(digits) + max(exponent, 0) > _MAX_DIGITS or number.adjusted() >= _MAX_DIGITS:
        raise Invalid("", tr("%(place)s：数字过大或位数过多，请核对单位。", place=place))
    if -exponent > _MAX_PLACES and number != round(number, _MAX_PLACES):
        raise Invalid("", tr("%(place)s：小数位超过 %(places)s 位，请核对。", place=place, places=_MAX_PLACES))
    return number


def _not_a_number(text: str, place: Place) -> Message:
    for position, char in enumerate(text.translate(NARROW), start=1):
        if char not in "0123456789.,+-" or (char in "+-" and position > 1):
            what = tr("字母 %(char)s", char=char) if char.isascii() and char.isalpha() else f"“{char}”"
            return tr(
                "%(place)s：“%(raw)s”不是数字（第 %(position)s 位是%(what)s），请改为数字，单位不要写入数值。",
                place=place,
                raw=text,
                position=position,
                what=what,
            )
    return tr("%(place)s：“%(raw)s”不是数字，请核对小数点和分隔符。", place=place, raw=text)


def read_bool(raw: object, place: Place) -> bool:
    """Return yes or no; 0 and 1 are refused because they may be counts. Raises Invalid."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        word = raw.strip().lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
    raise Invalid(
        "",
        tr(
            "%(place)s：“%(raw)s”不是“是”或“否”，请填写“是/否”（或 true/false）。",
            place=place,
            raw=shown(raw),
        ),
    )


def read_date(raw: object, place: Place) -> date:
    """Return the day; text as 2023-05-01, 2023/5/1, 2023年5月1日 or 20230501. Raises Invalid."""
    if isinstance(raw, datetime):
        if raw.timetz().isoformat() == "00:00:00":
            return raw.date()
    elif isinstance(raw, date):
        return _plausible(raw, place)
    elif match := _day_in(raw):
        try:
            return _plausible(date(int(match[1]), int(match[2]), int(match[3])), place)
        except ValueError:
            raise Invalid(
                "", tr("%(place)s：“%(raw)s”不是有效日期，日历上没有这一天。", place=place, raw=raw)
            ) from None
    raise Invalid("", tr("%(place)s：“%(raw)s”不是日期，请按 2023-05-01 的格式填写。", place=place, raw=shown(raw)))


def _day_in(raw: object) -> re.Match[str] | None:
    """Return year, month and day as written, with the hour only where it is midnight, as programs write a day."""
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        return None
    text = str(raw).strip().translate(NARROW)
    return _DATE.match(text) or _COMPACT_DATE.match(text)


def read_day_or_year(raw: object, place: Place) -> date | str:
    """Return the day, or the four digits of the year where only the year is told. Raises Invalid."""
    if isinstance(raw, int | str) and not isinstance(raw, bool):
        text = str(raw).strip().translate(NARROW)
        if re.fullmatch(r"[0-9]{4}年?", text):
            return str(read_year(text, place))
    return read_date(raw, place)


def read_rank(raw: object, place: Place) -> Decimal:
    """Return a rank from 1 upwards; text also as 第3名 or 第三. Raises Invalid."""
    if isinstance(raw, str) and (match := _RANK.match(raw.strip().translate(NARROW))):
        raw = match[1] if match[1].isdigit() else "一二三四五六七八九十".index(match[1]) + 1
    number = read_number(raw, place)
    if number != number.to_integral_value() or number < 1:
        raise Invalid("", tr("%(place)s：%(raw)s 不是正整数。", place=place, raw=shown(number)))
    return number


def _plausible(day: date, place: Place) -> date:
    if not 1900 <= day.year <= 2100:
        raise Invalid("", tr("%(place)s：%(raw)s 的年份不合理，请核对。", place=place, raw=day.isoformat()))
    return day


def read_year(raw: object, place: Place) -> int:
    """Return a calendar year between 1900 and 2100. Raises Invalid."""
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{4}年?", raw.strip()):
        raw = int(raw.strip()[:4])
    if isinstance(raw, Decimal) and raw == raw.to_integral_value():
        raw = int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and 1900 <= raw <= 2100:
        return raw
    raise Invalid("", tr("%(place)s：“%(raw)s”不是年份，请填写 4 位年份，如 2023。", place=place, raw=shown(raw)))


def read_text(raw: object, place: Place) -> str:
    """Return the text without surrounding blanks; numbers are taken as their digits. Raises Invalid."""
    if isinstance(raw, str) and raw.strip():
        return raw.strip()
    if isinstance(raw, Decimal | int) and not isinstance(raw, bool):
        return format(raw, "f") if isinstance(raw, Decimal) else str(raw)
    raise Invalid("", tr("%(place)s：“%(raw)s”不是文字，请填写文字。", place=place, raw=shown(raw)))


def shown(raw: object) -> str:
    """Return the input as it may be quoted in a message: short, without program notation."""
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, dict):
        return "按年度或分项填写的内容"
    if isinstance(raw, list | tuple):
        return "、".join(shown(item) for item in raw[:3]) if raw else "没有内容"
    text = format(raw, "f") if isinstance(raw, Decimal) and raw.is_finite() else str(raw)
    return text if len(text) <= 40 else text[:40] + "……"
