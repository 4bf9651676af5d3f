"""The reading child: workbook on standard input, rows on standard output (both files), within limits."""

from __future__ import annotations

import json
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO
from xml.etree import ElementTree

from app.sheets.binary.xls import read_xls
from app.sheets.binary.xlsb import read_xlsb
from app.sheets.limits import Limits
from app.sheets.ooxml.parts import Package
from app.sheets.ooxml.refused import RefusedError
from app.sheets.ooxml.sheet import SheetStream
from app.sheets.ooxml.strings import shared_strings
from app.sheets.ooxml.styles import cell_kinds
from app.sheets.open_document import read_ods
from app.sheets.spool import Spool

MOST_HIDDEN = 20_000
REFUSED = 3
_BROKEN = (
    ElementTree.ParseError, zipfile.BadZipFile, zlib.error, struct.error, ValueError, LookupError, EOFError, OSError,
    NotImplementedError, RecursionError,
)  # fmt: skip


def main() -> None:
    """``argv``: root of the project, kind, limits as JSON. A refusal is JSON on standard error and code 3."""
    kind, limits = sys.argv[2], Limits(**json.loads(sys.argv[3]))
    _bound(limits)
    refused = hand_over(kind, sys.stdin.buffer, sys.stdout.buffer, limits)
    if refused is not None:
        sys.stderr.write(json.dumps(refused))
        sys.exit(REFUSED)


def hand_over(kind: str, source: BinaryIO, target: BinaryIO, limits: Limits) -> dict[str, Any] | None:
    """Read ``source`` and write its rows to ``target``; return why and where that is refused, None when all is well."""
    spool = Spool(target, limits)
    try:
        _READERS[kind](source, spool)
        spool.close()
        target.flush()
    except RefusedError as error:
        return {"refused": error.code, "sheet": error.sheet, "row": error.row}
    except MemoryError:
        return {"refused": "wide", "sheet": "", "row": 0}
    except _BROKEN:
        return {"refused": "damaged", "sheet": "", "row": 0}
    return None


def _bound(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.handed_over,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _xlsx(source: BinaryIO, spool: Spool) -> None:
    with zipfile.ZipFile(source) as archive:
        package = Package(archive)
        strings, formats = shared_strings(package), cell_kinds(package)
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
