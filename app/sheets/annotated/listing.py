"""The sheet 问题清单 as XML: every problem with a link to its cell."""

from __future__ import annotations

from collections.abc import Sequence

from app.sheets.annotated.mark import LIST, Mark, headings, xml

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_WIDTHS = (18, 10, 28, 70, 30)
_LONGEST_TEXT = 500
MOST_LINKS = 60_000


def name_for_list(taken: Sequence[str]) -> str:
    """Return a name for the list that no sheet bears yet."""
    known = {name.casefold() for name in taken}
    names = (LIST if n == 1 else f"{LIST} ({n})" for n in range(1, len(known) + 3))
    return next(name for name in names if name.casefold() not in known)


def problem_sheet(marks: Sequence[Mark], style: int) -> str:
    """Return the sheet; ``style`` is that of its header."""
    columns = "".join(f'<col min="{n}" max="{n}" width="{w}" customWidth="1"/>' for n, w in enumerate(_WIDTHS, start=1))
    head = "".join(_text("ABCDE"[at], 1, text, f' s="{style}"') for at, text in enumerate(headings()))
    body = "".join(_row(number, mark) for number, mark in enumerate(marks, start=2))
    links = "".join(_link(number, mark) for number, mark in enumerate(marks[:MOST_LINKS], start=2))
    view = '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{_MAIN}"><sheetViews>{view}'
        f'</sheetView></sheetViews><cols>{columns}</cols><sheetData><row r="1">{head}</row>{body}</sheetData>'
        f'<autoFilter ref="A1:E{len(marks) + 1}"/>'
        + (f"<hyperlinks>{links}</hyperlinks>" if links else "")
        + "</worksheet>"
    )


def _row(number: int, mark: Mark) -> str:
    texts = (mark.sheet, mark.address, mark.text, mark.problem, mark.suggestion)
    return f'<row r="{number}">' + "".join(_text("ABCDE"[at], number, text) for at, text in enumerate(texts)) + "</row>"


def _text(letter: str, number: int, text: str, more: str = "") -> str:
    if not text:
        return ""
    shown = xml(text[:_LONGEST_TEXT])
    return f'<c r="{letter}{number}"{more} t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _link(number: int, mark: Mark) -> str:
    location = "'{}'!{}".format(mark.sheet.replace("'", "''"), mark.address)
    return f'<hyperlink ref="B{number}" location="{xml(location)}" display="{mark.address}"/>'
