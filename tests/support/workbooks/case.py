"""One workbook and what is expected of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Case:
    """A file as somebody uploads it. Either it is refused with a sentence that holds ``refused``, or it is read.

    ``cells`` are texts by place (``年报!B2``), ``filled`` is the number of rows that hold anything, by sheet.
    """

    name: str
    filename: str
    content: bytes
    refused: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    problems: Mapping[str, str] = field(default_factory=dict)


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
