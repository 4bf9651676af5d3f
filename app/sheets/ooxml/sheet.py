"""One sheet of an .xlsx as a stream: rows one after the other, and what stands around them."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from app.sheets.cells import letters
from app.sheets.ooxml.cells import Reader
from app.sheets.ooxml.parts import Package, SheetPart
from app.sheets.ooxml.refused import RefusedError

_LONGEST_HEAD = _LONGEST_ROW = 8 * 1024**2
_NUMBER = re.compile(r"""\br=["'](\d{1,7})["']""")
_HIDDEN = re.compile(r"""\bhidden=["'](?:1|true)["']""")
_MERGED = re.compile(r"""<(?:\w+:)?mergeCell\b[^>]*\bref=["']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})["']""")
_COLUMN = re.compile(r"""<(?:\w+:)?col\b([^>]*)>""")
_SPAN = {side: re.compile(rf"""\b{side}=["'](\d{{1,5}})["']""") for side in ("min", "max")}
_ROOT = re.compile(r"<((?:\w+:)?)worksheet\b[^>]*>")
_DATA = re.compile(r"<(?:\w+:)?sheetData\b[^>]*?(/?)>")
_END = re.compile(r"</(?:\w+:)?worksheet\s*>|<(?:\w+:)?worksheet\b[^>]*/>")
MOST_MERGED = 20_000

FoundRow = tuple[int, tuple[int, ...], str, list[str]]
"""Number of the row, columns and kinds of its filled cells, their texts."""


@dataclass(slots=True)
class SheetStream:
    """Reads one sheet; ``rows`` has to be run to its end before the rest is known."""

    package: Package
    part: SheetPart
    strings: list[str]
    formats: list[str]
    declared: int = 0
    last: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    _rest: str = ""
    _prefix: str = ""
    _root: str = ""

    def rows(self) -> Iterator[FoundRow]:
        """Yield every row that holds something. Raises ``RefusedError`` with sheet and row."""
        blocks = self.package.text(self.part.path)
        try:
            if self._head(blocks):
                yield from self._data(blocks)
            self._tail(blocks)
        except RefusedError as error:
            raise RefusedError(error.code, self.part.name, error.row or self.last, error.column) from None
        except (ElementTree.ParseError, zipfile.BadZipFile, zlib.error, EOFError, ValueError):
            raise RefusedError("damaged", self.part.name, self.last) from None

    def _head(self, blocks: Iterator[str]) -> bool:
        """Read up to the rows; False when the sheet has none."""
        for block in blocks:
            self._rest += block
            found = _DATA.search(self._rest)
            if found is not None:
                break
            if len(self._rest) > _LONGEST_HEAD:
                raise RefusedError("damaged")
        else:
            return False
        root = _ROOT.search(self._rest)
        if root is None:
            raise RefusedError("damaged")
        self._root, self._prefix = root[0], root[1]
        self._hidden_columns(self._rest[: found.start()])
        self._rest = self._rest[found.end() :]
        return not found[1]

    def _hidden_columns(self, head: str) -> None:
        for column in _COLUMN.finditer(head):
            first, last = _SPAN["min"].search(column[1]), _SPAN["max"].search(column[1])
            if first and last and _HIDDEN.search(column[1]):
                span = range(int(first[1]), min(int(last[1]), 16_384) + 1)
                self.hidden_columns.extend(letters(number) for number in span)

    def _data(self, blocks: Iterator[str]) -> Iterator[FoundRow]:
        p = self._prefix
        reader = Reader(p, self._root, self.strings, self.formats)
        opening, closing, end, buffer = f"<{p}row", f"</{p}row>", f"</{p}sheetData>", self._rest
        begun = buffer.count(opening)
        while True:
            pieces = buffer.split(closing)
            buffer = pieces.pop()
            for piece in pieces:
                row = self._row(piece, reader)
                if row[1]:
                    yield row
            if (at := buffer.find(end)) >= 0:
                self._bare(buffer[:at])
                self._rest = buffer[at + len(end) :]
                if begun - self._rest.count(opening) != self.declared:
                    raise RefusedError("more")  # a second count, which knows nothing of how rows are read
                return
            block = next(blocks, None)
            if block is None or len(buffer) > _LONGEST_ROW:
                raise RefusedError("damaged")
            begun += (buffer[1 - len(opening) :] + block).count(opening)
            buffer += block

    def _row(self, piece: str, reader: Reader) -> FoundRow:
        opening = f"<{self._prefix}row"
        at = piece.rfind(opening)
        end = piece.find(">", at)
        if at < 0 or end < 0 or piece[end - 1] == "/":
            raise RefusedError("damaged")
        if at > 0:
            self._bare(piece[:at])
        number = self._numbered(piece[at + len(opening) : end])
        return (number, *reader.read(piece[end + 1 :]))

    def _bare(self, text: str) -> None:
        """Take rows without cells, which close themselves, and nothing else."""
        bare = re.compile(rf"\s*<{self._prefix}row\b([^<>]*)/>")
        at = 0
        while (found := bare.match(text, at)) is not None:
            self._numbered(found[1])
            at = found.end()
        if text[at:].strip():
            raise RefusedError("damaged")

    def _numbered(self, attributes: str) -> int:
        given = _NUMBER.search(attributes)
        number = int(given[1]) if given else self.last + 1
        if number <= self.last:
            raise RefusedError("twice", row=number)
        self.declared += 1
        self.last = number
        if "hidden" in attributes and _HIDDEN.search(attributes):
            self.hidden_rows.append(number)
        return number

    def _tail(self, blocks: Iterator[str]) -> None:
        """Read what follows the rows, keeping no more of it than a tag may be long."""
        rest, closed = self._rest, False
        more = re.compile(rf"<{self._prefix}row[\s/>]|<(?:\w+:)?sheetData\b")
        while True:
            if more.search(rest):
                raise RefusedError("more")
            ends = 0
            for found in _MERGED.finditer(rest):
                ends = found.end()
                if len(self.merged) < MOST_MERGED:
                    self.merged.append(found[1])
            closed = closed or _END.search(rest) is not None
            block = next(blocks, None)
            if block is None:
                break
            rest = rest[max(ends, len(rest) - 400) :] + block
        if not closed:
            raise RefusedError("damaged")
