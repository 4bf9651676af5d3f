"""Days as people write them in cells: many spellings are one day, some say less than a day or leave doubt (pure)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.text import Message, tr

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?(?:T?\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?)?\Z")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})\Z")
_SERIAL = re.compile(r"([2-7]\d{4})(?:\.\d+)?\Z")
_MONTH = re.compile(r"\d{4}[-/.年](?:\d{1,2}月?)?\Z|(?:19|20)\d{2}(?:0[1-9]|1[0-2])\Z|(?:19|20)\d{2}\Z")
_SHORT = re.compile(r"\d{1,2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\Z")
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
"""Day 0 of the numbers by which Excel keeps days, and old Macintosh workbooks."""
_HAN = re.compile(
    r"([〇零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十廿卅]{1,3})[日号]\Z"
)
_HAN_DIGITS = {sign: number for number, sign in enumerate("〇一二三四五六七八九")} | {"零": 0}
_PIVOT = 50
"""Two digits of a year below this are of this century when a repair is proposed."""


@dataclass(frozen=True, slots=True)
class NoDay:
    """Why a text is no day; ``is_incomplete`` when it tells a month or a year only, so that nothing is wrong.

    ``repair`` is the day that is probably meant, for a person to confirm.
    """

    message: Message
    is_incomplete: bool = False
    repair: str = ""


def read_day(text: str, *, is_1904: bool = False) -> date | NoDay:
    """Read one day: 2015-03-31, 2015/3/31, 2015.3.31, 2015年3月31日, 20150331, 42094, 二〇一五年三月三十一日.

    An hour may stand behind it. ``is_1904`` says from when the workbook counts the days of a plain number.
    """
    shown = text.strip()
    plain = "".join(unicodedata.normalize("NFKC", shown).split())
    found = _DAY.match(plain) or _COMPACT.match(plain) or _DAY.match(_in_digits(plain))
    if found is not None:
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            return NoDay(tr("“%(text)s”在日历上不存在，请核对年月日", text=shown))
        return day if 1900 <= day.year <= 2100 else NoDay(tr("“%(text)s”的年份不合理，请核对", text=shown))
    if (serial := _SERIAL.match(plain)) is not None:
        return (_EPOCH_1904 if is_1904 else _EPOCH) + timedelta(days=int(serial[1]))
    if _MONTH.match(plain):
        return NoDay(tr("“%(text)s”没有写到日，按缺失处理，不补日；知道的请补填", text=shown), is_incomplete=True)
    if _SHORT.match(plain):
        told = tr("“%(text)s”的年份只有两位，分不清年月日，请按 2015-03-31 的格式填写", text=shown)
        return NoDay(told, repair=_likely(plain))
    return NoDay(tr("“%(text)s”不是日期，请按 2015-03-31 的格式填写", text=shown))


def _likely(plain: str) -> str:
    """Return the day that two digits, month and day most often mean in this order; empty when they are none."""
    year, month, day = (int(part) for part in re.findall(r"\d+", plain))
    try:
        return date(year + (2000 if year < _PIVOT else 1900), month, day).isoformat()
    except ValueError:
        return ""


def _in_digits(plain: str) -> str:
    """Return 二〇一五年三月三十一日 as 2015年3月31日; any other text as empty."""
    found = _HAN.match(plain)
    if found is None:
        return ""
    year = "".join(str(_HAN_DIGITS[sign]) for sign in found[1])
    return f"{year}年{_counted(found[2])}月{_counted(found[3])}日"


def _counted(text: str) -> int:
    """Return 三十一 as 31."""
    tens, ten, ones = text.replace("廿", "二十").replace("卅", "三十").rpartition("十")
    whole = (_HAN_DIGITS.get(tens[:1], 1) if tens else 1) if ten else 0
    return 10 * whole + _HAN_DIGITS.get(ones[:1], 0)
