"""Tables as .xlsx and .csv: typed cells, codes as text, nothing that a spreadsheet would run, same bytes every time."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import IO, BinaryIO

import xlsxwriter
from xlsxwriter import xmlwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.core.clock import local
from app.core.rounding import decimals, rounded
from app.core.text import Message, tr
from app.sheets.cells import letters
from app.sheets.columns import Column, ColumnKind
from app.sheets.rows_out import RowsOut, text_cell

Record = Mapping[str, object]
_DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\x00")
"""Signs that begin a formula; the full-width ones where a spreadsheet reads them as the plain ones."""
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
_COMPRESSION = 4
# XlsxWriter escapes the first of two escapes that share an underscore (_x0041_x0042_) and misses the second
xmlwriter.re_control_chars_1 = re.compile(r"(_(?=x[0-9a-fA-F]{4}_))")
_DIMENSION = re.compile(r"<dimension [^>]*/>")
_FILTER = re.compile(r"<autoFilter [^>]*/>")
_FILTER_NAME = re.compile(
    r'(<definedName name="_xlnm\._FilterDatabase" localSheetId="(\d+)"[^>]*>[^<]*\$)\d+(</definedName>)'
)


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
    write_workbook_to(target, tables, created=created, watermark=watermark)
    return target.getvalue()


def write_workbook_to(
    target: BinaryIO, tables: Sequence[Table], *, created: datetime, watermark: Watermark | None = None
) -> None:
    """Write several tables into an open file. Rows are taken one by one and not kept, so they may be any number.

    Everything but the rows comes from XlsxWriter; each sheet is made there with one blank row that shows the styles,
    and the rows are put in its place while the file is packed.
    """
    frame = io.BytesIO()
    book = open_book(frame, created)
    formats = Formats(book)
    heads = [_write_frame(book.add_worksheet(sheet_name(table.name)), table, formats, watermark) for table in tables]
    book.close()
    with (
        zipfile.ZipFile(frame) as made,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive,
    ):
        ends = []
        for number, (table, head) in enumerate(zip(tables, heads, strict=True)):
            path = f"xl/worksheets/sheet{number + 1}.xml"
            with archive.open(path, "w") as sheet:
                ends.append(_put_rows(sheet, made.read(path).decode(), table, head, watermark))
        for path in made.namelist():
            if not path.startswith("xl/worksheets/sheet"):
                content = made.read(path)
                with archive.open(path, "w") as part:
                    part.write(_with_filters(content.decode(), heads, ends) if path == "xl/workbook.xml" else content)


def _write_frame(sheet: Worksheet, table: Table, formats: Formats, watermark: Watermark | None) -> int:
    """Write all but the rows; return the header's row counted from 1."""
    head = write_head(sheet, table.columns, formats, title=table.title, notes=table.notes)
    for place, column in enumerate(table.columns):
        sheet.write_blank(head + 1, place, None, formats.of(column.kind))
    sheet.write_blank(head + 1, len(table.columns), None, formats.note)
    sheet.autofilter(head, 0, head + 1, len(table.columns) - 1)
    if watermark is not None:
        sheet.set_footer(f"&L&8{str(watermark.line).replace('&', '&&')}&R&8&P / &N")
    return head + 1


def _put_rows(sheet: IO[bytes], frame: str, table: Table, head: int, watermark: Watermark | None) -> int:
    """Write a sheet with its rows; return the last of them."""
    start = frame.index(f'<row r="{head + 1}"')
    end = frame.index("</sheetData>")
    *styles, note = re.findall(r' s="(\d+)"', frame[start:end])
    rows = RowsOut(table.columns, styles, head)
    sheet.write(_DIMENSION.sub("", frame[:start]).encode())
    for block in rows.blocks(table.rows):
        sheet.write(block)
    if watermark is not None:
        line = rows.last + 2
        sheet.write(f'<row r="{line}">{text_cell(f"A{line}", str(watermark.line), note)}</row>'.encode())
    corner = letters(len(table.columns))
    filtered = f'<autoFilter ref="A{head}:{corner}{rows.last}"/>' if rows.last > head else ""
    sheet.write(_FILTER.sub(filtered, frame[end:]).encode())
    return rows.last


def _with_filters(book: str, heads: Sequence[int], ends: Sequence[int]) -> bytes:
    """Bring the names of the filtered ranges to the rows there are; an empty table has none."""

    def ranged(found: re.Match[str]) -> str:
        place = int(found[2])
        return f"{found[1]}{ends[place]}{found[3]}" if ends[place] > heads[place] else ""

    return _FILTER_NAME.sub(ranged, book).replace("<definedNames></definedNames>", "").encode()


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
