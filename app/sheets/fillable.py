"""A questionnaire as a workbook: what is told is locked, what is asked is open, every row knows its question.

Answers stand in typed cells only where they are read back as the very text that was given; any other text stays text,
which a spreadsheet shows and never runs. ``filled`` reads such a workbook.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.core.text import tr
from app.sheets.columns import Column, ColumnKind
from app.sheets.values import READ
from app.sheets.write import Formats, open_book, sheet_name, write_head

LONGEST = 32_767
_LISTED = 255
_OPEN = {"font_name": "等线", "font_size": 10, "valign": "top", "text_wrap": True, "locked": False,
         "bg_color": "#FFF9E5", "border": 1, "border_color": "#E3C56B"}  # fmt: skip
_NUMBERS = {"n": "General", "p": "0.00######%", "d": "yyyy-mm-dd"}
_BLANK = {ColumnKind.NUMBER: "n", ColumnKind.INTEGER: "n", ColumnKind.YEAR: "n", ColumnKind.SHARE: "p",
          ColumnKind.DATE: "d"}  # fmt: skip
_EPOCH, _EARLIEST = date(1899, 12, 30), date(1900, 3, 1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell to be filled in: what stands in it, what is expected, what may be chosen, what helps."""

    text: str = ""
    kind: ColumnKind = ColumnKind.TEXT
    choices: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FillRow:
    """A question: its key, what is told of it (in the order of the told columns), its slots by column."""

    key: str
    told: Sequence[str]
    slots: Mapping[str, Slot]


@dataclass(frozen=True, slots=True)
class FillSheet:
    """A sheet of questions."""

    name: str
    title: str
    told: Sequence[Column]
    asked: Sequence[Column]
    rows: Sequence[FillRow]
    notes: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True)
class Guide:
    """The first sheet: what this is, and how it is used."""

    name: str
    title: str
    lines: Sequence[str]


def write_fillable(guide: Guide, sheets: Sequence[FillSheet], *, mark: str, created: datetime) -> bytes:
    """Return the workbook as .xlsx. ``mark`` stands in every sheet and is read back from it; ``created`` is aware."""
    target = io.BytesIO()
    book = open_book(target, created)
    formats = Formats(book)
    opened = _Opened(book)
    _write_guide(book.add_worksheet(sheet_name(guide.name)), guide, formats)
    for sheet in sheets:
        _write_sheet(book.add_worksheet(sheet_name(sheet.name)), sheet, mark, formats, opened)
    book.close()
    return target.getvalue()


class _Opened:
    """Formats of the cells that may be written in, made once each."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {}

    def of(self, code: str) -> Format:
        if code not in self._made:
            self._made[code] = self._book.add_format({**_OPEN, "num_format": _NUMBERS.get(code, "@")})
        return self._made[code]


def _write_guide(sheet: Worksheet, guide: Guide, formats: Formats) -> None:
    sheet.set_column(0, 0, 100)
    sheet.write_string(0, 0, guide.title, formats.title)
    for number, line in enumerate(guide.lines, start=1):
        sheet.write_string(number, 0, line[:LONGEST], formats.wrapped)
    sheet.protect()


def _write_sheet(sheet: Worksheet, content: FillSheet, mark: str, formats: Formats, opened: _Opened) -> None:
    keys = Column("key", mark)
    head = write_head(sheet, [keys, *content.told, *content.asked], formats, title="", notes=())
    if head:
        raise ValueError("the header is the first row")
    for number, row in enumerate(content.rows, start=1):
        sheet.write_string(number, 0, row.key)
        for place, text in enumerate(row.told, start=1):
            sheet.write_string(number, place, text[:LONGEST], formats.wrapped)
        for place, column in enumerate(content.asked, start=1 + len(content.told)):
            slot = row.slots.get(column.key)
            if slot is None:
                sheet.write_string(number, place, "", formats.wrapped)
            else:
                _write_slot(sheet, number, place, slot, opened)
    sheet.set_column(0, 0, 4, None, {"hidden": True})
    sheet.freeze_panes(1, 2)
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _write_slot(sheet: Worksheet, row: int, column: int, slot: Slot, opened: _Opened) -> None:
    typed = typed_cell(slot.text, slot.kind)
    if typed is not None:
        sheet.write_number(row, column, typed[1], opened.of(typed[0]))
    elif slot.text:
        sheet.write_string(row, column, slot.text, opened.of("s"))
    else:
        sheet.write_blank(row, column, None, opened.of(_BLANK.get(slot.kind, "s")))
    told: dict[str, object] = {"error_type": "warning", "error_title": str(tr("请核对")), "ignore_blank": True}
    if slot.hint:
        told["input_message"] = slot.hint[:_LISTED]
    if slot.choices and len(",".join(slot.choices)) <= _LISTED and not any("," in one for one in slot.choices):
        sheet.data_validation(row, column, row, column, {"validate": "list", "source": list(slot.choices), **told})
    elif slot.hint:
        sheet.data_validation(row, column, row, column, {"validate": "any", **told})


def typed_cell(text: str, kind: ColumnKind) -> tuple[str, float] | None:
    """Return the kind of cell (``values.READ``) and the number of it that is read back as exactly this text, or None
    where it has to stay text: 0012, 1,234.50, more digits than Excel keeps."""
    for code, number in _candidates(text, kind):
        if READ[code](f"{number:.16G}")[1] == text:
            return code, number
    return None


def _candidates(text: str, kind: ColumnKind) -> list[tuple[str, float]]:
    match kind:
        case ColumnKind.NUMBER | ColumnKind.INTEGER | ColumnKind.YEAR:
            return _numbers("n", text, 1)
        case ColumnKind.SHARE:
            return _numbers("p", text.removesuffix("%"), 100) if text.endswith("%") else _numbers("n", text, 1)
        case ColumnKind.DATE:
            return _days(text)
        case _:
            return []


def _numbers(code: str, text: str, divisor: int) -> list[tuple[str, float]]:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return []
    return [(code, float(number / divisor))] if number.is_finite() and abs(number) < Decimal(10) ** 15 else []


def _days(text: str) -> list[tuple[str, float]]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return []
    return [("d", float((day - _EPOCH).days))] if day >= _EARLIEST else []
