"""An .xls: values by calamine, errors and hidden parts by its records, and the two held against each other."""

from __future__ import annotations

import io
import struct
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from app.sheets.binary.biff import SheetFacts, sheet_facts
from app.sheets.binary.codes import as_text
from app.sheets.binary.compound import Compound
from app.sheets.cells import letters
from app.sheets.ooxml.refused import RefusedError
from app.sheets.spool import Spool


def read_xls(content: bytes, spool: Spool) -> None:
    """Read every worksheet into ``spool``. Raises ``RefusedError``."""
    stream = Compound(content).stream("Workbook", "Book")
    if stream is None:
        raise RefusedError("damaged")
    try:
        facts = sheet_facts(stream)
        book = load_workbook(io.BytesIO(content))
        tables = [(at, about) for at, about in enumerate(book.sheets_metadata) if about.typ == SheetTypeEnum.WorkSheet]
        if len(tables) != len(facts):
            raise RefusedError("damaged")
        for (at, about), fact in zip(tables, facts, strict=True):
            _sheet(book.get_sheet_by_index(at), about, fact, spool)
    except PasswordError:
        raise RefusedError("password") from None
    except (CalamineError, struct.error, IndexError):
        raise RefusedError("damaged") from None


def _sheet(sheet: CalamineSheet, about: SheetMetadata, fact: SheetFacts, spool: Spool) -> None:
    spool.begin(about.name)
    first = 1 if sheet.start is None else sheet.start[1] + 1
    seen = set()
    for number, values in enumerate(sheet.iter_rows(), start=1):
        filled = {column: found for column, value in enumerate(values, first) if (found := _found(value))[1]}
        for column in [column for column in filled if (number, column) in fact.shares and filled[column][0] == "n"]:
            filled[column] = ("p", filled[column][1])
        filled |= {column: ("e", code) for column, code in fact.errors.get(number, {}).items()}
        if filled:
            columns = tuple(sorted(filled))
            spool.row(number, columns, "".join(filled[c][0] for c in columns), [filled[c][1] for c in columns])
            seen.add(number)
    if lost := fact.certain - seen:
        raise RefusedError("lost", about.name, min(lost))
    spool.end(
        visibility=_visibility(about.visible),
        declared=fact.declared or None,
        merged=_merged(sheet),
        hidden_rows=fact.hidden_rows,
        hidden_columns=fact.hidden_columns,
        is_1904=fact.is_1904,
    )


def _found(value: Any) -> tuple[str, str]:
    """Return kind and text of a value (``values.READ``)."""
    if isinstance(value, str):
        return "s", value
    if isinstance(value, bool):
        return "b", "1" if value else "0"
    if isinstance(value, float | int):
        return "n", as_text(value)
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
