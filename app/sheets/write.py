"""Tables as .xlsx and .csv: typed cells, codes as text, nothing that a spreadsheet would run, same bytes every time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.core.clock import local
from app.core.rounding import decimals, rounded
from app.core.text import Message, tr
from app.sheets.columns import Column, ColumnKind

Record = Mapping[str, object]
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00")
_FORMATS = {
    ColumnKind.CODE: {"num_format": "@"},
    ColumnKind.NUMBER: {"num_format": "#,##0.########"},
    ColumnKind.INTEGER: {"num_format": "#,##0"},
    ColumnKind.SHARE: {"num_format": "0.00######%"},
    ColumnKind.DATE: {"num_format": "yyyy-mm-dd"},
    ColumnKind.YEAR: {"num_format": "0"},
}
_PLAIN = {"font_name": "等线", "font_size": 10, "valign": "top"}
_HEAD = {**_PLAIN, "bold": True, "bg_color": "#E9EFF6", "border": 1, "border_color": "#C9D3DE", "text_wrap": True}
_MAX_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Watermark:
    """Who took the table out, and when (aware); printed under the table."""

    user: str
    at: datetime

    @property
    def line(self) -> Message:
        """The line as it stands in the file."""
        return tr("导出人：%(user)s　导出时间：%(at)s", user=self.user, at=f"{local(self.at):%Y-%m-%d %H:%M}")


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: columns, records by column key, a title and notes above, a watermark below."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Record]
    title: str = ""
    notes: Sequence[str] = field(default=())


def write_table(
    columns: Sequence[Column],
    rows: Iterable[Record],
    *,
    created: datetime,
    sheet: str = "数据",
    title: str = "",
    notes: Sequence[str] = (),
    watermark: Watermark | None = None,
) -> bytes:
    """Return one table as .xlsx. The header stands below the title and notes; ``created`` is aware and given."""
    return write_workbook([Table(sheet, columns, rows, title, notes)], created=created, watermark=watermark)


def write_workbook(tables: Sequence[Table], *, created: datetime, watermark: Watermark | None = None) -> bytes:
    """Return several tables as the sheets of one .xlsx."""
    target = io.BytesIO()
    book = open_book(target, created)
    formats = Formats(book)
    for table in tables:
        _write_sheet(book.add_worksheet(sheet_name(table.name)), table, formats, watermark)
    book.close()
    return target.getvalue()


def write_csv(columns: Sequence[Column], rows: Iterable[Record], *, watermark: Watermark | None = None) -> bytes:
    """Return a table as CSV (UTF-8 with mark, so that Excel shows Chinese). Text that would run is led by a '."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([inert(column.title) for column in columns])
    for row in rows:
        writer.writerow([_csv_text(row.get(column.key), column) for column in columns])
    if watermark is not None:
        writer.writerow([inert(str(watermark.line))])
    return target.getvalue().encode("utf-8-sig")


def inert(text: str) -> str:
    """Lead a text that a spreadsheet would take for a formula with an apostrophe."""
    return "'" + text if text.startswith(_DANGEROUS) else text


def sheet_name(name: str) -> str:
    """Bring a name into what Excel allows: at most 31 characters, none of []:*?/\\."""
    return "".join("_" if char in "[]:*?/\\'" else char for char in name)[:31] or "Sheet"


def open_book(target: io.BytesIO, created: datetime) -> xlsxwriter.Workbook:
    """Open a workbook that takes no text for a formula or link and carries only the given date."""
    if created.tzinfo is None:
        raise ValueError("the date of creation needs a time zone")
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    book.set_properties({"created": local(created).replace(tzinfo=None), "author": "育企"})
    return book


class Formats:
    """The cell formats of one workbook, made once each."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[ColumnKind, Format] = {}
        self.head: Format = book.add_format({**_HEAD})
        self.required: Format = book.add_format({**_HEAD, "font_color": "#B42318"})
        self.title: Format = book.add_format({**_PLAIN, "bold": True, "font_size": 14})
        self.note: Format = book.add_format({**_PLAIN, "font_color": "#566577"})
        self.wrapped: Format = book.add_format({**_PLAIN, "text_wrap": True})

    def of(self, kind: ColumnKind) -> Format:
        """Return the format of a kind of column."""
        if kind not in self._made:
            self._made[kind] = self._book.add_format({**_PLAIN, **_FORMATS.get(kind, {})})
        return self._made[kind]


def _write_sheet(sheet: Worksheet, table: Table, formats: Formats, watermark: Watermark | None) -> None:
    head = write_head(sheet, table.columns, formats, title=table.title, notes=table.notes)
    line = head
    for line, row in enumerate(table.rows, start=head + 1):
        for place, column in enumerate(table.columns):
            write_cell(sheet, line, place, row.get(column.key), column, formats)
    if line > head:
        sheet.autofilter(head, 0, line, len(table.columns) - 1)
    if watermark is not None:
        sheet.write_string(line + 2, 0, str(watermark.line), formats.note)
        sheet.set_footer(f"&L&8{str(watermark.line).replace('&', '&&')}&R&8&P / &N")


def write_head(
    sheet: Worksheet, columns: Sequence[Column], formats: Formats, *, title: str, notes: Sequence[str]
) -> int:
    """Write title, notes and header; return the header's row counted from 0."""
    line = 0
    for text, style in [(title, formats.title)] * bool(title) + [(note, formats.note) for note in notes]:
        sheet.write_string(line, 0, text, style)
        line += 1
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, formats.of(column.kind))
        sheet.write_string(line, place, column.title, formats.required if column.required else formats.head)
    sheet.freeze_panes(line + 1, 0)
    sheet.repeat_rows(line)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return line


def write_cell(sheet: Worksheet, line: int, place: int, value: object, column: Column, formats: Formats) -> None:
    """Write one typed cell; unknown stays empty, a number too long for a float is written as text."""
    style = formats.of(column.kind)
    if isinstance(value, Enum):
        value = getattr(value, "label", value.value)
    if value is None:
        sheet.write_blank(line, place, None, style)
    elif isinstance(value, bool):
        sheet.write_string(line, place, "是" if value else "否", style)
    elif isinstance(value, int | Decimal | Fraction) and column.kind is not ColumnKind.CODE:
        _write_number(sheet, line, place, value, style)
    elif isinstance(value, datetime):
        sheet.write_string(line, place, f"{local(value):%Y-%m-%d %H:%M}", style)
    elif isinstance(value, date):
        sheet.write_datetime(line, place, datetime(value.year, value.month, value.day), style)  # noqa: DTZ001
    else:
        # a typed string: Excel shows it and runs nothing, whatever it begins with
        sheet.write_string(line, place, str(value)[:32_767], style)


def _write_number(sheet: Worksheet, line: int, place: int, value: int | Decimal | Fraction, style: Format) -> None:
    number = rounded(value, decimals(value))
    if len(number.normalize().as_tuple().digits) > _MAX_DIGITS:
        if not isinstance(value, Fraction):
            sheet.write_string(line, place, format(number, "f"), style)
            return
        number = Decimal(f"{number:.{_MAX_DIGITS}g}")
    sheet.write_number(line, place, float(number), style)


def _csv_text(value: object, column: Column) -> str:
    if isinstance(value, Enum):
        value = getattr(value, "label", value.value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal | Fraction) and column.kind is not ColumnKind.CODE:
        return format(rounded(value, decimals(value)), "f")
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, int | date):
        return str(value)
    return inert(str(value))
