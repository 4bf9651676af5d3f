"""A workbook of another format as a new .xlsx: the same sheets and cells at the same places, with the marks in it."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.sheets.annotated.listing import MOST_LINKS, name_for_list
from app.sheets.annotated.mark import ERROR_FILL, WARNING_FILL, Mark, headings, joined
from app.sheets.annotated.own_file import MOST_COMMENTS
from app.sheets.cells import Cell, Visibility, column_number
from app.sheets.stream import Head, OpenWorkbook
from app.sheets.values import Value
from app.sheets.write import sheet_name

_MOST_DIGITS = 15
_OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}  # fmt: skip
Places = dict[tuple[int, int], Mark]


def rebuilt(book: OpenWorkbook, marks: Sequence[Mark]) -> bytes:
    """Return the .xlsx; it is written row by row, so that a large workbook never stands in memory."""
    with tempfile.TemporaryFile() as target:
        new = xlsxwriter.Workbook(target, dict(_OPTIONS))
        styles = _Styles(new)
        names: list[str] = []
        for head in book.heads:
            sheet = new.add_worksheet(_unused(sheet_name(head.name), names))
            names.append(sheet.get_name())
            _fill(sheet, book, head, [mark for mark in marks if mark.sheet == head.name], styles)
            if head.visibility is not Visibility.VISIBLE:
                (sheet.hide if head.visibility is Visibility.HIDDEN else sheet.very_hidden)()
        renamed = {head.name: name for head, name in zip(book.heads, names, strict=True)}
        listed = new.add_worksheet(name_for_list(names))
        _list(listed, marks, renamed, styles)
        if all(head.visibility is not Visibility.VISIBLE for head in book.heads):
            listed.activate()
            listed.set_first_sheet()
        new.close()
        target.seek(0)
        return target.read()


def _unused(name: str, taken: list[str]) -> str:
    known = {other.casefold() for other in taken}
    tries = (name if n == 1 else f"{name[:26]} ({n})" for n in range(1, len(known) + 3))
    return next(one for one in tries if one.casefold() not in known)


@dataclass(frozen=True, slots=True)
class _Look:
    pattern: str = ""
    fill: str = ""


class _Styles:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[_Look, Format] = {}

    def of(self, look: _Look) -> Format | None:
        if look == _Look():
            return None
        if look not in self._made:
            given: dict[str, object] = {"num_format": look.pattern} if look.pattern else {}
            if look.fill:
                given |= {"bg_color": f"#{look.fill[2:]}", "pattern": 1}
            self._made[look] = self._book.add_format(given)
        return self._made[look]


def _fill(sheet: Worksheet, book: OpenWorkbook, head: Head, marks: list[Mark], styles: _Styles) -> None:
    places = _places(marks)
    by_row: dict[int, list[int]] = defaultdict(list)
    for line, column in places:
        by_row[line].append(column)
    for letter in head.hidden_columns:
        at = column_number(letter) - 1
        sheet.set_column(at, at, None, None, {"hidden": True})
    for row in book.filled_rows(head):
        if row.number in head.hidden_rows:
            sheet.set_row(row.number - 1, None, None, {"hidden": True})
        cells = {cell.column: cell for cell in row.cells if not cell.is_blank}
        for column in sorted({*cells, *by_row.get(row.number, ())}):
            blank = Cell(head.name, row.number, column, None, "")
            _write(sheet, cells.get(column, blank), places.get((row.number, column)), styles)
    for (line, column), mark in list(places.items())[:MOST_COMMENTS]:
        sheet.write_comment(line - 1, column - 1, mark.comment, {"x_scale": 2, "y_scale": 1.2})


def _places(marks: list[Mark]) -> Places:
    said: dict[tuple[int, int], list[Mark]] = defaultdict(list)
    for mark in marks:
        said[mark.place].append(mark)
    return {place: joined(found) for place, found in sorted(said.items())}


def _write(sheet: Worksheet, cell: Cell, mark: Mark | None, styles: _Styles) -> None:
    row, column = cell.row - 1, cell.column - 1
    fill = "" if mark is None else ERROR_FILL if mark.is_error else WARNING_FILL
    value = cell.value
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, styles.of(_Look("", fill)))
    elif isinstance(value, Decimal | int) and _fits(value):
        shown = "0.00########%" if cell.is_percent else ""
        sheet.write_number(row, column, float(value), styles.of(_Look(shown, fill)))
    elif (pattern := _pattern(value)) is not None:
        sheet.write_datetime(row, column, value, styles.of(_Look(pattern, fill)))
    elif cell.raw:
        sheet.write_string(row, column, cell.raw[:32_767], styles.of(_Look("", fill)))
    else:
        sheet.write_blank(row, column, None, styles.of(_Look("", fill)))


def _fits(value: Decimal | int) -> bool:
    """Whether Excel can keep all digits of the number; a longer one is written as text."""
    return len(Decimal(value).normalize().as_tuple().digits) <= _MOST_DIGITS


def _pattern(value: Value) -> str | None:
    """Return the format of a date or time; None for anything else and for days that Excel does not know."""
    if isinstance(value, datetime | date):
        if value.year < 1900:
            return None
        return "yyyy-mm-dd hh:mm:ss" if isinstance(value, datetime) else "yyyy-mm-dd"
    return "hh:mm:ss" if isinstance(value, time) else "[h]:mm:ss" if isinstance(value, timedelta) else None


def _list(sheet: Worksheet, marks: Sequence[Mark], renamed: dict[str, str], styles: _Styles) -> None:
    for at, (text, width) in enumerate(zip(headings(), (18, 10, 28, 70, 30), strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, text, styles.of(_Look("", WARNING_FILL)))
    sheet.freeze_panes(1, 0)
    for line, mark in enumerate(marks, start=1):
        name = renamed.get(mark.sheet, mark.sheet)
        sheet.write_string(line, 0, name)
        if line <= MOST_LINKS and mark.sheet in renamed:
            quoted = name.replace("'", "''")
            sheet.write_url(line, 1, f"internal:'{quoted}'!{mark.address}", string=mark.address)
        else:
            sheet.write_string(line, 1, mark.address)
        for at, text in enumerate((mark.text, mark.problem, mark.suggestion), start=2):
            sheet.write_string(line, at, text[:500])
