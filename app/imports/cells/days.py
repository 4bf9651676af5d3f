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
_EPOCH = date(1899, 12, 30)
"""Day 0 of the numbers by which Excel keeps days."""


@dataclass(frozen=True, slots=True)
class NoDay:
    """Why a text is no day; ``is_incomplete`` when it tells a month or a year only, so that nothing is wrong."""

    message: Message
    is_incomplete: bool = False


def read_day(text: str) -> date | NoDay:
    """Read one day: 2015-03-31, 2015/3/31, 2015.3.31, 2015年3月31日, 20150331, 42094, also with an hour behind it."""
    shown = text.strip()
    plain = "".join(unicodedata.normalize("NFKC", shown).split())
    found = _DAY.match(plain) or _COMPACT.match(plain)
    if found is not None:
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            return NoDay(tr("“%(text)s”在日历上不存在，请核对年月日", text=shown))
        return day if 1900 <= day.year <= 2100 else NoDay(tr("“%(text)s”的年份不合理，请核对", text=shown))
    if (serial := _SERIAL.match(plain)) is not None:
        return _EPOCH + timedelta(days=int(serial[1]))
    if _MONTH.match(plain):
        return NoDay(tr("“%(text)s”没有写到日，按缺失处理，不补日；知道的请补填", text=shown), is_incomplete=True)
    if _SHORT.match(plain):
        return NoDay(tr("“%(text)s”的年份只有两位，分不清年月日，请按 2015-03-31 的格式填写", text=shown))
    return NoDay(tr("“%(text)s”不是日期，请按 2015-03-31 的格式填写", text=shown))
