"""What a column may fill: the fields of a firm's record and the figures of the catalogue, with the office's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from app.core.errors import Invalid
from app.core.text import N_, Message, tr
from app.facts.catalogue import Indicator, load_catalogue
from app.facts.definitions import current
from app.imports.layouts import units
from app.imports.layouts.profile import MONEY, ProfileColumn
from app.imports.layouts.spelling import folded, split_unit

NOTHING: Final = ""
MOST_NAMED = 5
KINDS = frozenset({"number", "bool", "date", "text", "enum", "code", "year"})
FIELDS: Mapping[str, str] = {
    "name": N_("企业名称"),
    "credit_code": N_("统一社会信用代码"),
    "security_code": N_("证券代码"),
    "short_name": N_("企业简称"),
    "former_name": N_("曾用名"),
    "town": N_("所属镇街"),
    "cluster": N_("产业集群"),
    "address": N_("注册地址"),
    "industry": N_("所属行业"),
    "registered_on": N_("成立日期"),
    "certificate": N_("高企证书编号"),
    "year": N_("年度"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """One choice: its value (``field:name``, ``key:net_profit``), its label, the unit that it is kept in."""

    value: str
    label: str
    unit: str = ""


def offered() -> list[Target]:
    """Return all choices: the record's fields first, then the figures of the catalogue; computed ones are not stated.

    Labels are what a person types, so no two are the same.
    """
    found = {label: Target(f"field:{field}", label) for field, label in FIELDS.items()}
    for indicator in current():
        if _may_be_stated(indicator):
            found.setdefault(indicator.short, Target(f"key:{indicator.key}", indicator.short, indicator.unit))
    return list(found.values())


def unit_said(header: str, target: str, sheet_unit: str) -> tuple[str, str]:
    """Return the unit that the file states for a column read as ``target``, and where: header, sheet, or nowhere
    (profile: then the catalogue's counts)."""
    kind, _, name = target.partition(":")
    if kind != "key" or name not in current():
        return "", "profile"
    into = current().get(name).unit
    written = split_unit(header, units.KNOWN)[1]
    if written and units.factor(written, into) is not None:
        return units.in_full(written), "header"
    return (sheet_unit, "sheet") if sheet_unit and into == MONEY else ("", "profile")


def is_money(target: str) -> bool:
    """Whether a choice is a figure of money."""
    kind, _, name = target.partition(":")
    return kind == "key" and name in current() and current().get(name).unit == MONEY


def value_of(text: str, *, header: str) -> str:
    """Return the choice that a typed label means, empty for none. Raises ``Invalid`` naming the column."""
    label = folded(text)
    if not label:
        return NOTHING
    for target in offered():
        if label in (folded(target.label), target.value):
            return target.value
    labels = [target.label for target in offered()]
    near = process.extractOne(label, labels, scorer=fuzz.ratio, score_cutoff=60)
    inside = [one for one in labels if len(label) > 1 and label in folded(one)][:MOST_NAMED]
    if inside:  # the word is right and leaves open which calibre is meant: that is for the person to say
        hint: Message | str = tr("，请选定是哪一个：%(names)s", names="、".join(inside))
    else:
        hint = tr("，是否应为“%(near)s”", near=near[0]) if near else ""
    raise Invalid(
        "columns",
        tr("『%(header)s』：没有“%(text)s”这个项目%(hint)s；不导入的请留空", header=header, text=text[:40], hint=hint),
    )


def _may_be_stated(indicator: Indicator) -> bool:
    return not indicator.derived and indicator.kind in KINDS and current().retired_on(indicator.key) is None


def target_of(column: ProfileColumn) -> str:
    """Return the choice that a recognised column stands for."""
    return f"field:{column.field}" if column.field else f"key:{column.key}"


def column_of(target: str, unit: str, *, header: str) -> ProfileColumn:
    """Return the column that a choice means. Raises ``Invalid`` (``columns``) for a choice that is not offered."""
    kind, _, name = target.partition(":")
    if kind == "field" and name in FIELDS:
        key = "registration_date" if name == "registered_on" else ""
        return ProfileColumn(header=FIELDS[name], field=name, key=key)
    if kind == "key" and name in current() and _may_be_stated(current().get(name)):
        indicator = current().get(name)
        if unit and units.factor(unit, indicator.unit) is None:
            why = tr(
                "『%(header)s』的单位“%(unit)s”不能换算成%(into)s，请另选",
                header=header,
                unit=unit,
                into=indicator.unit,
            )
            raise Invalid("columns", why)
        own = None if name in load_catalogue() else indicator
        return ProfileColumn(header=indicator.short, key=name, unit=unit or indicator.unit, own=own)
    raise Invalid("columns", tr("『%(header)s』选择的对应项目不存在，请重新选择", header=header))


def units_for(indicator: Indicator | None) -> Sequence[str]:
    """Return the units that may be chosen for a figure."""
    if indicator is None or indicator.kind != "number":
        return ()
    if indicator.unit == "万元":
        return units.MONEY_UNITS
    return ("%", "‰", "比例") if indicator.is_ratio else ()
