"""Rows of plain numbers, seen through by one look at all their cells (pure).

Most rows of most tables are such rows. What one look cannot tell is read cell by cell (``rows.RowReader.read``), with
the same result: the look only knows texts that reading would take as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from itertools import compress
from operator import itemgetter
from typing import NamedTuple

from app.core.bulk import Written
from app.imports.cells.entry import Entry
from app.imports.cells.figures import PLAIN_LENGTH
from app.imports.cells.kept import written
from app.imports.cells.rows import NoData, RowReader
from app.sheets.cells import Row, Shape, letters
from app.sheets.values import raw_of

MOST_SHAPES = 2_000
_quoted: Callable[[str], str] = json.JSONEncoder(ensure_ascii=False).encode
_NOWHERE = ""


class Seen(NamedTuple):
    """A row that one look understood: its cells by letter, the same as JSON, what it says."""

    cells: dict[str, str]
    written: Written
    content: Entry | NoData


class _Alike:
    """What is the same for all rows of one shape: where the figures stand, which cells to turn, how to write them."""

    __slots__ = ("figures", "kinds", "letters", "numbers", "quoted", "strings", "sure", "template", "turned")

    def __init__(self, shape: Shape, reader: RowReader) -> None:
        self.letters = tuple(letters(column) for column in shape.columns)
        self.kinds = shape.kinds
        at = {letter: place for place, letter in enumerate(self.letters)}
        behind = len(self.letters)
        wanted = [at.get(letter, behind) for letter in reader.columns.letters]
        plain = [place not in reader.never_plain for place in range(len(wanted))]
        sure = {place for place, is_plain in zip(wanted, plain, strict=True) if is_plain and place < behind}
        self.sure = tuple(sure)
        self.figures = _picker(wanted)
        self.numbers = _picker(list(compress(wanted, plain)))
        self.turned = [
            (place, kind) for place, kind in enumerate(shape.kinds)
            if kind not in "sn" or (kind == "n" and place not in sure)
        ]  # fmt: skip
        self.strings = [place for place, kind in enumerate(shape.kinds) if kind == "s"]
        self.quoted = [place for place in range(behind) if place not in sure]
        quotes = ["%s" if place in set(self.quoted) else '"%s"' for place in range(behind)]
        self.template = "{" + ",".join(f'"{one}":{text}' for one, text in zip(self.letters, quotes, strict=True)) + "}"

    def bring_into_form(self, texts: list[str]) -> bool:
        """Turn what is neither text nor number, blank what holds nothing but blanks; tell whether any cell does."""
        for place, kind in self.turned:
            texts[place] = raw_of(kind, texts[place])
        has_gaps = False
        for place in self.strings:
            if not texts[place] or texts[place].isspace():
                texts[place], has_gaps = _NOWHERE, True
        return has_gaps

    def rounded(self, texts: list[str]) -> tuple[str, ...]:
        """Round long numbers as spreadsheets show them, and return the numbers."""
        for place in self.sure:
            if len(texts[place]) > PLAIN_LENGTH:
                texts[place] = raw_of(self.kinds[place], texts[place])
        return self.numbers(texts)


def _picker(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda texts: tuple(texts[place] for place in places)


class PlainRows:
    """Reads the rows of one sheet at a glance, as far as that is possible."""

    def __init__(self, reader: RowReader) -> None:
        self._reader = reader
        self._pattern = re.compile("\t".join(pattern for pattern in reader.patterns if pattern))
        self._shapes: dict[Shape, _Alike] = {}

    def look(self, row: Row) -> Seen | None:
        """Return what a row says, None when it must be read cell by cell."""
        packed = row.packed_cells
        if packed is None:
            return None
        alike = self._shapes.get(packed.shape) or self._alike(packed.shape)
        texts = [*packed.texts, _NOWHERE]
        has_gaps = alike.bring_into_form(texts)
        numbers = alike.numbers(texts)
        if len(max(numbers, key=len, default="")) > PLAIN_LENGTH:
            numbers = alike.rounded(texts)
        if self._pattern.fullmatch("\t".join(numbers)) is None or not any(numbers):
            return None
        cells = dict(zip(alike.letters, texts, strict=False))
        if has_gaps:
            cells = {letter: text for letter, text in cells.items() if text}
        content = self._reader.read_plain(row.number, cells, alike.figures(texts))
        if content is None:
            return None
        return Seen(cells, written(cells) if has_gaps else _written(alike, texts), content)

    def _alike(self, shape: Shape) -> _Alike:
        if len(self._shapes) >= MOST_SHAPES:
            self._shapes.clear()
        found = self._shapes[shape] = _Alike(shape, self._reader)
        return found


def _written(alike: _Alike, texts: list[str]) -> Written:
    texts.pop()
    for place in alike.quoted:
        texts[place] = _quoted(texts[place])
    return Written(alike.template % tuple(texts))
