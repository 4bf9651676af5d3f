"""A whole file read by a profile: every row of every sheet is accounted for, nothing is lost silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.core.errors import Invalid
from app.core.text import Message, tr
from app.imports.entry import Entry
from app.imports.header import find_layout, known_in, looked_for
from app.imports.layout import ColumnNote, Layout, spans
from app.imports.profile import NAMING, Profile
from app.imports.rows import NoData, RowReader, no_data
from app.imports.suspicion import MONEY, usual
from app.imports.titles import year_in
from app.sheets.cells import Row, SheetData, Visibility, letters
from app.sheets.limits import Limits
from app.sheets.read import read_workbook

UPLOAD_LIMITS = Limits(octets=30 * 1024**2)
SAMPLED_ROWS = 200
"""So many rows at the head of a sheet are looked at before any is read: header, magnitudes, years."""
MANY = Decimal("0.1")
"""From this share of its rows on a second year in the year column is meant."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the file: raw cells by letter, and what was read of it."""

    sheet: str
    row: int
    cells: dict[str, str]
    content: Entry | NoData


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of the file in order, what became of the columns, which sheets were read, and by which layouts."""

    rows: tuple[TableRow, ...]
    columns: tuple[ColumnNote, ...]
    sheets: tuple[dict[str, Any], ...]
    layouts: dict[str, Layout]


def read_table(content: bytes, filename: str, profile: Profile, year: int) -> Table:
    """Read a file. Raises ``Invalid`` (``file``) when it is no table or no sheet has a header of the profile."""
    workbook = read_workbook(content, filename, limits=UPLOAD_LIMITS)
    rows: list[TableRow] = []
    columns: list[ColumnNote] = []
    sheets: list[dict[str, Any]] = []
    layouts: dict[str, Layout] = {}
    for sheet in workbook.sheets:
        layout = layout_of(sheet, profile, year) if sheet.visibility is Visibility.VISIBLE else None
        read, layout = _rows(sheet, layout, profile, year)
        rows.extend(read)
        if layout is not None:
            layouts[sheet.name] = layout
            columns.extend(layout.notes)
        sheets.append({"name": sheet.name, "rows": sheet.height, "read": layout is not None})
    if not any(sheet["read"] for sheet in sheets):
        raise Invalid("file", looked_for(profile))
    return Table(tuple(rows), tuple(columns), tuple(sheets), layouts)


def layout_of(sheet: SheetData, profile: Profile, year: int) -> Layout | None:
    """Return the layout of a sheet with what its first rows teach of it."""
    head = [sheet.row(number) for number in range(1, min(sheet.height, SAMPLED_ROWS) + 1)]
    found = find_layout(head, profile, sheet.name)
    if found is None:
        return None
    hidden = spans(getattr(sheet, "hidden_rows", frozenset()))
    notes = tuple(replace(note, sheet=sheet.name) for note in found.notes)
    return learned(replace(found, hidden=hidden, notes=notes), head, year, sheet.name)


def learned(layout: Layout, head: Sequence[Row], year: int, sheet: str) -> Layout:
    """Return the layout with the usual magnitude of its columns and whether its rows are of several years."""
    sample = [row for row in head if row.number > layout.last]
    numbers: dict[tuple[str, str], list[Decimal]] = {}
    years: Counter[int] = Counter()
    reader = RowReader(replace(layout, many_years=True), year, sheet)
    for row in sample:
        entry = reader.read(row)
        if isinstance(entry, NoData):
            continue
        years[entry.year or year] += 1
        for figure in entry.figures:
            if isinstance(figure.value, Decimal):
                numbers.setdefault((figure.key, figure.header), []).append(figure.value)
    places = [
        replace(place, usual=usual(numbers.get((place.column.key, place.header), ())))
        if place.column.indicator is not None and place.column.indicator.unit == MONEY
        else place
        for place in layout.places
    ]
    titled = any(year_in(cell.raw) for row in head if row.number < layout.row for cell in row.cells)
    second = sorted(years.values())[-2] if len(years) > 1 else 0
    many = not titled and second >= MANY * sum(years.values())
    return replace(layout, places=tuple(places), many_years=many)


def _rows(sheet: SheetData, layout: Layout | None, profile: Profile, year: int) -> tuple[list[TableRow], Layout | None]:
    found: list[TableRow] = []
    reader = RowReader(layout, year, sheet.name) if layout is not None else None
    for row in sheet.rows:
        cells = {letters(cell.column): cell.raw for cell in row.cells if not cell.is_blank}
        if layout is not None and layout.until is None and begins_another(row, layout, profile):
            layout = replace(layout, until=row.number - 1)
            reader = RowReader(layout, year, sheet.name)
        found.append(TableRow(sheet.name, row.number, cells, _content(sheet, row, layout, reader)))
    return found, layout


def begins_another(row: Row, layout: Layout, profile: Profile) -> bool:
    """Whether a row is the header of another table: it names a firm's column and things of its own."""
    texts = [cell for cell in row.cells if not cell.is_blank]
    if row.number <= layout.last or len(texts) < 2 or any(not isinstance(cell.value, str) for cell in texts):
        return False
    known = known_in(row, profile).values()
    if not any(one.spelling.column.field in NAMING for one in known):
        return False
    own = {place.column.header for place in layout.places}
    headers = {place.header for place in layout.places}
    same = sum(cell.raw.strip() in headers for cell in texts)
    shared = sum(one.spelling.column.header in own for one in known)
    return same < 2 and shared < max(2, len(layout.places) // 2)


def _content(sheet: SheetData, row: Row, layout: Layout | None, reader: RowReader | None) -> Entry | NoData:
    if layout is None or reader is None:
        return no_data(row.number, _unread(sheet))
    if row.number < layout.row:
        return no_data(row.number, tr("空行") if row.is_blank else tr("表头上方的标题或说明"))
    if row.number <= layout.last:
        return no_data(row.number, tr("表头"))
    return reader.read(row)


def _unread(sheet: SheetData) -> Message:
    if sheet.visibility is not Visibility.VISIBLE:
        return tr("隐藏的工作表“%(sheet)s”，没有读取；需要导入的请先取消隐藏", sheet=sheet.name)
    return tr("工作表“%(sheet)s”里没有可识别的表头，没有读取", sheet=sheet.name)
