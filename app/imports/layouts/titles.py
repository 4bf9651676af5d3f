"""What the texts around a table say of all of it: the unit of money and the fiscal year (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.imports.layouts.spelling import folded
from app.imports.layouts.units import in_full

_UNIT = re.compile(r"单位\s*[:：]\s*(?:人民币)?\s*(元|千元|万元|百万元|亿元|[万亿](?!\w))")
_TITLE_UNIT = re.compile(r"[(（](?:人民币)?(元|千元|万元|百万元|亿元)[)）]\s*$")
_SHEET_UNIT = re.compile(r"[(（](?:单位[:：]?)?(元|千元|万元|百万元|亿元)[)）]")
_PART = r"[0-9]{1,2}\s*(?:月|[-—–~～至到])|[上下]半年|(?:第|前)?[一二三四1-4]季"
_YEAR = re.compile(
    rf"(?<![0-9])(20[0-4][0-9])\s*(?:年度|年报|年(?!\s*(?:{_PART}))|(?=[^0-9年月日.\-/]*(?:年报|年度|汇总|名录)))"
)
_PERIOD = re.compile(
    r"(?:(?:报告|统计|数据|所属|填报|调查)(?:期|时期|时间|期间|月份|年月)|截至|截止到?)\s*[(（]?[:：为]?\s*"
    r"(20[0-4][0-9])\s*(?:年|-|/|\.)?\s*12(?![0-9])"
)
_MONTHS = re.compile(r"(?<![0-9])(20[0-4][0-9])\s*年\s*0?1\s*月?\s*[-—–~～至到]+\s*12\s*月")
_PART_OF_YEAR = re.compile(rf"20[0-4][0-9]\s*年?\s*(?!12\s*月)(?:{_PART})")
_BARE_YEAR = re.compile(r"(?<![0-9])(20[0-4][0-9])(?![0-9])")
_SPLIT = re.compile(
    r"^(?:(?:截至|截止)?(?P<before>20[0-4][0-9])年?度?(?:12月)?(?:31日)?(?:末|底)?[-_·:]?(?P<name>[^0-9].*)|(?P<name2>.*[^0-9(\[])"
    r"[(\[_\-·]?(?P<after>20[0-4][0-9])年?度?(?:末|底)?(?P<tail>[)\]]?.*))$"
)
_SHIFTS = (
    ("上年度", -1), ("上一年度", -1), ("上一年", -1), ("上年", -1), ("去年", -1), ("前一年", -1),
    ("本年度", 0), ("本年", 0), ("当年", 0), ("今年", 0), ("报告期", 0),
)  # fmt: skip
_RELATIVE = {"本期": "本年", "今年": "本年", "上期": "上年", "同期": "上年", "去年": "上年", "上年同期": "上年"}
_GROWTH = re.compile(r"(?:同比|比上年)?(?:增长|增减|增)?(?:率|幅|速)?(?:\(?%\)?)?")
_QUALIFIER = re.compile(
    r"(20[0-4][0-9])年?度?(末|底)?|上年(度|同期)?|本年(度)?|金额|数量|绝对值|数值"
    r"|(本期|上期|同期|去年|今年)(数|值|金额)?|(同比|增)[^0-9]{0,6}"
    r"|元|千元|万|万元|百万元|亿|亿元|人|个|家|项|件|%|‰"
)
_UNITS = re.compile(r"元|千元|万|万元|百万元|亿|亿元|人|个|家|项|件|%|‰")
_SAME_PERIOD = re.compile(r"^同期(?:数|值)?")


def unit_in(texts: Iterable[str]) -> str:
    """Return the unit of money that a text declares: 单位：千元, else that a title ends in: 汇总表（千元）."""
    said = list(texts)
    looks = ((pattern, text) for pattern in (_UNIT, _TITLE_UNIT) for text in said)
    return next((in_full(found[1]) for pattern, text in looks if (found := pattern.search(text)) is not None), "")


def unit_of_sheet(name: str) -> str:
    """Return the unit that stands behind a sheet's name: 规上企业（元）."""
    found = _SHEET_UNIT.search(name)
    return found[1] if found is not None else ""


def year_in(text: str) -> int | None:
    """Return the fiscal year that a title names: 2025年度企业指标汇总表, 报告期：2025年12月, 2025年1-12月.

    A day (2026年5月20日) is none, nor a part of a year (2025年1-9月).
    """
    found = _YEAR.search(text) or _PERIOD.search(text) or _MONTHS.search(text)
    return int(found[1]) if found is not None else None


def bare_year_in(text: str) -> int | None:
    """Return the only year in a file's or a sheet's name; None when there is none or more than one, or a part of it."""
    if (found := year_in(text)) is not None:
        return found
    if _PART_OF_YEAR.search(text):
        return None
    years = {int(year) for year in _BARE_YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None


def timed(header: str) -> tuple[str, int | None, int]:
    """Divide a header into what it means, the year it names, and how far the year lies from the row's.

    2024年营业收入（万元） is 营业收入(万元), 2024, 0; 上年营业收入 is 营业收入, None, -1.
    """
    plain = folded(header)
    for word, shift in _SHIFTS:
        if plain.startswith(word) and len(plain) > len(word):
            rest = _SAME_PERIOD.sub("", plain[len(word) :])
            return (rest, None, shift) if rest else (header, None, 0)
    found = _SPLIT.match(plain)
    if found is None:
        return header, None, 0
    if found["before"]:
        return found["name"], int(found["before"]), 0
    tail = found["tail"] or ""
    opened = found["name2"].count("(") - found["name2"].count(")")
    if tail.startswith((")", "]")) and opened <= 0:
        tail = tail[1:]
    elif tail.startswith((",", "、")):
        tail = f"({tail[1:]}"
    return found["name2"] + tail, int(found["after"]), 0


def is_qualifier(text: str) -> bool:
    """Whether a text below a header only narrows it: a year, a unit, 金额."""
    plain = folded(text).strip("()[]")
    return _QUALIFIER.fullmatch(plain) is not None


def is_unit(text: str) -> bool:
    """Whether a text below or above a header is a unit and nothing else."""
    return _UNITS.fullmatch(folded(text).strip("()[]")) is not None


def relative(qualifier: str) -> str:
    """Return 本期, 去年同期数 and the like as 本年 or 上年; any other text as it is."""
    plain = re.sub(r"(?:数|值|金额)$", "", qualifier)
    return _RELATIVE.get(plain, _RELATIVE.get(plain[:2], qualifier) if plain.endswith("同期") else qualifier)


def growth_in(qualifier: str) -> str:
    """Return 增长率 for a text below a header that means the growth of its figure, empty for any other."""
    if not qualifier.startswith(("同比", "增")) or _GROWTH.fullmatch(qualifier) is None:
        return ""
    return "增长率(%)" if "%" in qualifier else "增长率"
