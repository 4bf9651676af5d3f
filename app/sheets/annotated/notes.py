"""Comments of cells: the texts in one part, the boxes that show them in another (VML), as Excel wants it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.sheets.annotated.mark import Mark, xml

AUTHOR = "育企"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LIST_END = re.compile(r"</((?:\w+:)?)commentList>|<((?:\w+:)?)commentList\s*/>")
_REF = re.compile(r"""<(?:\w+:)?comment\b[^>]*\sref=["']([A-Z]{1,3}\d+)["']""")
_FIRST_SHAPE = 61_441
_OPENING = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="60"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" '
    'o:connecttype="rect"/></v:shapetype>'
)


def comments(marks: Sequence[Mark], own: str = "") -> str:
    """Return the part of comments; those that the user made in ``own`` stay, also where a cell is marked."""
    taken = set(_REF.findall(own))
    found = _LIST_END.search(own)
    p = (found[1] or found[2] or "") if found else ""
    entries = "".join(
        f'<{p}comment ref="{mark.address}" authorId="0"><{p}text><{p}r><{p}t xml:space="preserve">{xml(mark.comment)}'
        f"</{p}t></{p}r></{p}text></{p}comment>"
        for mark in marks
        if mark.address not in taken
    )
    if found is None:
        listed = f"<authors><author>{AUTHOR}</author></authors><commentList>{entries}</commentList>"
        return f'{_HEAD}<comments xmlns="{_MAIN}">{listed}</comments>'
    opening = f"<{p}commentList>" if found[1] is None else ""
    return f"{own[: found.start()]}{opening}{entries}</{p}commentList>{own[found.end() :]}"


def boxes(marks: Sequence[Mark], own: str = "", own_comments: str = "") -> str:
    """Return the drawing with a hidden box for every comment, beside those in ``own``."""
    taken = set(_REF.findall(own_comments))
    shapes = "".join(_box(at, mark) for at, mark in enumerate(marks, _FIRST_SHAPE) if mark.address not in taken)
    end = own.rfind("</xml>")
    if end < 0:
        return f"{_OPENING}{shapes}</xml>"
    return own[:end] + shapes + own[end:]


def _box(number: int, mark: Mark) -> str:
    row, column = mark.place
    height = 4 + len(mark.comment) // 24
    anchor = f"{column}, 12, {max(row - 2, 0)}, 8, {column + 4}, 12, {max(row - 2, 0) + height}, 8"
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;'
        'width:240pt;height:80pt;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
        '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note"><x:MoveWithCells/>'
        f"<x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData></v:shape>"
    )
