"""Reading a table file into a ``Workbook``. Workbooks are parsed in a child: one kilobyte can end a process."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any

from app.sheets import refusals
from app.sheets.cells import SheetData, Value, Visibility, Workbook
from app.sheets.delimited import read_delimited
from app.sheets.limits import Limits
from app.sheets.signature import Kind, recognise

_ROOT = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from app.sheets.reader_child import main; main()"


def read_workbook(content: bytes, filename: str = "", *, limits: Limits | None = None) -> Workbook:
    """Return every sheet of ``content`` (.xlsx, .xls, .xlsb, .ods or .csv).

    The kind is told by the content; ``filename`` only names the sheet of a CSV file. Raises ``NotATable`` with the
    reason and the remedy; nothing half-read is ever returned.
    """
    limits = limits or Limits()
    kind = recognise(content, limits)
    if kind is Kind.CSV:
        name = PurePath(filename).stem or "CSV"
        return Workbook((read_delimited(content, name, limits),), kind.value)
    answer = _ask(content, kind, limits)
    if not answer["sheets"]:
        raise refusals.no_sheets()
    return Workbook(tuple(_sheet(part) for part in answer["sheets"]), kind.value)


def _ask(content: bytes, kind: Kind, limits: Limits) -> dict[str, Any]:
    bounds = {
        "rows": limits.rows,
        "columns": limits.columns,
        "cells": limits.cells,
        "memory": limits.memory,
        "cpu": limits.cpu_seconds,
    }
    command = [sys.executable, "-I", "-c", _START, str(_ROOT), kind.value, json.dumps(bounds)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, input=content, capture_output=True, timeout=limits.seconds, env={"LANG": "C.UTF-8"}, check=False
        )
    except subprocess.TimeoutExpired:
        raise refusals.too_slow(limits.seconds) from None
    if done.returncode < 0:
        # a signal: the library gave up for want of the memory it was not granted, or its time ran out
        raise refusals.too_wide()
    if done.returncode > 0:
        raise RuntimeError(f"the reading child failed: {done.stderr.decode('utf-8', 'replace')[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout, parse_float=Decimal, parse_int=Decimal)
    match answer.get("refused"):
        case "wide":
            raise refusals.too_wide()
        case "password":
            raise refusals.encrypted()
        case "damaged":
            raise refusals.damaged()
    return answer


def _sheet(part: dict[str, Any]) -> SheetData:
    written = {(int(row), int(column)): text for row, column, text in part["numbers"]}
    grid = [tuple([_value(value) for value in row]) for row in part["grid"]]
    for (row, column), text in written.items():
        if row <= len(grid) and column <= len(grid[row - 1]):
            line = list(grid[row - 1])
            line[column - 1] = Decimal(text)
            grid[row - 1] = tuple(line)
    return SheetData(
        name=part["name"],
        grid=tuple(grid),
        visibility=Visibility(part["visibility"]),
        problems={(int(row), int(column)): code for row, column, code in part["errors"]},
        written=written,
        merged=tuple(part["merged"]),
        declared_rows=None if part["rows"] is None else int(part["rows"]),
    )


def _value(value: Any) -> Value:
    if value.__class__ is list:
        return _moment(value[0], value[1])
    known: Value = value
    return known


def _moment(kind: str, text: str) -> Value:
    match kind:
        case "date":
            return date.fromisoformat(text)
        case "datetime":
            return datetime.fromisoformat(text)
        case "time":
            return time.fromisoformat(text)
        case _:
            return timedelta(seconds=int(text))
