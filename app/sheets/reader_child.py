"""The reading child: workbook on standard input, JSON on standard output, within limits."""

from __future__ import annotations

import io
import json
import resource
import sys
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
from app.sheets.packed import Details, details


class _TooWide(Exception):
    pass


def main() -> None:
    """``argv``: root of the project, kind, limits as JSON."""
    kind, bounds = sys.argv[2], json.loads(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_AS, (bounds["memory"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (bounds["cpu"], bounds["cpu"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        written = _json(_answer(content, kind, bounds))
    except PasswordError:
        written = _json({"refused": "password"})
    except (_TooWide, MemoryError):
        written = _json({"refused": "wide"})
    except (CalamineError, ValueError, OSError):
        written = _json({"refused": "damaged"})
    sys.stdout.write(written)


def _json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=True, separators=(",", ":"), default=_moment, allow_nan=False)


def _moment(value: Any) -> list[str]:
    if isinstance(value, datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, time):
        return ["time", value.isoformat()]
    if isinstance(value, timedelta):
        return ["duration", str(int(value.total_seconds()))]
    raise TypeError(type(value).__name__)


def _answer(content: bytes, kind: str, bounds: dict[str, int]) -> dict[str, Any]:
    more = details(content) if kind == "xlsx" else {}
    book = load_workbook(io.BytesIO(content))
    sheets = []
    for about in book.sheets_metadata:
        if about.typ == SheetTypeEnum.WorkSheet:
            sheets.append(_sheet(book, about.name, _visibility(about.visible), more.get(about.name, Details()), bounds))
    return {"sheets": sheets}


def _shown(value: Any) -> Any:
    """Bring a number to the 15 significant digits that Excel keeps and shows; the rest is noise of binary.

    0.30000000000000004 in the file is 0.3 on every screen.
    """
    if value.__class__ is float:
        return int(value) if value.is_integer() and abs(value) < 1e15 else float(f"{value:.15g}")
    return None if value == "" else value


def _visibility(found: SheetVisibleEnum) -> str:
    # the library's enum cannot be hashed, so no table
    if found == SheetVisibleEnum.Visible:
        return "visible"
    return "hidden" if found == SheetVisibleEnum.Hidden else "very_hidden"


def _sheet(book: CalamineWorkbook, name: str, visibility: str, more: Details, bounds: dict[str, int]) -> dict[str, Any]:
    sheet = book.get_sheet_by_name(name)
    rows, columns = (0, 0) if sheet.end is None else (sheet.end[0] + 1, sheet.end[1] + 1)
    if rows > bounds["rows"] or columns > bounds["columns"] or rows * columns > bounds["cells"]:
        raise _TooWide
    grid = [[_shown(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    return {
        "name": name,
        "visibility": visibility,
        "grid": grid,
        "errors": [[row, column, code] for (row, column), code in sorted(more.errors.items())],
        "numbers": [[row, column, text] for (row, column), text in sorted(more.long_numbers.items())],
        "merged": _merged(sheet),
        "rows": more.rows,
    }


def _merged(sheet: CalamineSheet) -> list[str]:
    return [
        f"{letters(left + 1)}{top + 1}:{letters(right + 1)}{bottom + 1}"
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
    ]
