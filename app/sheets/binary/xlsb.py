"""An .xlsb read as a stream of records (MS-XLSB): cells, errors, formats, hidden rows and columns, merged ranges."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO

from app.sheets.binary.codes import as_text, error, packed_number
from app.sheets.cells import letters
from app.sheets.ooxml.parts import Package
from app.sheets.ooxml.refused import RefusedError
from app.sheets.ooxml.styles import BUILT_IN, kind_of_format
from app.sheets.spool import Spool

_ROW, _LAST_CELL, _LAST_SHORT_CELL = 0, 11, 18
"""Cells that leave their column out (12 to 18) are in the standard, but no program is known to write them."""
_ITEM, _FORMAT, _STYLE, _COLUMNS = 19, 44, 47, 60
_BOOK, _SHEET, _DATA_END, _MERGED = 153, 156, 146, 176
_STYLES_BEGIN, _STYLES_END, _SHEET_END = 617, 618, 130
_STATES = {0: "visible", 1: "hidden", 2: "very_hidden"}
_LONGEST = 16 * 1024**2

Record = tuple[int, bytes]


def read_xlsb(package: Package, spool: Spool) -> None:
    """Read every worksheet into ``spool``. Raises ``RefusedError``."""
    is_1904, sheets = _book(package)
    strings, formats = _strings(package), _formats(package, is_1904)
    for name, state, path in sheets:
        sheet = _Sheet(strings, formats)
        spool.begin(name)
        try:
            for row in sheet.rows(_records(package, path)):
                spool.row(*row)
        except (RefusedError, struct.error, LookupError, UnicodeDecodeError) as found:
            code, column = (found.code, found.column) if isinstance(found, RefusedError) else ("damaged", 0)
            raise RefusedError(code, name, sheet.last, column) from None
        spool.end(
            visibility=state,
            declared=sheet.declared,
            merged=sheet.merged,
            hidden_rows=sheet.hidden_rows,
            hidden_columns=sheet.hidden_columns,
            is_1904=is_1904,
        )


@dataclass(slots=True)
class _Sheet:
    strings: list[str]
    formats: list[str]
    declared: int = 0
    last: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)

    def rows(self, records: Iterator[Record]) -> Iterator[tuple[int, tuple[int, ...], str, list[str]]]:
        number = 0
        found: list[tuple[int, str, str]] = []
        for kind, body in records:
            if kind in (_ROW, _DATA_END):
                if found:
                    yield _listed(number, found)
                number, found = self._row(body) if kind == _ROW else -1, []
            elif kind <= _LAST_CELL:
                found.extend(self._cell(kind, body))
            elif kind <= _LAST_SHORT_CELL:
                raise RefusedError("lost")
            else:
                self._around(kind, body)
        if number != -1:
            raise RefusedError("damaged")

    def _row(self, body: bytes) -> int:
        number = struct.unpack_from("<I", body)[0] + 1
        if number <= self.last:
            raise RefusedError("twice", row=number)
        self.declared += 1
        self.last = number
        if body[11] & 0x10:
            self.hidden_rows.append(number)
        return int(number)

    def _cell(self, kind: int, body: bytes) -> list[tuple[int, str, str]]:
        column, style = struct.unpack_from("<II", body)
        style &= 0xFFFFFF
        read = _CELLS.get(kind)
        if read is None:
            return []
        code, text = read(body)
        if code == "S":
            if int(text) >= len(self.strings):
                raise RefusedError("damaged", column=column + 1)
            code, text = "s", self.strings[int(text)]
        elif code == "n" and style < len(self.formats):
            code = self.formats[style]
        return [(column + 1, code, text)] if text else []

    def _around(self, kind: int, body: bytes) -> None:
        if kind == _MERGED and len(self.merged) < 20_000:
            top, bottom, left, right = struct.unpack_from("<4I", body)
            self.merged.append(f"{letters(left + 1)}{top + 1}:{letters(right + 1)}{bottom + 1}")
        elif kind == _COLUMNS and struct.unpack_from("<H", body, 16)[0] & 1:
            first, last = struct.unpack_from("<II", body)
            self.hidden_columns.extend(letters(number + 1) for number in range(first, min(last, 16_383) + 1))


def _listed(number: int, found: list[tuple[int, str, str]]) -> tuple[int, tuple[int, ...], str, list[str]]:
    columns = tuple(column for column, _kind, _text in found)
    if (twice := next((b for a, b in pairwise(columns) if b <= a), None)) is not None:
        raise RefusedError("twice", row=number, column=twice)
    return number, columns, "".join(kind for _column, kind, _text in found), [text for *_place, text in found]


def _wide(body: bytes, at: int) -> str:
    size = struct.unpack_from("<I", body, at)[0]
    if at + 4 + 2 * size > len(body):
        raise RefusedError("damaged")
    return body[at + 4 : at + 4 + 2 * size].decode("utf-16-le")


def _real(body: bytes) -> tuple[str, str]:
    return "n", as_text(struct.unpack_from("<d", body, 8)[0])


def _truth(body: bytes) -> tuple[str, str]:
    return "b", str(body[8])


def _error(body: bytes) -> tuple[str, str]:
    return "e", error(body[8])


def _text(body: bytes) -> tuple[str, str]:
    return "s", _wide(body, 8)


_CELLS: dict[int, Callable[[bytes], tuple[str, str]]] = {
    2: lambda body: ("n", as_text(packed_number(body[8:12]))),
    3: _error, 4: _truth, 5: _real, 6: _text,
    7: lambda body: ("S", str(struct.unpack_from("<I", body, 8)[0])),
    8: _text, 9: _real, 10: _truth, 11: _error,
}  # fmt: skip


def _records(package: Package, path: str) -> Iterator[Record]:
    """Yield kind and content of every record. Raises ``RefusedError`` when the part ends inside of one."""
    with package.open(path) as part:
        while (kind := _kind(part)) is not None:
            size = _size(part)
            body = part.read(size)
            if len(body) != size:
                raise RefusedError("damaged")
            yield kind, body


def _kind(part: IO[bytes]) -> int | None:
    first = part.read(1)
    if not first:
        return None
    if first[0] < 0x80:
        return first[0]
    second = part.read(1)
    if not second:
        raise RefusedError("damaged")
    return first[0] & 0x7F | second[0] << 7


def _size(part: IO[bytes]) -> int:
    size = 0
    for place in range(4):
        byte = part.read(1)
        if not byte:
            raise RefusedError("damaged")
        size |= (byte[0] & 0x7F) << 7 * place
        if byte[0] < 0x80:
            break
    if size > _LONGEST:
        raise RefusedError("damaged")
    return size


def _book(package: Package) -> tuple[bool, list[tuple[str, str, str]]]:
    is_1904, sheets = False, []
    for kind, body in _records(package, package.workbook):
        if kind == _BOOK:
            is_1904 = bool(body[0] & 1)
        elif kind == _SHEET:
            state = struct.unpack_from("<I", body)[0]
            link = _wide(body, 8) if body[8:12] != b"\xff\xff\xff\xff" else ""
            name = _wide(body, 12 + 2 * len(link))
            if (path := package.worksheet(link, name)) is not None:
                sheets.append((name, _STATES.get(state, "visible"), path))
    return is_1904, sheets


def _strings(package: Package) -> list[str]:
    path = package.part_of("sharedStrings")
    return [] if path is None else [_wide(body, 1) for kind, body in _records(package, path) if kind == _ITEM]


def _formats(package: Package, is_1904: bool) -> list[str]:
    path = package.part_of("styles")
    if path is None:
        return []
    own: dict[int, str] = {}
    kinds, inside = [], False
    for kind, body in _records(package, path):
        if kind == _FORMAT:
            own[struct.unpack_from("<H", body)[0]] = kind_of_format(_wide(body, 2))
        elif kind in (_STYLES_BEGIN, _STYLES_END):
            inside = kind == _STYLES_BEGIN
        elif kind == _STYLE and inside:
            number = struct.unpack_from("<H", body, 2)[0]
            found = own.get(number) or BUILT_IN.get(number, "n")
            kinds.append("D" if is_1904 and found == "d" else found)
    return kinds
