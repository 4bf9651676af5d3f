"""The records of an .xls (MS-XLS), for what calamine does not tell: errors, percentages, hidden rows, and the rows that
hold something, counted a second time so that none can be lost on the way."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.sheets.binary.codes import error
from app.sheets.cells import letters
from app.sheets.ooxml.refused import RefusedError
from app.sheets.ooxml.styles import BUILT_IN, kind_of_format

_BOF, _EOF, _SHEET, _LOCKED, _FORMAT, _STYLE, _ROW, _COLUMNS = 0x809, 0x0A, 0x85, 0x2F, 0x41E, 0xE0, 0x208, 0x7D
_DAYS = 0x22
_FORMULA, _ERROR, _MANY = 0x06, 0x205, 0xBD
_FILLED = frozenset({0xFD, 0x204, 0xD6, 0x203, 0x27E, _ERROR, _FORMULA, _MANY})
_NUMBERS = frozenset({0x203, 0x27E, _FORMULA})
_STATES = {0: "visible", 1: "hidden", 2: "very_hidden"}


@dataclass(slots=True)
class SheetFacts:
    """What the records of one worksheet tell.

    ``errors`` stand by row and column; ``certain`` are rows that hold a number, a truth or an error.
    """

    name: str
    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    shares: set[tuple[int, int]] = field(default_factory=set)
    certain: set[int] = field(default_factory=set)
    declared: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)
    is_1904: bool = False


def sheet_facts(stream: bytes) -> list[SheetFacts]:
    """Return the facts of every worksheet, in order. Raises ``RefusedError``."""
    offsets, formats = _globals(stream)
    is_1904 = any(kind == _DAYS and body[:1] == b"\x01" for kind, body in _records(stream, 0))
    return [replace(_sheet(stream, offset, name, formats), is_1904=is_1904) for offset, name in offsets]


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of one substream, up to its end; embedded charts are stepped over."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + size]
        if len(body) < size:
            break
        at += 4 + size
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, body
    raise RefusedError("damaged")


def _globals(stream: bytes) -> tuple[list[tuple[int, str]], list[str]]:
    offsets: list[tuple[int, str]] = []
    own: dict[int, str] = {}
    formats: list[str] = []
    is_new = struct.unpack_from("<H", stream, 4)[0] >= 0x600
    for kind, body in _records(stream, 0):
        if kind == _LOCKED:
            raise RefusedError("password")
        if kind == _SHEET and body[5] == 0:
            offsets.append((struct.unpack_from("<I", body)[0], _name(body, is_new)))
        elif kind == _FORMAT and is_new:
            own[struct.unpack_from("<H", body)[0]] = kind_of_format(_unicode(body, 2))
        elif kind == _STYLE:
            number = struct.unpack_from("<H", body, 2)[0]
            formats.append(own.get(number) or BUILT_IN.get(number, "n"))
    return offsets, formats


def _name(body: bytes, is_new: bool) -> str:
    if not is_new:
        return body[7 : 7 + body[6]].decode("gbk", "replace")
    return _characters(body, 8, body[6], body[7])


def _unicode(body: bytes, at: int) -> str:
    return _characters(body, at + 3, struct.unpack_from("<H", body, at)[0], body[at + 2])


def _characters(body: bytes, at: int, count: int, flags: int) -> str:
    if flags & 1:
        return body[at : at + 2 * count].decode("utf-16-le", "replace")
    return body[at : at + count].decode("latin-1")


def _sheet(stream: bytes, offset: int, name: str, formats: list[str]) -> SheetFacts:
    facts = SheetFacts(name)
    for kind, body in _records(stream, offset):
        if kind == _ROW:
            facts.declared += 1
            if body[12] & 0x20:
                facts.hidden_rows.append(struct.unpack_from("<H", body)[0] + 1)
        elif kind == _COLUMNS and body[8] & 1:
            first, last = struct.unpack_from("<HH", body)
            facts.hidden_columns.extend(letters(number + 1) for number in range(first, min(last, 255) + 1))
        elif kind in _FILLED:
            _cell(facts, kind, body, formats)
    return facts


def _cell(facts: SheetFacts, kind: int, body: bytes, formats: list[str]) -> None:
    row, column, style = struct.unpack_from("<HHH", body)
    if kind == _MANY:
        _many(facts, body, formats)
        return
    if kind == _ERROR and body[7]:
        facts.errors.setdefault(row + 1, {})[column + 1] = error(body[6])
    elif kind == _FORMULA and body[12:14] == b"\xff\xff":
        if body[6] != 2:
            return
        facts.errors.setdefault(row + 1, {})[column + 1] = error(body[8])
    elif kind in _NUMBERS and _is_share(formats, style):
        facts.shares.add((row + 1, column + 1))
    if kind in _NUMBERS or kind == _ERROR:
        facts.certain.add(row + 1)


def _many(facts: SheetFacts, body: bytes, formats: list[str]) -> None:
    row, column = struct.unpack_from("<HH", body)
    facts.certain.add(row + 1)
    for place in range((len(body) - 6) // 6):
        if _is_share(formats, struct.unpack_from("<H", body, 4 + 6 * place)[0]):
            facts.shares.add((row + 1, column + 1 + place))


def _is_share(formats: list[str], style: int) -> bool:
    return style < len(formats) and formats[style] == "p"
