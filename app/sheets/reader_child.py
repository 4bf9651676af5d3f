"""The reading child: workbook on standard input, rows on standard output (both files), within limits."""

from __future__ import annotations

import io
import json
import resource
import sys
import zipfile
import zlib
from typing import NoReturn
from xml.etree import ElementTree

from app.sheets.limits import Limits
from app.sheets.ooxml.parts import Package
from app.sheets.ooxml.refused import RefusedError
from app.sheets.ooxml.sheet import SheetStream
from app.sheets.ooxml.strings import shared_strings
from app.sheets.ooxml.styles import cell_kinds
from app.sheets.other_formats import read_other
from app.sheets.spool import Spool

MOST_HIDDEN = 20_000


def main() -> None:
    """``argv``: root of the project, kind, limits as JSON. A refusal is JSON on standard error and code 3."""
    kind, limits = sys.argv[2], Limits(**json.loads(sys.argv[3]))
    _bound(limits)
    try:
        _read(kind, limits)
    except RefusedError as error:
        _refuse(error.code, error.sheet, error.row)
    except MemoryError:
        _refuse("wide")
    except (ElementTree.ParseError, zipfile.BadZipFile, zlib.error, ValueError, LookupError, EOFError, OSError):
        _refuse("damaged")


def _bound(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.handed_over,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _refuse(code: str, sheet: str = "", row: int = 0) -> NoReturn:
    sys.stderr.write(json.dumps({"refused": code, "sheet": sheet, "row": row}))
    sys.exit(3)


def _read(kind: str, limits: Limits) -> None:
    spool = Spool(sys.stdout.buffer, limits)
    if kind == "xlsx":
        _open_xml(spool)
    else:
        read_other(io.BytesIO(sys.stdin.buffer.read()), kind, spool)
    spool.close()
    sys.stdout.flush()


def _open_xml(spool: Spool) -> None:
    with zipfile.ZipFile(sys.stdin.buffer) as archive:
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
