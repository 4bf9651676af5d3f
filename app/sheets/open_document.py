"""An .ods read as a stream: one row of content.xml after the other, repeated cells and rows written out."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from app.sheets.cells import letters
from app.sheets.numbers import ERRORS
from app.sheets.ooxml.parts import local
from app.sheets.ooxml.refused import RefusedError
from app.sheets.spool import Spool

_MOST_COLUMNS, _MOST_ROWS = 16_384, 1_048_576
_SPAN = re.compile(r"(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?\Z")
_BUSY, _TEXTS = {"covered-table-cell", "table-cell"}, {"p", "h", "list"}
_VALUES = {
    "float": ("n", "value"), "currency": ("n", "value"), "percentage": ("p", "value"), "date": ("i", "date-value"),
    "time": ("h", "time-value"), "boolean": ("b", "boolean-value"),
}  # fmt: skip
"""By type: the kind of a value (``values.READ``) and the attribute that holds it."""
Found = list[tuple[int, str, str]]


def read_ods(archive: zipfile.ZipFile, spool: Spool) -> None:
    """Read every sheet into ``spool``. Raises ``RefusedError``, or ``ParseError`` where the XML breaks."""
    with archive.open("content.xml") as part:
        head = part.read(4_096)
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise RefusedError("damaged")
    with archive.open("content.xml") as part:
        _Reader(spool).read(ElementTree.iterparse(part, ("start", "end")))  # noqa: S314 - entities were refused above


@dataclass(slots=True)
class _Reader:
    """Follows the parser; ``_depth`` tells a table inside a cell from one that is a sheet."""

    spool: Spool
    _hidden_styles: set[str] = field(default_factory=set)
    _depth: int = 0
    _name: str = ""
    _state: str = "visible"
    _number: int = 0
    _column: int = 0
    _hidden_rows: list[int] = field(default_factory=list)
    _hidden_columns: list[str] = field(default_factory=list)
    _merged: list[str] = field(default_factory=list)

    def read(self, events: Iterator[tuple[str, ElementTree.Element]]) -> None:
        for event, node in events:
            name = local(node.tag)
            if event == "start":
                if name == "table" and node.tag.endswith("table:1.0}table"):
                    self._begin(node)
            elif name == "style":
                self._style(node)
            elif name == "table" and node.tag.endswith("table:1.0}table"):
                self._end()
                node.clear()
            elif self._depth == 1 and name == "table-column":
                self._columns(node)
            elif name == "table-row":
                self._row(node)
                node.clear()

    def _begin(self, node: ElementTree.Element) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        attributes = _plain(node)
        self._name = attributes.get("name", "")
        self._state = "hidden" if attributes.get("style-name") in self._hidden_styles else "visible"
        self._number = self._column = 0
        self._hidden_rows, self._hidden_columns, self._merged = [], [], []
        self.spool.begin(self._name)

    def _end(self) -> None:
        self._depth -= 1
        if self._depth:
            return
        self.spool.end(
            visibility=self._state,
            declared=None,
            merged=self._merged,
            hidden_rows=self._hidden_rows[:20_000],
            hidden_columns=self._hidden_columns,
        )

    def _style(self, node: ElementTree.Element) -> None:
        about = _plain(node)
        if about.get("family") == "table" and any(_plain(part).get("display") == "false" for part in node):
            self._hidden_styles.add(about.get("name", ""))
        node.clear()

    def _columns(self, node: ElementTree.Element) -> None:
        about = _plain(node)
        times = _times(about, "number-columns-repeated", _MOST_COLUMNS)
        if about.get("visibility") in ("collapse", "filter"):
            span = range(self._column + 1, min(self._column + times, _MOST_COLUMNS) + 1)
            self._hidden_columns.extend(letters(number) for number in span)
        self._column += times

    def _row(self, node: ElementTree.Element) -> None:
        if self._depth != 1:
            self._must_be_empty(node)
            return
        about = _plain(node)
        times = _times(about, "number-rows-repeated", _MOST_ROWS)
        found = self._cells(node)
        if found:
            # a filled row that repeats stands for that many rows; past the limit the spool ends the reading
            columns, kinds, texts = zip(*found, strict=True)
            for number in range(self._number + 1, self._number + times + 1):
                self.spool.row(number, columns, "".join(kinds), list(texts))
        if about.get("visibility") in ("collapse", "filter") and times < _MOST_COLUMNS:
            self._hidden_rows.extend(range(self._number + 1, self._number + times + 1))
        self._number += times

    def _cells(self, row: ElementTree.Element) -> Found:
        found: Found = []
        column = 0
        for node in row:
            if local(node.tag) not in _BUSY:
                self._must_be_empty(node)
                continue
            about = _plain(node)
            times = _times(about, "number-columns-repeated", _MOST_COLUMNS)
            kind, text = _content(node, about)
            if text:
                if column + times > _MOST_COLUMNS:
                    raise RefusedError("wide", self._name, self._number + 1, column + 1)
                found.extend((column + place, kind, text) for place in range(1, times + 1))
            self._spanned(about, column + 1)
            column += times
        return found

    def _must_be_empty(self, node: ElementTree.Element) -> None:
        """Pass over what is no row or cell of the sheet (a table inside a cell), unless something stands in it."""
        if any(text.strip() for text in node.itertext()):
            raise RefusedError("lost", self._name, self._number + 1)

    def _spanned(self, about: dict[str, str], column: int) -> None:
        right = _times(about, "number-columns-spanned", _MOST_COLUMNS)
        down = _times(about, "number-rows-spanned", _MOST_ROWS)
        if (right > 1 or down > 1) and len(self._merged) < 20_000:
            top = self._number + 1
            self._merged.append(f"{letters(column)}{top}:{letters(column + right - 1)}{top + down - 1}")


def _plain(node: ElementTree.Element) -> dict[str, str]:
    return {local(key): value for key, value in node.attrib.items()}


def _times(about: dict[str, str], key: str, most: int) -> int:
    text = about.get(key, "1")
    return min(max(int(text), 1), most) if text.isdecimal() else 1


def _content(node: ElementTree.Element, about: dict[str, str]) -> tuple[str, str]:
    """Return kind and text of a cell (``values.READ``): its value, or what it shows where it has none."""
    kind, key = _VALUES.get(about.get("value-type", ""), ("s", "string-value"))
    if value := about.get(key, ""):
        return kind, _days(value) if kind == "h" else str(int(value == "true")) if kind == "b" else value
    text = "\n".join(_paragraph(part) for part in node if local(part.tag) in _TEXTS)
    return ("e", text) if text in ERRORS else ("s", text)


def _paragraph(node: ElementTree.Element) -> str:
    """Return the text of a paragraph with its runs, blanks and breaks; a note beside it is none of it."""
    parts = [node.text or ""]
    for child in node:
        match local(child.tag):
            case "s":
                parts.append(" " * _times(_plain(child), "c", 1_000))
            case "tab":
                parts.append("\t")
            case "line-break":
                parts.append("\n")
            case "annotation":
                pass
            case _:
                parts.append(_paragraph(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _days(text: str) -> str:
    found = _SPAN.match(text)
    if found is None:
        return text
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    return repr((days * 86_400 + hours * 3_600 + minutes * 60 + seconds) / 86_400 * (-1 if found[1] else 1))
