"""One table of columns drives reading, its messages, the blank template and the export."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.core.choices import Choice
from app.core.text import N_, Message, tr
from app.sheets.cells import Cell
from app.sheets.numbers import Missing, NotANumber, Number, parse_number
from app.sheets.values import Value


class ColumnKind(Choice):
    """What a column holds."""

    TEXT = "text", N_("文本")
    CODE = "code", N_("代码（按文本填写）")
    NUMBER = "number", N_("数字")
    INTEGER = "integer", N_("整数")
    SHARE = "share", N_("百分比")
    DATE = "date", N_("日期")
    YEAR = "year", N_("年度")
    YES_NO = "yes_no", N_("是/否")
    CHOICE = "choice", N_("选项")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``choices`` are the values that may be chosen, as they are written in the sheet.

    ``width`` is in characters; ``unit`` is shown in the header: 研发费用（万元）.
    """

    key: str
    header: str
    kind: ColumnKind = ColumnKind.TEXT
    unit: str = ""
    required: bool = False
    hint: str = ""
    choices: tuple[str, ...] = ()
    width: int = 16

    @property
    def title(self) -> str:
        """The header as it stands in the sheet."""
        return f"{self.header}（{self.unit}）" if self.unit else self.header


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cell gave: a value, or None with a problem, or None because nothing is stated."""

    value: Value
    problem: Message | None = None
    percent: bool = False
    unit: str = ""


_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\Z")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_YES, _NO = frozenset({"是", "有", "y", "yes", "true", "1", "√"}), frozenset({"否", "n", "no", "false", "0", "×"})


def place(cell: Cell, column: Column) -> Message:
    """Name a place for a message: 第 12 行『研发费用』."""
    return tr("第 %(row)s 行『%(header)s』", row=cell.row, header=column.header)


def read_cell(cell: Cell, column: Column) -> Reading:
    """Read one cell by its column; a problem is a full sentence that names row, header and reason."""
    reading = _blank(cell, column) or _READERS[column.kind](cell, column)
    if reading.problem is None:
        return reading
    return Reading(None, tr("%(place)s：%(problem)s", place=place(cell, column), problem=reading.problem))


def _blank(cell: Cell, column: Column) -> Reading | None:
    if cell.problem is not None:
        return Reading(None, tr("公式出错（%(code)s），请改填数值", code=cell.problem))
    if cell.is_blank:
        return Reading(None, tr("必填项为空") if column.required else None)
    return None


def _text(cell: Cell, column: Column) -> Reading:
    value = cell.value
    if isinstance(value, Decimal):
        value = format(value, "f")
    elif value is not None and not isinstance(value, str):
        value = cell.raw
    return Reading(value.strip() if isinstance(value, str) else value)


def _number(cell: Cell, column: Column) -> Reading:
    if isinstance(cell.value, bool | date):
        return Reading(None, tr("“%(text)s”不是数字", text=cell.raw))
    if isinstance(cell.value, Decimal | int):
        return Reading(Decimal(cell.value))
    match parse_number(cell.raw):
        case Number(value=value, percent=percent, unit=unit):
            return _in_unit(Reading(value, None, percent, unit), column, cell)
        case Missing():
            return Reading(None, tr("必填项为空") if column.required else None)
        case NotANumber(message=message):
            return Reading(None, message)


def _in_unit(reading: Reading, column: Column, cell: Cell) -> Reading:
    """A unit that differs from the column's is not converted: the person says which of the two is meant."""
    if reading.unit and column.unit and reading.unit != column.unit:
        return Reading(
            None,
            tr("“%(text)s”的单位与本列单位（%(unit)s）不同，请换算后填写", text=cell.raw.strip(), unit=column.unit),
        )
    if reading.percent and column.kind is not ColumnKind.SHARE:
        return Reading(None, tr("“%(text)s”是百分比，本列应填数值", text=cell.raw.strip()))
    return reading


def _integer(cell: Cell, column: Column) -> Reading:
    reading = _number(cell, column)
    if reading.value is None:
        return reading
    assert isinstance(reading.value, Decimal)
    if reading.value != reading.value.to_integral_value():
        return Reading(None, tr("“%(text)s”不是整数", text=cell.raw.strip()))
    return Reading(int(reading.value), None, reading.percent, reading.unit)


def _year(cell: Cell, column: Column) -> Reading:
    reading = _integer(cell, Column(column.key, column.header, ColumnKind.INTEGER, required=column.required))
    if isinstance(reading.value, int) and not 1900 <= reading.value <= 2100:
        return Reading(None, tr("“%(text)s”不是年度，请填四位数，如 2025", text=cell.raw.strip()))
    return reading


def _date(cell: Cell, column: Column) -> Reading:
    if isinstance(cell.value, datetime):
        return Reading(cell.value.date())
    if isinstance(cell.value, date):
        return Reading(cell.value)
    text = cell.raw.strip().replace(" ", "")
    found = _DATE.match(text) or _COMPACT.match(text)
    if found is None:
        return Reading(None, tr("“%(text)s”不是日期，请按 2026-11-23 的格式填写", text=cell.raw.strip()))
    try:
        return Reading(date(int(found[1]), int(found[2]), int(found[3])))
    except ValueError:
        return Reading(None, tr("“%(text)s”在日历上不存在", text=cell.raw.strip()))


def _yes_no(cell: Cell, column: Column) -> Reading:
    if isinstance(cell.value, bool):
        return Reading(cell.value)
    text = cell.raw.strip().lower()
    if text in _YES or text in _NO:
        return Reading(text in _YES)
    return Reading(None, tr("“%(text)s”应填“是”或“否”", text=cell.raw.strip()))


def _choice(cell: Cell, column: Column) -> Reading:
    text = cell.raw.strip()
    if text in column.choices:
        return Reading(text)
    shown = "、".join(column.choices[:8]) + ("……" if len(column.choices) > 8 else "")
    return Reading(None, tr("“%(text)s”不在可选项中，可选：%(choices)s", text=text, choices=shown))


_READERS = {
    ColumnKind.TEXT: _text,
    ColumnKind.CODE: _text,
    ColumnKind.NUMBER: _number,
    ColumnKind.INTEGER: _integer,
    ColumnKind.SHARE: _number,
    ColumnKind.DATE: _date,
    ColumnKind.YEAR: _year,
    ColumnKind.YES_NO: _yes_no,
    ColumnKind.CHOICE: _choice,
}
