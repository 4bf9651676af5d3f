"""A whole file read by a profile: every row of every sheet is accounted for, nothing is lost silently."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from app.core.errors import Invalid
from app.core.text import Message, tr
from app.imports.entry import Entry
from app.imports.header import ColumnNote, Layout, find_layout, looked_for
from app.imports.profile import Profile
from app.imports.rows import NoData, no_data, read_row
from app.sheets.cells import Row, SheetData, Visibility, letters
from app.sheets.limits import Limits
from app.sheets.read import read_workbook

UPLOAD_LIMITS = Limits(octets=30 * 1024**2)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the file: raw cells by letter, and what was read of it."""

    sheet: str
    row: int
    cells: dict[str, str]
    content: Entry | NoData


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of the file in order, what became of the columns, and which sheets were read."""

    rows: tuple[TableRow, ...]
    columns: tuple[ColumnNote, ...]
    sheets: tuple[dict[str, Any], ...]


def read_table(content: bytes, filename: str, profile: Profile, year: int) -> Table:
    """Read a file. Raises ``Invalid`` (``file``) when it is no table or no sheet has a header of the profile."""
    workbook = read_workbook(content, filename, limits=UPLOAD_LIMITS)
    rows: list[TableRow] = []
    columns: list[ColumnNote] = []
    sheets: list[dict[str, Any]] = []
    for sheet in workbook.sheets:
        layout = find_layout(sheet, profile) if sheet.visibility is Visibility.VISIBLE else None
        rows.extend(_rows(sheet, layout, year))
        columns.extend(replace(note, sheet=sheet.name) for note in (layout.notes if layout else ()))
        sheets.append({"name": sheet.name, "rows": sheet.height, "read": layout is not None})
    if not any(sheet["read"] for sheet in sheets):
        raise Invalid("file", looked_for(profile))
    return Table(tuple(rows), tuple(columns), tuple(sheets))


def _rows(sheet: SheetData, layout: Layout | None, year: int) -> list[TableRow]:
    found: list[TableRow] = []
    for row in sheet.rows:
        cells = {letters(cell.column): cell.raw for cell in row.cells if not cell.is_blank}
        found.append(TableRow(sheet.name, row.number, cells, _content(sheet, row, layout, year)))
    return found


def _content(sheet: SheetData, row: Row, layout: Layout | None, year: int) -> Entry | NoData:
    if layout is None:
        return no_data(row, _unread(sheet))
    if row.number < layout.row:
        return no_data(row, tr("空行") if row.is_blank else tr("表头上方的标题或说明"))
    if row.number <= layout.last:
        return no_data(row, tr("表头"))
    return read_row(row, layout, year, sheet.name)


def _unread(sheet: SheetData) -> Message:
    if sheet.visibility is not Visibility.VISIBLE:
        return tr("隐藏的工作表“%(sheet)s”，没有读取；需要导入的请先取消隐藏", sheet=sheet.name)
    return tr("工作表“%(sheet)s”里没有可识别的表头，没有读取", sheet=sheet.name)
