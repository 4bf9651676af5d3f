"""The door to ``annotated``: give a workbook and what is wrong with its cells, get it back with both in it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import astuple

from app.sheets import refusals
from app.sheets.annotated.mark import Mark
from app.sheets.annotated.rebuilt import rebuilt
from app.sheets.limits import Limits
from app.sheets.signature import Kind, recognise
from app.sheets.stream import open_workbook, run_child

ENTRY = "app.sheets.annotated.child"


def annotate(content: bytes, filename: str, marks: Sequence[Mark], *, limits: Limits | None = None) -> bytes:
    """Return ``content`` as .xlsx with the marked cells coloured and commented and the sheet 问题清单 at its end.

    An .xlsx is the user's own file, formats, formulas and all; any other format is written anew with the same sheets
    and the same cells at the same places. Raises ``NotATable`` for what cannot be read, ``ValueError`` for a mark whose
    address is none.
    """
    limits = limits or Limits()
    for mark in marks:
        _row, _column = mark.place
    if recognise(content, limits) is Kind.XLSX and (own := _own_file(content, marks, limits)) is not None:
        return own
    with open_workbook(content, filename, limits=limits) as book:
        return rebuilt(book, marks)


def _own_file(content: bytes, marks: Sequence[Mark], limits: Limits) -> bytes | None:
    """Let the child change the file; None when it is too unusual for that."""
    told = json.dumps([astuple(mark) for mark in marks]).encode()
    with tempfile.TemporaryFile() as handed:
        refused = run_child(ENTRY, str(len(content)), content + told, limits, handed)
        if refused is not None:
            if refused["refused"] == "unusual":
                return None
            raise refusals.from_child(refused)
        handed.seek(0)
        return handed.read()
