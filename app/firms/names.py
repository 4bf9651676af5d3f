"""A firm's name in forms that can be compared: place, core, legal form, sound. Pure.

``广州市虚构（集团）股份有限公司`` has the place 广州, the core 虚构 and the legal form 集团股份有限公司. Two names
of one core are alike, never the same: only a person may say that they mean one firm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from pypinyin import Style, pinyin

from app.core.choices import Choice
from app.core.text import N_
from app.firms.search_text import bare

LONGEST_KEY = 200
WRONG_PLACES = 3
"""Among how many first signs of a core one wrong sign is looked for: there the word stands that tells firms apart."""

# fmt: off
_CITIES = (
    "广州", "深圳", "珠海", "汕头", "佛山", "韶关", "湛江", "肇庆", "江门", "茂名", "惠州", "梅州", "汕尾", "河源",
    "阳江", "清远", "东莞", "中山", "潮州", "揭阳", "云浮",
)
_DISTRICTS = ("蓬江", "江海", "新会", "台山", "开平", "鹤山", "恩平")
_PROVINCES = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古", "广西",
    "西藏", "宁夏", "新疆", "香港", "澳门",
)
# fmt: on

# place → its way from the top: places agree when one way begins with the other
PLACES: dict[str, tuple[str, ...]] = (
    {"中国": (), "广东": ("广东",)}
    | {one: (one,) for one in _PROVINCES}
    | {one: ("广东", one) for one in _CITIES}
    | {one: ("广东", "江门", one) for one in _DISTRICTS}
)
_NAMES = "|".join(sorted(PLACES, key=len, reverse=True))
_PLACE = re.compile(rf"(?:({_NAMES})(?:省|市|区|县|自治区|特别行政区)?)")
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_FORM = re.compile(
    r"(有限责任公司|股份有限公司|股份公司|有限公司|集团公司|总公司|公司|集团|股份|总厂|厂|合伙企业|企业)$"
)
_FORM_IN_BRACKETS = re.compile(r"集团|.*合伙|.*独资|有限|有限公司|有限责任公司|股份")
_BRANCH = re.compile(
    r"^(?P<parent>.{2,}?(?:公司|厂|社|院|所|中心|集团))"
    r"(?P<branch>[^()]{0,20}(?:分公司|支公司|分厂|分店|分部|分院|分所|分社|分中心|办事处|联络处|代表处|门店|门市部|"
    r"营业部|经营部|营销中心|专卖店|第[一二三四五六七八九十\d]+(?:厂|车间|项目部)))$"
)
_SOLE_TRADER = re.compile(
    r"(店|铺|经营部|经营行|商行|工作室|加工部|维修部|加工场|个体工商户?|\(个体\)|个体户|档口|摊)$"
)


class KeyKind(Choice):
    """Which form of a name a key holds."""

    EXACT = "exact", N_("现用名")
    FORMER = "former", N_("曾用名")
    SHORT = "short", N_("简称")
    CORE = "core", N_("去掉地名和组织形式后相同")
    SOUND = "sound", N_("读音相同")
    NEAR = "near", N_("一字之差")


@dataclass(frozen=True, slots=True)
class Parts:
    """A name taken apart. ``core`` is empty when fewer than two signs are left; a branch keeps its whole name."""

    plain: str
    places: frozenset[str]
    core: str
    parent: str = ""

    @property
    def is_branch(self) -> bool:
        return bool(self.parent)


@lru_cache(maxsize=50_000)
def parts(name: str) -> Parts:
    """Take a name apart."""
    plain = bare(name)
    if branch := _BRANCH.match(plain):
        return Parts(plain, frozenset(), plain, branch["parent"])
    places: set[str] = set()

    def outside(found: re.Match[str]) -> str:
        inner = found[1]
        place = _PLACE.fullmatch(inner)
        if place:
            places.add(place[1])
        return "" if place or not inner or _FORM_IN_BRACKETS.fullmatch(inner) else inner

    left = _IN_BRACKETS.sub(outside, plain)
    while (place := _PLACE.match(left)) and len(left) - place.end() >= 2:
        places.add(place[1])
        left = left[place.end() :]
    while (form := _FORM.search(left)) and form.start() >= 2:
        left = left[: form.start()]
    return Parts(plain, frozenset(places), left if len(left) >= 2 and not _FORM.fullmatch(left) else "")


def places_agree(one: Parts, other: Parts) -> bool:
    """True unless both names say where they are and say it differently (广东 agrees with 江门, 广州 does not)."""
    return all(_within(PLACES[a], PLACES[b]) for a in one.places for b in other.places)


def _within(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def is_sole_trader(name: str, credit_code: str = "") -> bool:
    """True for a 个体工商户: by its code, or by a name that only they bear."""
    plain = bare(name)
    return credit_code.startswith("92") or (not credit_code and bool(_SOLE_TRADER.search(plain)))


@lru_cache(maxsize=30_000)
def _reading(sign: str) -> str:
    return pinyin(sign, style=Style.NORMAL, errors="default", v_to_u=False)[0][0]


def sound(core: str) -> str:
    """Return a core in pinyin, sign by sign: the same sign reads the same in every name."""
    return " ".join([_reading(sign) for sign in core])


def near_keys(core: str) -> list[str]:
    """Return the core with one of its first signs left out: two cores share one when they differ in that sign."""
    if len(core) < 3:
        return []
    return [f"{core[:place]}_{core[place + 1 :]}" for place in range(min(WRONG_PLACES, len(core)))]


def likeness(name: str) -> list[tuple[KeyKind, str]]:
    """Return the keys by which names that are only alike are found: core, sound, one sign wrong."""
    core = parts(name).core
    if not core:
        return []
    found = [(KeyKind.CORE, core), (KeyKind.SOUND, sound(core)), *((KeyKind.NEAR, key) for key in near_keys(core))]
    return [(kind, key[:LONGEST_KEY]) for kind, key in found]


def keys(name: str, short_name: str = "", former: Iterable[str] = ()) -> list[tuple[KeyKind, str]]:
    """Return all keys of a firm, each once."""
    found: dict[tuple[KeyKind, str], None] = {(KeyKind.EXACT, bare(name)): None}
    if short := bare(short_name):
        found[KeyKind.SHORT, short] = None
    found.update(dict.fromkeys(likeness(name)))
    for one in former:
        found[KeyKind.FORMER, bare(one)] = None
        found.update(dict.fromkeys(likeness(one)))
    return [(kind, key[:LONGEST_KEY]) for kind, key in found if key]


def one_sign_apart(one: str, other: str) -> bool:
    """True when two cores of one length differ in exactly one sign."""
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def numbers_differ(one: str, other: str) -> bool:
    """True when the numbers in two names differ: 一厂 is never 二厂."""
    return _numbers(one) != _numbers(other)


def _numbers(text: str) -> list[str]:
    signs = "0123456789零一二三四五六七八九十百甲乙丙丁戊己庚辛壬癸"
    return ["".join(run) for is_number, run in groupby(text, key=lambda sign: sign in signs) if is_number]
