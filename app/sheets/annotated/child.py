"""The annotating child: workbook and marks on standard input, the new workbook on standard output, within limits."""

from __future__ import annotations

import json
from typing import BinaryIO

from app.sheets.annotated.mark import Mark
from app.sheets.annotated.own_file import annotated
from app.sheets.child import run
from app.sheets.limits import Limits


def main() -> None:
    """``argv``: root of the project, size of the workbook, limits; the marks follow the workbook as JSON."""
    run(_annotate)


def _annotate(size: str, source: BinaryIO, target: BinaryIO, _limits: Limits) -> None:
    content = source.read(int(size))
    target.write(annotated(content, [Mark(*fields) for fields in json.loads(source.read())]))
    target.flush()
