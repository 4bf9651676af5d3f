"""How a form is cut into sections: groups of the catalogue, who usually fills them in, how long it takes (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from app.assessments.models import Owner
from app.facts.catalogue import Indicator


@dataclass(frozen=True, slots=True)
class Section:
    """A group of the catalogue with its name in addresses and the department that usually fills it in."""

    code: str
    name: str
    owner: Owner


SECTIONS = tuple(
    Section(*row)
    for row in (
        ("basics", "基本信息", Owner.ADMINISTRATION),
        ("staff", "人员", Owner.ADMINISTRATION),
        ("income", "收入与利润", Owner.FINANCE),
        ("assets", "资产", Owner.FINANCE),
        ("research", "研发投入", Owner.FINANCE),
        ("property", "知识产权", Owner.RESEARCH),
        ("results", "成果", Owner.RESEARCH),
        ("market", "产品与市场", Owner.RESEARCH),
        ("digital", "数字化", Owner.PRODUCTION),
        ("digital-base", "数字化基础", Owner.PRODUCTION),
        ("digital-management", "数字化管理", Owner.ADMINISTRATION),
        ("digital-results", "数字化成效", Owner.FINANCE),
        ("digital-scenes", "数字化经营", Owner.PRODUCTION),
        ("institutions", "研发机构", Owner.RESEARCH),
        ("titles", "资质", Owner.ADMINISTRATION),
        ("conduct", "信用与合规", Owner.ADMINISTRATION),
        ("support", "扶持与倍增", Owner.FINANCE),
    )
)
WHOLE = "digital"
PARTS_OF_WHOLE = tuple(section.code for section in SECTIONS if section.code.startswith(f"{WHOLE}-"))
"""The section that was one before it was divided, and its parts: who was to fill in the one fills in the others."""
OF_GROUP = {section.name: section for section in SECTIONS}
BY_CODE = {section.code: section for section in SECTIONS}

_SECONDS = {
    "number": 150, "bool": 30, "enum": 40, "year": 30, "date": 60, "dates": 60, "code": 120, "text": 120,
    "list": 180, "records": 420, "doc": 180,
}  # fmt: skip
CONFIRM_SECONDS = 25
"""A working assumption, said as “约”: what it takes to look a figure up and type it, and to confirm one that stands."""


def seconds(indicator: Indicator, *, is_held: bool) -> int:
    """Return how long a question takes."""
    return CONFIRM_SECONDS if is_held else _SECONDS[indicator.kind]
