"""A change of one figure, and a firm's figures as they would be: sheet and day together (pure).

Nothing here is stored or printed as a fact: a changed sheet is a calculation (测算).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from app.core.rounding import decimals, grouped
from app.eligibility.engine import wording
from app.facts.catalogue import Indicator, load_catalogue
from app.facts.sheet import FactSheet, FactValue
from app.facts.values import Record, Value

ASSUMED = "测算"
WHAT_IS_COUNTED = ("项", "起", "个", "家", "件", "台", "套", "名", "次", "级")

FigurePlace = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Change:
    """One figure would be ``new`` instead of ``old`` (None: not known so far)."""

    key: str
    year: int | None
    old: Value | None
    new: Value

    @property
    def indicator(self) -> Indicator:
        """The figure's entry in the catalogue."""
        return load_catalogue().get(self.key)

    @property
    def name(self) -> str:
        """The figure as it is named to a person: 2025 年研发费用（高企口径）."""
        return self.indicator.short if self.year is None else f"{self.year} 年{self.indicator.short}"

    @property
    def amount(self) -> Decimal | None:
        """How much more (or, below zero, less) it is; None for figures that are not numbers."""
        old = Decimal(0) if self.old is None else self.old
        if isinstance(self.new, bool) or not isinstance(self.new, Decimal | int):
            return None
        if isinstance(old, bool) or not isinstance(old, Decimal | int):
            return None
        return Decimal(self.new) - Decimal(old)

    @property
    def is_up(self) -> bool:
        """Whether the figure grows; what is not a number counts as growing."""
        amount = self.amount
        return amount is None or amount > 0

    @property
    def size(self) -> int:
        """How large the change is: counted things one by one, everything else in steps of a tenth of what is there."""
        amount = self.amount
        if amount is None:
            return 1
        if self.indicator.unit in WHAT_IS_COUNTED:
            return max(1, int(abs(amount)))
        old = Decimal(str(self.old)) if self.old else Decimal(0)
        if old <= 0:
            return 10
        return max(1, -int(-(abs(amount) * 10) // old))

    @property
    def amount_text(self) -> str:
        """How much more or less, with the unit: 66.70 万元, 1 项, 2.5 个百分点."""
        amount = self.amount
        assert amount is not None
        if self.indicator.is_ratio:
            return f"{grouped(abs(amount) * 100)} 个百分点"
        return wording.amount(abs(amount), self.indicator.unit)

    @property
    def typed(self) -> str:
        """The new value as one would type it."""
        return as_typed(self.indicator, self.new)

    @property
    def text(self) -> str:
        """The change in one phrase: 2025 年研发费用增加 66.70 万元（由 180 万元到 246.70 万元）."""
        if isinstance(self.new, tuple):
            return f"{self.name}增加一项：{_entry(self.new[-1])}"
        if isinstance(self.new, date):
            return f"{self.name}为 {wording.day(self.new)}或以后"
        if self.amount is None:
            return f"{self.name}改为“{shown(self.indicator, self.new)}”"
        verb = "增加" if self.is_up else "减少"
        if self.old is None:
            return f"{self.name}达到 {shown(self.indicator, self.new)}"
        span = f"由 {shown(self.indicator, self.old)}到 {shown(self.indicator, self.new)}"
        return f"{self.name}{verb} {self.amount_text}（{span}）"


def shown(indicator: Indicator, value: Value) -> str:
    """Return a value with its unit as a person reads it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal | int):
        return wording.percent(value) if indicator.is_ratio else wording.amount(Decimal(value), indicator.unit)
    if isinstance(value, date):
        return wording.day(value)
    if isinstance(value, tuple):
        return "；".join(_entry(item) for item in value) or "无"
    return str(value)


def as_typed(indicator: Indicator, value: Value) -> str:
    """Return a value as one would type it into a box."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal | int):
        return f"{grouped(Decimal(value) * 100).replace(',', '')}%" if indicator.is_ratio else f"{Decimal(value):f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _entry(item: object) -> str:
    if isinstance(item, Record):
        said = {"level": "级别{}", "rank": "排名前 {}", "date": "日期在 {}前后"}
        cells = [(name, wording.day(cell) if isinstance(cell, date) else str(cell)) for name, cell in item.fields]
        return "，".join(said.get(name, "{}").format(cell) for name, cell in cells)
    return wording.day(item) if isinstance(item, date) else str(item)


def step_of(indicator: Indicator, value: Value | None) -> Decimal:
    """Return one unit of the last digit that is shown for the figure: 0.01 万元, 1 项, 0.01 %."""
    return Decimal(1).scaleb(-_places(indicator, value))


def _places(indicator: Indicator, value: Value | None) -> int:
    if indicator.whole or indicator.kind in ("year", "date") or indicator.unit in WHAT_IS_COUNTED:
        return 0
    if indicator.is_ratio:
        return 4
    if indicator.unit == "人":
        return min(2, decimals(value)) if isinstance(value, Decimal) else 0
    return 2


@dataclass(frozen=True)
class State:
    """A firm's figures with some of them changed, on a day that may be later than the day of judgement."""

    sheet: FactSheet
    day: date
    changes: Mapping[FigurePlace, Change] = field(default_factory=dict)

    def with_changes(self, *changes: Change) -> State:
        """Return the state after further changes; a figure changed twice keeps what it was at first."""
        merged = dict(self.changes)
        for change in changes:
            before = merged.get((change.key, change.year))
            old = before.old if before is not None else change.old
            merged[change.key, change.year] = Change(change.key, change.year, old, change.new)
        facts = [FactValue(one.key, one.year, one.new, None, ASSUMED) for one in changes]
        return State(self.sheet.changed(facts), self.day, merged)

    def on(self, day: date) -> State:
        """Return the state on a later day: who waits applies later, whatever date was meant for the application."""
        sheet = self.sheet if day == self.day else self.sheet.changed(without=[("application_date", None)])
        return State(sheet, day, self.changes)

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """What tells two states of one firm apart."""
        return self.day, tuple(sorted((key, year or 0, str(one.new)) for (key, year), one in self.changes.items()))
