"""Identity cells: who a row is about, cleaned, and what is to be told where a cell is not in order (pure).

Everything is read from the text of the cell, so that reading a row again from its kept text gives the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from app.core import clock
from app.core.text import tr
from app.firms import credit_code
from app.firms.taxonomy import ClusterCode, Town
from app.imports.cells.days import read_day
from app.imports.cells.draft import Draft
from app.imports.layouts.layout import Place
from app.imports.layouts.spelling import folded
from app.imports.problem import Kind, Level
from app.sheets.numbers import ERRORS, Missing, parse_number

SECURITY_DIGITS = 6
LONGEST_NAME = 120
_SECURITY = re.compile(r"[0-9A-Z]{4,10}\Z")
_LIST = re.compile(r"[、，,;；/\n]+")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0e-\x1f]")
_HAN = r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff（）()·]"
_LAYOUT_BLANK = re.compile(rf"(?<={_HAN}) | (?={_HAN})")
_BRANCHES = ("分公司", "分厂", "分店", "分院", "分所", "分部", "办事处", "营业部", "经营部")
_BRANCH = re.compile(rf".*(公司|集团|企业|厂).*({'|'.join(_BRANCHES)})\Z")
_MARKS = ("*", "＊", "※", "★", "☆", "▲", "△", "#")
"""Signs behind a name that point to a note below the table."""
_SOLE_TRADER = "92"
_CERTIFICATE = re.compile(r"G[RSF](?P<year>20\d{2})(?P<province>\d{2})\d{6}\Z")
PROVINCE = "44"
CERTIFICATE_YEARS = 3
_LONGEST_WORD = 8
"""Words that mean nothing known (未提供, N/A, ——) are shorter than this."""


@lru_cache(maxsize=4096)
def word(raw: str) -> str:
    """Return the text of a cell without unseen signs; a dash, a word like 无 or a formula error is nothing."""
    text = raw if raw.isalnum() else " ".join(_UNSEEN.sub("", raw).split())
    if len(text) > _LONGEST_WORD:
        return text
    return "" if not text or text.upper() in ERRORS or isinstance(parse_number(text), Missing) else text


def _text_field(name: str, longest: int) -> Callable[[Draft, str, Place], None]:
    def read(draft: Draft, raw: str, place: Place) -> None:
        text = word(raw)
        if len(text) > longest:
            problem = tr("有 %(n)s 个字，超过 %(longest)s 个字，请核对是否填错了列", n=len(text), longest=longest)
            draft.tell(Level.ERROR, Kind.VALUE, problem, place)
            text = text[:longest]
        draft.named[name] = text

    return read


_plain_name = _text_field("name", LONGEST_NAME)


def _name(draft: Draft, raw: str, place: Place) -> None:
    _plain_name(draft, raw, place)
    # blanks inside a Chinese name are layout, those between Latin words belong to it
    name = draft.named["name"]
    if " " in name:
        name = draft.named["name"] = _LAYOUT_BLANK.sub("", name)
    if name.endswith(_MARKS):
        name = draft.named["name"] = name.rstrip("".join(_MARKS))
    if name.endswith(_BRANCHES) and _BRANCH.match(name):
        problem = tr("“%(name)s”是分支机构，不是独立法人；请改填所属企业，或确认要单独建档", name=name)
        draft.tell(Level.ERROR, Kind.BRANCH, problem, place)


def _credit_code(draft: Draft, raw: str, place: Place) -> None:
    text = word(raw)
    if not text:
        return
    checked = credit_code.check(text)
    if checked.code.startswith(_SOLE_TRADER) and len(checked.code) == credit_code.LENGTH:
        problem = tr("“%(code)s”以 92 开头，是个体工商户，不是企业；请核对代码或改填企业", code=checked.code)
        draft.tell(Level.ERROR, Kind.BRANCH, problem, place)
    elif checked.problem is None:
        draft.named["credit_code"] = checked.code
    elif checked.code.isdigit() and checked.code.endswith("000") and len(checked.code) == credit_code.LENGTH:
        problem = tr(
            "“%(code)s”是按数字保存的代码，第 15 位以后已经丢失，请对照营业执照按文本重新填写", code=checked.code
        )
        draft.tell(Level.ERROR, Kind.CODE, problem, place)
    elif checked.is_warning:
        draft.named["credit_code"] = checked.code
        draft.tell(Level.WARNING, Kind.CHECK_DIGIT, checked.problem, place)
    else:
        why = tr("信用代码不使用字母 O 和 I，换成数字 0 和 1 后校验位相符") if checked.suggestion else None
        draft.tell(
            Level.ERROR, Kind.CODE, checked.problem, place,
            repair=checked.suggestion, why=why, alike="look-alike" if checked.suggestion else "",
        )  # fmt: skip


def _security_code(draft: Draft, raw: str, place: Place) -> None:
    text = folded(word(raw)).upper().split(".")[0]
    if not text:
        return
    if text.isdigit() and len(text) < SECURITY_DIGITS and not (text.startswith("0") and len(text) == 5):
        text = text.zfill(SECURITY_DIGITS)  # typed as a number it has lost the zeros before it
    if _SECURITY.match(text):
        draft.named["security_code"] = text
    else:
        problem = tr("“%(text)s”不是证券代码，应为 6 位数字，如 002600", text=text)
        draft.tell(Level.ERROR, Kind.CODE, problem, place)


def _former(draft: Draft, raw: str, _place: Place) -> None:
    parts = [part.strip()[:LONGEST_NAME] for part in _LIST.split(word(raw))]
    draft.named["former_names"] = tuple(part for part in parts if part)


def _spellings_of(town: Town) -> tuple[str, ...]:
    bare = town.label.rstrip("镇街")
    return (town.label, bare, bare + "街道", bare + "街道办", bare + "街道办事处", bare + "镇政府")


_TOWNS = {folded(written): town for town in Town for written in _spellings_of(town)}


def _town(draft: Draft, raw: str, place: Place) -> None:
    text = word(raw)
    if not text:
        return
    town = _TOWNS.get(folded(text).removeprefix("广东省").removeprefix("江门市").removeprefix("蓬江区"))
    if town is None:
        known = "、".join(one.label for one in Town)
        problem = tr("“%(text)s”不是本区镇街，可填：%(known)s；不清楚的留空", text=text, known=known)
        draft.tell(Level.ERROR, Kind.TOWN, problem, place, alike=folded(text))
    draft.named["town"] = town


_CLUSTERS = {folded(code.label + ending): code for code in ClusterCode for ending in ("", "产业", "集群", "产业集群")}


def _cluster(draft: Draft, raw: str, place: Place) -> None:
    found: list[ClusterCode] = []
    for part in _LIST.split(word(raw)):
        code = _CLUSTERS.get(folded(part))
        if code is not None and code not in found:
            found.append(code)
        elif code is None and part.strip():
            known = "、".join(one.label for one in ClusterCode)
            problem = tr("“%(text)s”不是产业集群的名称，可填：%(known)s；不属于的留空", text=part.strip(), known=known)
            draft.tell(Level.ERROR, Kind.CLUSTER, problem, place, alike=folded(part))
    draft.named["clusters"] = tuple(found)


def _registered_on(draft: Draft, raw: str, place: Place) -> None:
    text = word(raw)
    day = read_day(text, is_1904=place.is_1904) if text else None
    if not isinstance(day, date):
        return  # the figure of the same column complains
    if day > clock.today():
        draft.tell(Level.ERROR, Kind.DATE, tr("%(day)s 在今天之后，请核对", day=day.isoformat()), place)
    draft.named["registered_on"] = day


def _certificate(draft: Draft, raw: str, place: Place) -> None:
    code = folded(word(raw)).upper().replace("-", "")
    if not code:
        return
    draft.named["certificate"] = code[:40]
    found = _CERTIFICATE.match(code)
    if found is None:
        problem = tr("“%(code)s”不像高企证书编号，应为 GR、年份、省码和 6 位数字，如 GR202344001234", code=code[:40])
        draft.tell(Level.WARNING, Kind.CERTIFICATE, problem, place)
    elif found["province"] != PROVINCE:
        problem = tr(
            "证书编号的省码是 %(found)s，本省是 %(own)s，请核对是否本企业的证书", found=found["province"], own=PROVINCE
        )
        draft.tell(Level.ERROR, Kind.CERTIFICATE, problem, place)
    elif int(found["year"]) + CERTIFICATE_YEARS < clock.today().year:
        problem = tr("证书是 %(year)s 年的，有效期三年，已经过期；如已重新认定请填新证书编号", year=found["year"])
        draft.tell(Level.WARNING, Kind.CERTIFICATE, problem, place)


def _year(draft: Draft, raw: str, place: Place) -> None:
    text = folded(word(raw)).removesuffix("年度").removesuffix("年")
    if not text:
        return
    if re.fullmatch(r"(19|20)[0-9]{2}", text):
        draft.year = int(text)
    else:
        problem = tr("“%(text)s”不是年度，请填四位数，如 2025", text=text)
        draft.tell(Level.ERROR, Kind.YEAR, problem, place)


def _retrieved(draft: Draft, raw: str, _place: Place) -> None:
    draft.retrieved = word(raw)[:10]


READERS: Mapping[str, Callable[[Draft, str, Place], None]] = {
    "name": _name,
    "short_name": _text_field("short_name", 60),
    "credit_code": _credit_code,
    "security_code": _security_code,
    "former_name": _former,
    "town": _town,
    "cluster": _cluster,
    "address": _text_field("address", 200),
    "industry": _text_field("industry", 80),
    "registered_on": _registered_on,
    "certificate": _certificate,
    "year": _year,
    "retrieved": _retrieved,
}
