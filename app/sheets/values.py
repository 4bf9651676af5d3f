"""What the text of a cell stands for, by the kind that its file gives it. Worked out cell by cell, when asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, InvalidOperation

Value = str | bool | int | Decimal | date | datetime | time | timedelta | None
Read = tuple[Value, str, str | None]
"""Value, text as found, code of the error."""

UNCOMPUTED = "#未计算"
"""Stands for the result of a formula that its file does not hold; Excel would work it out on opening."""

_DIGITS = Context(prec=15)
_FURTHEST = 400
_AS_IT_STANDS = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?\Z")
_FRACTION = re.compile(r"-?[0-9]{1,14}\.[0-9]{1,30}\Z")
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - Excel knows no zones
_FALSE_LEAP_DAY = 60
_LAST_DAY = 2_958_465
_DAY_MS = 86_400_000


def number(text: str) -> Decimal | str:
    """Return the number of a text as the 15 digits that Excel keeps and shows; the rest is noise of binary.

    0.30000000000000004 in the file is 0.3 on every screen. A whole number written with more digits keeps them all: a
    code typed as a number has lost its end in Excel, but not in the file. A text that is no number stays text.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite() or abs(value.adjusted()) > _FURTHEST or "_" in text:
        return text
    if text.lstrip("-").isdecimal():
        return value
    if len(text) > _DIGITS.prec:
        value = _DIGITS.plus(value)
    if text[-1] == "0" or value.as_tuple().exponent != 0:
        value = value.normalize()
    return value.quantize(Decimal(1)) if 0 < int(value.as_tuple().exponent) < _DIGITS.prec else value


def raw_text(value: Value) -> str:
    """Write a value without any rounding."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _plain(value: Value) -> Read:
    return value, raw_text(value), None


def _number(text: str) -> Read:
    return _plain(number(text))


def _share(text: str) -> Read:
    """A number shown as a percentage: its text is what a person sees, 5.23%."""
    value = number(text)
    if isinstance(value, str):
        return _plain(value)
    return value, f"{raw_text(number(format(value * 100, 'f')))}%", None


def _error(text: str) -> Read:
    return None, text, text


def _uncomputed(_text: str) -> Read:
    return None, UNCOMPUTED, UNCOMPUTED


def _moment(text: str) -> Read:
    """Days since 1899-12-30. Excel takes 1900 for a leap year, so its first sixty days are off by one."""
    found = number(text)
    if isinstance(found, str) or not 0 <= found <= _LAST_DAY or int(found) == _FALSE_LEAP_DAY:
        return _plain(found)
    return _plain(_dated(found, _EPOCH if found < 1 or found > _FALSE_LEAP_DAY else _EPOCH + timedelta(days=1)))


def _moment_1904(text: str) -> Read:
    found = number(text)
    if isinstance(found, str) or not 0 <= found <= _LAST_DAY:
        return _plain(found)
    return _plain(_dated(found, _EPOCH_1904))


def _dated(days: Decimal, epoch: datetime) -> Value:
    try:
        moment = epoch + timedelta(milliseconds=int(round(days * _DAY_MS)))
    except OverflowError:
        return days
    if moment.microsecond >= 1_000 and moment.microsecond < 999_000:
        moment = moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)
    if 0 < days < 1:
        return moment.time()
    return moment.date() if days == int(days) else moment


def _span(text: str) -> Read:
    found = number(text)
    if isinstance(found, str) or abs(found) > _LAST_DAY:
        return _plain(found)
    return _plain(timedelta(seconds=int(round(found * 86_400))))


def _written(text: str) -> Read:
    """A date or time written out: 2026-01-02, 2026-01-02T03:04:05, 08:30:00."""
    for read in (date.fromisoformat, datetime.fromisoformat, time.fromisoformat):
        try:
            return _plain(read(text.removesuffix("Z")))
        except ValueError:
            continue
    return _plain(text)


def _text(text: str) -> Read:
    return text or None, text, None


def _truth(text: str) -> Read:
    return _plain(text in ("1", "true", "TRUE"))


READ: dict[str, Callable[[str], Read]] = {
    "s": _text,
    "n": _number,
    "p": _share,
    "b": _truth,
    "e": _error,
    "u": _uncomputed,
    "d": _moment,
    "D": _moment_1904,
    "h": _span,
    "i": _written,
}
"""Kinds of cells: text, number, percentage, truth, error, formula without result, date (1900, 1904), span, ISO date."""


def raw_of(kind: str, text: str) -> str:
    """Return the text of a cell as it was found, without working out its value where that is not needed.

    A plain number of up to 15 signs is its own text: nothing of it would be rounded or written otherwise.
    """
    if kind == "s" or (kind == "n" and len(text) <= _DIGITS.prec and _AS_IT_STANDS.match(text)):
        return text
    if kind == "n" and _FRACTION.match(text):
        return format(_DIGITS.create_decimal(text), "f").rstrip("0").rstrip(".")
    return READ[kind](text)[1]
