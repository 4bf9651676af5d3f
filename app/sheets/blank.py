"""The blank template a firm or a town downloads: header, lists to choose from, checks while typing, instructions."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from app.core.text import Message, tr
from app.sheets.columns import Column, ColumnKind
from app.sheets.write import Formats, open_book, sheet_name, write_head

ROWS = 2_000
"""How many rows below the header carry checks."""
LISTS, GUIDE = "选项", "填写说明"


def blank_template(
    columns: Sequence[Column],
    *,
    title: str,
    notes: Sequence[str] = (),
    lists: Mapping[str, Sequence[str]] | None = None,
    created: datetime,
    sheet: str = "填报",
) -> bytes:
    """Return an empty workbook for ``columns``. ``lists`` gives, by column key, values to choose from.

    Without a list a CHOICE column offers its own choices. Lists live in a sheet of their own, so that they may be
    longer than the 255 characters Excel allows inside a check.
    """
    target = io.BytesIO()
    book = open_book(target, created)
    formats = Formats(book)
    main = book.add_worksheet(sheet_name(sheet))
    guide, choices = book.add_worksheet(GUIDE), book.add_worksheet(LISTS)
    head = write_head(main, columns, formats, title=title, notes=notes)
    ranges = _write_lists(choices, columns, lists or {}, formats)
    for place, column in enumerate(columns):
        if (check := _check(column, ranges.get(column.key))) is not None:
            main.data_validation(head + 1, place, head + ROWS, place, check)
    _write_guide(guide, columns, formats, title, notes)
    choices.hide()
    main.activate()
    book.close()
    return target.getvalue()


def _write_lists(
    sheet: Worksheet, columns: Sequence[Column], lists: Mapping[str, Sequence[str]], formats: Formats
) -> dict[str, str]:
    ranges: dict[str, str] = {}
    for column in columns:
        values = tuple(lists.get(column.key) or column.choices) or (("是", "否") * (column.kind is ColumnKind.YES_NO))
        if not values:
            continue
        place = len(ranges)
        sheet.write_string(0, place, column.title, formats.head)
        for line, value in enumerate(values, start=1):
            sheet.write_string(line, place, value, formats.of(ColumnKind.TEXT))
        sheet.set_column(place, place, 24)
        letters = xl_col_to_name(place)
        ranges[column.key] = f"='{LISTS}'!${letters}$2:${letters}${len(values) + 1}"
    return ranges


def _check(column: Column, values: str | None) -> dict[str, object] | None:
    told = {
        "input_title": column.header[:32],
        "input_message": (column.hint or str(_expected(column)))[:255],
        "error_title": str(tr("填写有误"))[:32],
        "error_message": str(_expected(column))[:255],
        "ignore_blank": True,
    }
    if values is not None:
        return {"validate": "list", "source": values, **told}
    match column.kind:
        case ColumnKind.INTEGER:
            return {"validate": "integer", "criteria": "between", "minimum": -(10**12), "maximum": 10**12, **told}
        case ColumnKind.NUMBER | ColumnKind.SHARE:
            return {"validate": "decimal", "criteria": "between", "minimum": -(10**12), "maximum": 10**12, **told}
        case ColumnKind.YEAR:
            return {"validate": "integer", "criteria": "between", "minimum": 1900, "maximum": 2100, **told}
        case ColumnKind.DATE:
            first, last = datetime(1900, 3, 1), datetime(2100, 12, 31)  # noqa: DTZ001 - Excel knows no zones
            return {"validate": "date", "criteria": "between", "minimum": first, "maximum": last, **told}
        case _:
            return {"validate": "any", **told} if column.hint else None


def _expected(column: Column) -> Message:
    unit = tr("，单位：%(unit)s", unit=column.unit) if column.unit else ""
    match column.kind:
        case ColumnKind.NUMBER:
            return tr("请填数字%(unit)s；不知道的留空，不要填 0", unit=unit)
        case ColumnKind.INTEGER:
            return tr("请填整数%(unit)s；不知道的留空，不要填 0", unit=unit)
        case ColumnKind.SHARE:
            return tr("请填百分比，如 5.2%；不知道的留空")
        case ColumnKind.DATE:
            return tr("请填日期，如 2026-11-23")
        case ColumnKind.YEAR:
            return tr("请填四位年度，如 2025")
        case ColumnKind.CODE:
            return tr("请按文本填写代码，保留全部字符")
        case ColumnKind.CHOICE | ColumnKind.YES_NO:
            return tr("请从下拉列表中选择")
        case _:
            return tr("请填写文本")


def _write_guide(
    sheet: Worksheet, columns: Sequence[Column], formats: Formats, title: str, notes: Sequence[str]
) -> None:
    sheet.write_string(0, 0, str(tr("《%(title)s》填写说明", title=title)), formats.title)
    line = 1
    for note in notes:
        sheet.write_string(line, 0, note, formats.note)
        line += 1
    heads = (tr("列"), tr("必填"), tr("类型"), tr("单位"), tr("说明"))
    for place, (text, width) in enumerate(zip(heads, (24, 8, 20, 10, 70), strict=True)):
        sheet.write_string(line, place, str(text), formats.head)
        sheet.set_column(place, place, width)
    for row, column in enumerate(columns, start=line + 1):
        cells = (
            column.header,
            str(tr("是")) if column.required else "",
            column.kind.label,
            column.unit,
            column.hint or str(_expected(column)),
        )
        for place, value in enumerate(cells):
            sheet.write_string(row, place, value, formats.wrapped)
