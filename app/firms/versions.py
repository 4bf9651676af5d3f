"""Two versions of a firm side by side, for the person who saved second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.core.choices import Choice
from app.core.text import N_, Message
from app.firms.service import FirmDraft

FIELDS = {
    "name": N_("企业名称"),
    "short_name": N_("简称"),
    "credit_code": N_("统一社会信用代码"),
    "security_code": N_("证券代码"),
    "registered_on": N_("成立日期"),
    "status": N_("登记状态"),
    "town": N_("镇街"),
    "address": N_("地址"),
    "industry": N_("行业"),
    "industry_code": N_("行业代码"),
    "clusters": N_("产业集群"),
    "chain_role": N_("链上角色"),
    "note": N_("备注"),
}


@dataclass(frozen=True)
class Row:
    """One field in both versions; None where it is empty."""

    label: str
    left: Message | str | None
    right: Message | str | None
    differs: bool


def differences(mine: FirmDraft, theirs: FirmDraft) -> list[Row]:
    """Return all fields of both versions, those that differ marked."""
    return [
        Row(label, _shown(getattr(mine, name)), _shown(getattr(theirs, name)), _differs(mine, theirs, name))
        for name, label in FIELDS.items()
    ]


def _differs(mine: FirmDraft, theirs: FirmDraft, name: str) -> bool:
    return bool((getattr(mine, name) or None) != (getattr(theirs, name) or None))


def _shown(value: Any) -> Message | str | None:
    if isinstance(value, Choice):
        return Message(value.label)
    if isinstance(value, tuple):
        return "、".join(one.label for one in value) or None
    return str(value) if value else None
