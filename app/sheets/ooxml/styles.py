"""What a number is by its format: a date, a span of time, a percentage or just a number."""

from __future__ import annotations

import re

from app.sheets.ooxml.parts import Package, local

_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_SPAN = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DATE = re.compile(r"[ymdhs]", re.IGNORECASE)
BUILT_IN = {
    **dict.fromkeys((9, 10), "p"),
    **dict.fromkeys((14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 47), "d"),
    # what the East Asian editions of Excel keep for their dates
    **dict.fromkeys((*range(27, 37), *range(50, 59)), "d"),
    46: "h",
}


def kind_of_format(code: str) -> str:
    """Return d for a date or time, h for a span of time, p for a percentage, n for any other format."""
    first = code.partition(";")[0]
    if _SPAN.search(first):
        return "h"
    bare = _QUOTED.sub("", first)
    if "general" in bare.lower() or "g/通用格式" in bare.lower():
        return "n"
    if _DATE.search(bare):
        return "d"
    return "p" if "%" in bare else "n"


def cell_kinds(package: Package) -> list[str]:
    """Return the kind of number for every cell style, by its index."""
    path = package.part_of("styles")
    if path is None:
        return []
    dates = {"d": "D"} if package.is_1904 else {}
    own: dict[int, str] = {}
    kinds: list[str] = []
    for part in package.tree(path):
        if local(part.tag) == "numFmts":
            own = {_number(node.get("numFmtId")): kind_of_format(node.get("formatCode") or "") for node in part}
        elif local(part.tag) == "cellXfs":
            for node in part:
                number = _number(node.get("numFmtId"))
                kind = own.get(number) or BUILT_IN.get(number, "n")
                kinds.append(dates.get(kind, kind))
    return kinds


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
