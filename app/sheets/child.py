"""What every child has in common: its limits, and how it says that it gives a file back."""

from __future__ import annotations

import errno
import json
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO
from xml.etree import ElementTree

from app.sheets.limits import Limits
from app.sheets.ooxml.refused import RefusedError

REFUSED = 3
_BROKEN = (
    ElementTree.ParseError, zipfile.BadZipFile, zlib.error, struct.error, ValueError, LookupError, EOFError, OSError,
    NotImplementedError, RecursionError,
)  # fmt: skip

Work = Callable[[str, BinaryIO, BinaryIO, Limits], None]
"""What a child does: argument, source, target, limits. May raise ``RefusedError`` and what broken files cause."""


def run(work: Work) -> None:
    """Do the work within the limits of ``argv``. A refusal is JSON on standard error and code 3."""
    argument, limits = sys.argv[2], Limits(**json.loads(sys.argv[3]))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.handed_over,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    refused = attempt(work, argument, sys.stdin.buffer, sys.stdout.buffer, limits)
    if refused is not None:
        sys.stderr.write(json.dumps(refused))
        sys.exit(REFUSED)


def attempt(work: Work, argument: str, source: BinaryIO, target: BinaryIO, limits: Limits) -> dict[str, Any] | None:
    """Do the work; return why and where the file is refused, None when all is well."""
    try:
        work(argument, source, target, limits)
    except RefusedError as error:
        return {"refused": error.code, "sheet": error.sheet, "row": error.row, "column": error.column}
    except MemoryError:
        return {"refused": "wide", "sheet": "", "row": 0, "column": 0}
    except _BROKEN as error:
        is_full = isinstance(error, OSError) and error.errno == errno.EFBIG
        return {"refused": "wide" if is_full else "damaged", "sheet": "", "row": 0, "column": 0}
    return None
