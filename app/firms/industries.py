"""Industries by GB/T 4754-2017: a code with its name, found by what a person types (pure). Source: tables/README.md."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from app.core.errors import Invalid
from app.core.text import tr

STANDARD = "GB/T 4754-2017"
# words of policies and of everyday that stand for entries of the standard
WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "工业": ("B", "C", "D"),
        "制造": ("C",),
        "制造业主体": ("C",),
        "建筑": ("E",),
        "教育业": ("P",),
        "软件业": ("65",),
        "园区管理": ("7221",),
        "孵化器管理": ("754",),
    }
)
LEVELS = ("门类", "大类", "中类", "小类")
_CODE = re.compile(r"([A-T]?)([0-9]{2,4})?\Z")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Industry:
    """One entry: ``level`` 1 to 4 (门类 to 小类), ``parent`` its code one level up, ``section`` its letter."""

    code: str
    name: str
    level: int
    parent: str
    section: str

    @property
    def full_code(self) -> str:
        """The code as statistics write it: C3857."""
        return self.code if self.level == 1 else f"{self.section}{self.code}"

    def __str__(self) -> str:
        return f"{self.full_code} {self.name}"


@lru_cache(maxsize=1)
def industries() -> Mapping[str, Industry]:
    """Return all entries by code, sections before divisions before groups before classes, each in order of code."""
    text = resources.files("app.firms").joinpath("tables/gbt4754_2017.csv").read_text(encoding="utf-8")
    rows = [
        Industry(row["code"], row["name"], int(row["level"]), row["parent"], row["section"])
        for row in csv.DictReader(text.splitlines())
    ]
    return MappingProxyType({one.code: one for one in sorted(rows, key=lambda one: (one.level, one.code))})


def industry(code: str | None) -> Industry | None:
    """Return the entry of a stored code; None where there is none."""
    return industries().get(code) if code else None


@lru_cache(maxsize=4096)
def find(text: str) -> Industry | None:
    """Return the one entry that the text names by code (C3857, 3857), name or both; None when none or several."""
    plain = _BLANK.sub("", text.upper())
    found = _CODE.match(plain)
    if found and plain:
        entry = industries().get(found[2] or found[1])
        return entry if entry is not None and found[1] in ("", entry.section) else None
    named = [one for one in industries().values() if plain in (one.name.upper(), str(one).replace(" ", "").upper())]
    return named[-1] if named and len({one.name for one in named}) == 1 else None  # of one name, the most precise


def chosen(text: str) -> str | None:
    """Return the code that a person means, None for an empty text. Raises Invalid with the nearest entries."""
    if not text.strip():
        return None
    found = find(text)
    if found is not None:
        return found.code
    near = suggestions(text, most=5)
    if near:
        names = "；".join(str(one) for one in near)
        raise Invalid(
            "industry_code", tr("行业代码表中没有“%(text)s”，是否为：%(names)s？请填代码。", text=text, names=names)
        )
    raise Invalid(
        "industry_code", tr("行业代码表（GB/T 4754-2017）中没有“%(text)s”，请填代码或名称，如 C3857。", text=text)
    )


def search(text: str, *, most: int = 200) -> Sequence[Industry]:
    """Return the entries whose code begins with the text or whose name contains it."""
    plain = _BLANK.sub("", text).upper()
    if not plain:
        return [one for one in industries().values() if one.level <= 2]  # noqa: PLR2004 - 门类和大类
    digits = plain[1:] if plain[:1].isalpha() and plain[:1].isascii() else plain
    found = [
        one
        for one in industries().values()
        if one.full_code.startswith(plain) or (digits.isdigit() and plain == digits and one.code.startswith(digits))
        or plain in one.name.upper()
    ]  # fmt: skip
    return found[:most]


@lru_cache(maxsize=2048)
def suggestions(text: str, *, most: int = 5) -> tuple[Industry, ...]:
    """Return the entries nearest in words to a free text, best first; without two signs in common there are none."""
    plain = _BLANK.sub("", text).removesuffix("业").removesuffix("行业")
    wanted = _pairs(plain)
    if not wanted:
        return ()
    scored = []
    for one in industries().values():
        there = _pairs(one.name.removesuffix("业"))
        common = len(wanted & there)
        if common:
            scored.append((-2 * common / (len(wanted) + len(there)), -one.level, one.code))
    return tuple(industries()[code] for _score, _level, code in sorted(scored)[:most])


def _pairs(text: str) -> frozenset[str]:
    plain = re.sub(r"[^\w]|制造|生产|加工|和|及|其他", "", text)
    return frozenset(plain[place : place + 2] for place in range(len(plain) - 1))
