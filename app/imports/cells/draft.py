"""A row while it is being read: what was found so far, and what is to be told about it (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.core.text import Message, tr
from app.imports.layouts.layout import Place
from app.imports.problem import Kind, Level, Problem


@dataclass(slots=True)
class Draft:
    """Filled cell by cell. ``year`` is the year that the row itself states."""

    row: int
    named: dict[str, Any] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    retrieved: str = ""
    year: int | None = None

    def tell(
        self,
        level: Level,
        kind: Kind,
        what: Message,
        place: Place,
        *,
        repair: str = "",
        why: Message | None = None,
        alike: str = "",
    ) -> None:
        """Note a problem of the cell in the column of ``place``: 第 12 行『研发费用』：…"""
        where = tr("第 %(row)s 行『%(header)s』", row=self.row, header=place.column.header)
        told = tr("%(place)s：%(problem)s", place=where, problem=what)
        self.problems.append(Problem(level, kind, told, f"{place.letter}{self.row}", repair, why, alike))

    def tell_row(self, level: Level, kind: Kind, why: Message) -> None:
        """Note a problem of the whole row."""
        self.problems.append(Problem(level, kind, tr("第 %(row)s 行：%(why)s", row=self.row, why=why)))
