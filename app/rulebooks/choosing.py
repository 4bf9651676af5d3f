"""Which edition an application follows: by programme, kind of application, day and region, with the reason (pure).

An edition whose transition rule names the application comes first (小巨人 reviews of 2026 follow the rules of 2022);
then the edition of the narrowest region that holds the place; a place without one of its own gets the national one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.core.errors import NotFound
from app.core.text import N_, Message, tr
from app.rulebooks.schema import Rulebook

NATIONAL = "全国"
OWN_PLACE = "广东省江门市蓬江区"
"""Where the office is: the place for which pages propose an edition."""

KIND_NAMES = {"new": N_("新申请"), "review": N_("复核")}
# other names of programmes, as people and figures files write them
_ALIASES = {
    "hitech_recognition": ("hnte", "hitech", "高企", "高新技术企业"),
    "tech_sme": ("科小", "科技型中小企业"),
    "innovative_sme": ("inno", "inno_sme", "创新型", "创新型中小企业"),
    "specialised_sme": ("srdi", "专精特新", "专精特新中小企业"),
    "little_giant": ("lg", "小巨人", "专精特新小巨人", "专精特新“小巨人”", "专精特新“小巨人”企业"),
}
_GUANGDONG = (
    "广州", "深圳", "珠海", "汕头", "佛山", "韶关", "河源", "梅州", "惠州", "汕尾", "东莞", "中山", "江门", "阳江",
    "湛江", "茂名", "肇庆", "清远", "潮州", "揭阳", "云浮",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """The edition that governs an application, and why."""

    rulebook: Rulebook
    why: Message


def programme_of(rulebooks: Sequence[Rulebook], name: str) -> str:
    """Return the programme that a name means: its code, an alias, or the beginning of an edition's id.

    Raises NotFound with those there are.
    """
    wanted = name.strip().lower().replace("-", "_")
    codes = list(dict.fromkeys(one.programme for one in rulebooks))
    for code in codes:
        if wanted == code or wanted in _ALIASES.get(code, ()):
            return code
    begun = {one.programme for one in rulebooks if one.id.replace("-", "_").startswith(f"{wanted}_")}
    if len(begun) == 1:
        return begun.pop()
    known = "、".join(codes)
    raise NotFound(tr("没有“%(name)s”这一类政策，现有：%(known)s。", name=name, known=known))


def choose(rulebooks: Sequence[Rulebook], programme: str, *, kind: str, day: date, place: str = "") -> Chosen:
    """Return the edition of the programme for an application of that kind, on that day, from that place.

    Without a place the national edition counts, or the only one there is. Raises NotFound with the reason and the
    editions there are.
    """
    editions = [one for one in rulebooks if one.programme == programme]
    governing = [one for one in editions if one.governs(day, kind)]
    where = whole_place(place)
    fitting = [one for one in governing if _narrowness(one, where) >= 0]
    if not fitting and not place and len({one.region for one in governing}) == 1:
        fitting = governing
    if not fitting:
        raise NotFound(_nothing(editions, kind, day, where))
    best = max(fitting, key=lambda one: _rank(one, kind, day, where))
    has_own = any(one.region != NATIONAL for one in editions)
    return Chosen(best, _why(best, kind, day, where if has_own else ""))


def whole_place(place: str) -> str:
    """Return the place with its province where a city of Guangdong is written alone."""
    text = place.strip()
    return f"广东省{text}" if text.startswith(_GUANGDONG) else text


def _narrowness(rulebook: Rulebook, place: str) -> int:
    """Return how narrow the edition's region is around the place; 0 for the whole country, -1 where it lies outside."""
    if rulebook.region == NATIONAL:
        return 0
    region = rulebook.region.removesuffix("省").removesuffix("市").removesuffix("自治区")
    return place.find(region) + 1 if region in place else -1


def _rank(one: Rulebook, kind: str, day: date, place: str) -> tuple[bool, int, date]:
    return one.transition(day, kind) is not None, _narrowness(one, place), one.effective_from or date.min


def _why(best: Rulebook, kind: str, day: date, place: str) -> Message:
    transition = best.transition(day, kind)
    if transition is not None:
        return tr("%(text)s（%(basis)s）", text=transition.text, basis=transition.basis)
    start = (
        tr("自 %(start)s 起施行", start=best.effective_from)
        if best.effective_from is not None
        else tr("施行日期未定义")
    )
    end = tr("，至 %(end)s 止", end=best.effective_to) if best.effective_to is not None else ""
    if best.region != NATIONAL:
        return tr("%(region)s的版本，%(start)s%(end)s", region=best.region, start=start, end=end)
    if place:
        return tr("%(place)s当日没有自己的版本，用全国的版本，%(start)s%(end)s", place=place, start=start, end=end)
    return tr("全国的版本，%(start)s%(end)s", start=start, end=end)


def _nothing(editions: Sequence[Rulebook], kind: str, day: date, place: str) -> Message:
    there = "；".join(
        f"{one.id}（{one.region}，{one.effective_from or '—'} 至 {one.effective_to or '—'}，"
        f"{'、'.join(KIND_NAMES[each] for each in one.kinds)}）"
        for one in editions
    )
    return tr(
        "%(day)s 的%(kind)s没有适用的版本（地区：%(place)s），现有：%(there)s。请核对日期、类型和地区。",
        day=day,
        kind=Message(KIND_NAMES[kind]),
        place=place or tr("未写明"),
        there=there,
    )
