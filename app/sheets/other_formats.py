"""Old and open workbooks (.xls, .xlsb, .ods), read by calamine in the child."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from app.sheets.cells import letters
from app.sheets.ooxml.refused import RefusedError
from app.sheets.spool import Spool


def read_other(content: io.BytesIO, kind: str, spool: Spool) -> None:
    """Read every worksheet into ``spool``. Raises ``RefusedError``."""
    try:
        book = load_workbook(content)
        for about in book.sheets_metadata:
            if about.typ == SheetTypeEnum.WorkSheet:
                _sheet(book, about.name, _visibility(about.visible), spool)
    except PasswordError:
        raise RefusedError("password") from None
    except CalamineError:
        raise RefusedError("damaged") from None


def _sheet(book: CalamineWorkbook, name: str, visibility: str, spool: Spool) -> None:
    sheet = book.get_sheet_by_name(name)
    spool.begin(name)
    first = 0 if sheet.start is None else sheet.start[1] + 1
    for number, values in enumerate(sheet.iter_rows(), start=1):
        filled = [(column, *found) for column, value in enumerate(values, first) if (found := _found(value))[1]]
        if filled:
            columns, kinds, texts = zip(*filled, strict=True)
            spool.row(number, columns, "".join(kinds), list(texts))
    spool.end(visibility=visibility, declared=None, merged=_merged(sheet), hidden_rows=[], hidden_columns=[])


def _found(value: Any) -> tuple[str, str]:
    """Return kind and text of a value (``values.READ``)."""
    if isinstance(value, str):
        return "s", value
    if isinstance(value, bool):
        return "b", "1" if value else "0"
    if isinstance(value, float | int):
        return "n", repr(int(value) if value == int(value) and abs(value) < 1e15 else value)
    if isinstance(value, timedelta):
        return "h", repr(value.total_seconds() / 86_400)
    if isinstance(value, datetime | date | time):
        return "i", value.isoformat()
    return "s", ""


def _visibility(found: SheetVisibleEnum) -> str:
    # the library's enum cannot be hashed, so no table
    if found == SheetVisibleEnum.Visible:
        return "visible"
    return "hidden" if found == SheetVisibleEnum.Hidden else "very_hidden"


def _merged(sheet: CalamineSheet) -> list[str]:
    return [
        f"{letters(left + 1)}{top + 1}:{letters(right + 1)}{bottom + 1}"
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
    ]
