"""What is wrong with a cell or a row: where, how badly, of what kind, and the sentence that says so (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.choices import Choice
from app.core.text import N_, Message, message_from_json, message_to_json


class Level(Choice):
    """How badly: an error keeps the row out, a warning asks to look, an info only tells."""

    ERROR = "error", N_("错误")
    WARNING = "warning", N_("提醒")
    INFO = "info", N_("说明")


class Kind(Choice):
    """What it is about, so that problems of one kind can be counted and dealt with together."""

    NUMBER = "number", N_("不是数字")
    VALUE = "value", N_("不在允许范围")
    UNIT = "unit", N_("单位不明")
    DATE = "date", N_("日期有误")
    YES_NO = "yes_no", N_("是否项有误")
    FORMULA = "formula", N_("公式出错")
    RANGE = "range", N_("不是准确数")
    NEGATIVE = "negative", N_("不应为负数")
    UNIT_SUSPECT = "unit_suspect", N_("单位疑似有误")
    UNUSUAL = "unusual", N_("不合常理")
    MISSING = "missing", N_("未填写或未披露")
    TOWN = "town", N_("镇街不明")
    CLUSTER = "cluster", N_("产业集群不明")
    CODE = "code", N_("信用代码有误")
    CHECK_DIGIT = "check_digit", N_("校验位不符")
    CERTIFICATE = "certificate", N_("证书编号存疑")
    IDENTITY = "identity", N_("无法识别企业")
    BRANCH = "branch", N_("不是独立企业")
    HIDDEN = "hidden", N_("隐藏的行")
    YEAR = "year", N_("年度不符")
    AMBIGUOUS = "ambiguous", N_("可能是不同企业")
    DUPLICATE = "duplicate", N_("同一企业重复")
    REACH = "reach", N_("不在管理范围")
    RENAMED = "renamed", N_("名称不同")
    SHORT_NAME = "short_name", N_("只有简称")
    DIFFERENT = "different", N_("与现有数据不同")
    ALREADY = "already", N_("曾被退回")
    SWING = "swing", N_("变动较大")
    FILLED = "filled", N_("补充企业档案")
    RECORD = "record", N_("与企业档案不同")
    SET_ASIDE = "set_aside", N_("人工略过")
    STRUCTURE = "structure", N_("非数据行")


FATAL = frozenset({Kind.IDENTITY, Kind.NEGATIVE, Kind.REACH})
"""Errors for which the row itself offers no reading: it is refused. Others hold it for a person, who may decide."""


@dataclass(frozen=True, slots=True)
class Problem:
    """``cell`` is the address in the sheet (F12), empty when the whole row is meant.

    ``repair`` is the text that the cell should hold, where one can be proposed, and ``why`` its reason. Problems of
    equal ``kind`` and ``alike`` may be repaired together.
    """

    level: Level
    kind: Kind
    message: Message
    cell: str = ""
    repair: str = ""
    why: Message | None = None
    alike: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the form in which a row keeps it; the sentence stays translatable."""
        kept: dict[str, Any] = {
            "cell": self.cell,
            "level": self.level.value,
            "kind": self.kind.value,
            "text": message_to_json(self.message),
        }
        if self.repair:
            kept["repair"] = self.repair
        if self.why is not None:
            kept["why"] = message_to_json(self.why)
        if self.alike:
            kept["alike"] = self.alike
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Problem:
        """Read back what ``as_json`` wrote."""
        return cls(
            Level(kept["level"]),
            Kind(kept["kind"]),
            message_from_json(kept["text"]),
            kept["cell"],
            kept.get("repair", ""),
            message_from_json(kept["why"]) if "why" in kept else None,
            kept.get("alike", ""),
        )
