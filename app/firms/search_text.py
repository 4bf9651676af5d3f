"""What search matches a firm by: names, codes, pinyin and initials, folded to one form. Pure."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable

from pypinyin import lazy_pinyin

MOST_TERMS = 6
MOST_VARIED = 3
LONGEST_QUERY = 100
BREAK = "\n\n"

# Second readings people type for signs that stand in names of firms, places and founders.
READINGS = {
    "长": ("chang", "zhang"), "重": ("zhong", "chong"), "乐": ("le", "yue"), "行": ("xing", "hang"),
    "曾": ("zeng", "ceng"), "单": ("dan", "shan"), "仇": ("qiu", "chou"), "解": ("jie", "xie"),
    "朴": ("pu", "piao"), "盛": ("sheng", "cheng"), "晟": ("sheng", "cheng"), "厦": ("xia", "sha"),
    "会": ("hui", "kuai"), "番": ("fan", "pan"), "沈": ("shen", "chen"), "区": ("qu", "ou"),
    "查": ("cha", "zha"), "翟": ("zhai", "di"), "覃": ("qin", "tan"), "冼": ("xian", "xi"),
    "朝": ("chao", "zhao"), "堡": ("bao", "pu"), "埔": ("pu", "bu"), "调": ("diao", "tiao"),
    "传": ("chuan", "zhuan"), "参": ("can", "shen"), "柏": ("bai", "bo"), "藏": ("cang", "zang"),
    "尉": ("wei", "yu"), "车": ("che", "ju"), "莞": ("guan", "wan"), "率": ("lv", "shuai"), "绿": ("lv", "lu"),
}  # fmt: skip

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2060\ufeff]")
_BLANK = re.compile(r"\s+")
_PREFIX = re.compile(r"^(广东省?|江门市?|蓬江区?|广州市?|深圳市?|\((江门|蓬江|广东|中国)\)|中国)")
_SUFFIX = re.compile(
    r"(股份有限公司|有限责任公司|股份公司|有限公司|集团公司|公司|集团|厂|合伙企业\(有限合伙\)|"
    r"\((江门|蓬江|广东|中国)\))$"
)


def fold(text: str) -> str:
    """Return text in lower case and half width, without control signs; runs of blanks become one."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return _BLANK.sub(" ", plain).strip().lower()


def bare(text: str) -> str:
    """Return folded text without any blank: how two writings of one name become the same."""
    return fold(text).replace(" ", "")


def terms(query: str) -> list[str]:
    """Return the folded words of a query, at most six; every one of them must be found."""
    return fold(query[:LONGEST_QUERY]).split()[:MOST_TERMS]


def build(names: Iterable[str], codes: Iterable[str | None]) -> str:
    """Return the search text of a firm: names and initials, a blank line, then codes and pinyin, one a line.

    What stands above the blank line is found by one or two signs, all of it by three and more: two letters in the
    middle of a syllable would find nearly every firm.
    """
    head: dict[str, None] = {}
    rest: dict[str, None] = {}
    for name in names:
        plain = bare(name)
        if plain:
            head.setdefault(plain)
            for syllables in _readings(plain):
                head.setdefault("".join(syllable[0] for syllable in syllables))
                rest.setdefault("".join(syllables))
    tail = [bare(code) for code in codes if code] + [line for line in rest if line not in head]
    return "\n".join(head) + BREAK + "\n".join(tail)


def sort_key(name: str) -> str:
    """Return the name in pinyin, for lists in the order of a Chinese dictionary; at most 240 signs."""
    return " ".join(_syllables(bare(name)))[:240]


def core(name: str) -> str:
    """Return the distinctive part of a firm's name: without place in front and legal form behind.

    Empty when fewer than two signs are left.
    """
    left = bare(name)
    for pattern in (_PREFIX, _PREFIX, _PREFIX, _SUFFIX, _SUFFIX):
        left = pattern.sub("", left)
    return left if len(left) >= 2 else ""


def sound(text: str) -> str:
    """Return text in pinyin without blanks."""
    return "".join(_syllables(bare(text)))


def _syllables(plain: str) -> list[str]:
    # signs without a reading (letters, digits) stand one by one, so that places in text and readings agree
    pieces = lazy_pinyin(plain, v_to_u=False, errors=" ".join)
    return [syllable for piece in pieces for syllable in piece.split()]


def _readings(plain: str) -> list[list[str]]:
    """The reading in context first, then those with a second reading of up to three signs."""
    syllables = _syllables(plain)
    if len(syllables) != len(plain):
        return [syllables]
    varied = [place for place, sign in enumerate(plain) if _is_varied(sign, place)][:MOST_VARIED]
    choices = [sorted({syllables[place], *READINGS[plain[place]]}) for place in varied]
    found = [syllables]
    for chosen in itertools.product(*choices):
        other = list(syllables)
        for place, syllable in zip(varied, chosen, strict=True):
            other[place] = syllable
        if other not in found:
            found.append(other)
    return found


def _is_varied(sign: str, place: int) -> bool:
    """区 is read ou as somebody's surname only; everywhere else it is the district that half of all names hold."""
    return len(READINGS.get(sign, ())) > 1 and (sign != "区" or place == 0)
