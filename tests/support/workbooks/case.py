"""One workbook and what is expected of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Case:
    """A file as somebody uploads it. Either it is refused with a sentence that holds ``refused``, or it is read.

    ``at`` is the place that the refusal must name, as far as there is one: ``年报``, ``年报!3`` or ``年报!B3``; ``!3``
    where a file has no sheets.

    ``cells`` are texts by place (``年报!B2``), ``filled`` is the number of rows that hold anything, by sheet.
    """

    name: str
    filename: str
    content: bytes
    refused: str = ""
    at: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    problems: Mapping[str, str] = field(default_factory=dict)

    def unsaid(self, told: str) -> list[str]:
        """Return what the sentence that refuses this file leaves out: the reason, the place or the remedy."""
        sheet, _, place = self.at.partition("!")
        row = f"第 {place} 行" if place.isdecimal() else place
        wanted = (self.refused, f"工作表“{sheet}”" if sheet else "", row, "请")
        return [one for one in wanted if one not in told]


HEADER = ("企业名称", "统一社会信用代码", "营业收入（万元）", "研发费用（万元）", "从业人员期末人数（人）")
FIRMS = (
    ("虚构甲电子有限公司", "91440703MA00000019", 1234.5, 61.725, 120),
    ("虚构乙机械有限公司", "91440703MA00000027", 880, 0, 35),
)
"""Invented firms; the codes are shaped like codes and belong to nobody."""
TABLE = (HEADER, *FIRMS)
TEXTS = {
    "年报!A1": "企业名称",
    "年报!A2": "虚构甲电子有限公司",
    "年报!B3": "91440703MA00000027",
    "年报!C2": "1234.5",
    "年报!D2": "61.725",
    "年报!E3": "35",
}
"""What every format must give for ``TABLE``."""
