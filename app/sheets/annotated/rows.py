"""Colouring cells in the XML of a sheet without touching anything else of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.sheets.annotated.colours import Colours
from app.sheets.annotated.mark import Mark
from app.sheets.cells import column_number, letters
from app.sheets.ooxml.refused import RefusedError

_PREFIX = re.compile(r"<((?:\w+:)?)worksheet\b")
_NUMBER = re.compile(r"""\br=["'](\d{1,7})["']""")
_STYLE = re.compile(r"""\ss=["'](\d+)["']""")
_BARE = re.compile(r"<(?:\w+:)?row\b[^<>]*/>")

Marks = Mapping[int, Mapping[int, Mark]]
"""Marks by row and column."""


def coloured(text: str, marks: Marks, colours: Colours) -> str:
    """Return the sheet with the marked cells in their new styles; a cell that is not there yet is made."""
    found = _PREFIX.search(text)
    if found is None:
        raise RefusedError("unusual")
    p = found[1]
    closing = f"</{p}row>"
    pieces = text.split(closing)
    last = 0
    for at, piece in enumerate(pieces):
        start = piece.rfind(f"<{p}row")
        before = _bare(piece[: max(start, 0)] if at < len(pieces) - 1 else piece, marks, colours, p)
        if at == len(pieces) - 1:
            pieces[at] = before
            break
        end = piece.index(">", start) + 1
        number = _NUMBER.search(piece[start:end])
        last = int(number[1]) if number else last + 1
        if last in marks:
            body = _cells(piece[end:], last, marks[last], colours, p)
            pieces[at] = before + piece[start:end] + body
        elif before != piece[: max(start, 0)]:
            pieces[at] = before + piece[start:]
    return closing.join(pieces)


def _bare(text: str, marks: Marks, colours: Colours, p: str) -> str:
    """Open rows that close themselves where one of their cells is marked."""

    def opened(found: re.Match[str]) -> str:
        number = _NUMBER.search(found[0])
        if number is None or int(number[1]) not in marks:
            return found[0]
        row = int(number[1])
        return f"{found[0][:-2]}>{_cells('', row, marks[row], colours, p)}</{p}row>"

    return _BARE.sub(opened, text)


def _cells(body: str, row: int, marks: Mapping[int, Mark], colours: Colours, p: str) -> str:
    for column, mark in sorted(marks.items()):
        address = f"{letters(column)}{row}"
        cell = re.search(rf"""<{p}c\b[^>]*?\sr=["']{address}["'][^>]*>""", body)
        if cell is None:
            body = _with_new(body, row, column, colours.of(0, mark.is_error), p)
        else:
            styled = _STYLE.search(cell[0])
            style = colours.of(int(styled[1]) if styled else 0, mark.is_error)
            bare = _STYLE.sub("", cell[0])
            end = -2 if bare.endswith("/>") else -1
            body = f'{body[: cell.start()]}{bare[:end]} s="{style}"{bare[end:]}{body[cell.end() :]}'
    return body


def _with_new(body: str, row: int, column: int, style: int, p: str) -> str:
    cells = list(re.finditer(rf"""<{p}c\b[^>]*?\sr=["']([A-Z]{{1,3}})\d+["']""", body))
    if len(cells) != len(re.findall(rf"<{p}c[\s/>]", body)):
        # cells without addresses: where a new one belongs cannot be told from here
        raise RefusedError("unusual")
    at = next((cell.start() for cell in cells if column_number(cell[1]) > column), None)
    at = body.find(f"<{p}extLst") if at is None and f"<{p}extLst" in body else (len(body) if at is None else at)
    return f'{body[:at]}<{p}c r="{letters(column)}{row}" s="{style}"/>{body[at:]}'
