"""The reading child: workbook on standard input, rows on standard output (both files), within limits."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import BinaryIO

from app.sheets.binary.xls import read_xls
from app.sheets.binary.xlsb import read_xlsb
from app.sheets.child import run
from app.sheets.limits import Limits
from app.sheets.ooxml.parts import Package
from app.sheets.ooxml.sheet import SheetStream
from app.sheets.ooxml.strings import shared_strings
from app.sheets.ooxml.styles import cell_kinds
from app.sheets.open_document import read_ods
from app.sheets.spool import Spool

MOST_HIDDEN = 20_000


def main() -> None:
    """``argv``: root of the project, kind, limits as JSON."""
    run(hand_over)


def hand_over(kind: str, source: BinaryIO, target: BinaryIO, limits: Limits) -> None:
    """Read ``source`` and write its rows to ``target``."""
    spool = Spool(target, limits)
    _READERS[kind](source, spool)
    spool.close()
    target.flush()


def _xlsx(source: BinaryIO, spool: Spool) -> None:
    with zipfile.ZipFile(source) as archive:
        package = Package(archive)
        strings, formats, is_1904 = shared_strings(package), cell_kinds(package), package.is_1904
        for part in package.sheets():
            sheet = SheetStream(package, part, strings, formats)
            spool.begin(part.name)
            for number, columns, kinds, texts in sheet.rows():
                spool.row(number, columns, kinds, texts)
            spool.end(
                visibility=part.visibility,
                declared=sheet.declared,
                merged=sheet.merged,
                hidden_rows=sheet.hidden_rows[:MOST_HIDDEN],
                hidden_columns=sheet.hidden_columns,
                is_1904=is_1904,
            )


def _xlsb(source: BinaryIO, spool: Spool) -> None:
    with zipfile.ZipFile(source) as archive:
        read_xlsb(Package(archive), spool)


def _ods(source: BinaryIO, spool: Spool) -> None:
    with zipfile.ZipFile(source) as archive:
        read_ods(archive, spool)


def _xls(source: BinaryIO, spool: Spool) -> None:
    read_xls(source.read(), spool)


_READERS: dict[str, Callable[[BinaryIO, Spool], None]] = {"xlsx": _xlsx, "xlsb": _xlsb, "ods": _ods, "xls": _xls}
