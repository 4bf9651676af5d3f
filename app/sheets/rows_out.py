"""Records as the rows of a sheet's XML, block by block: a table of any length is written without being held.

Every text is an inline string, which a spreadsheet shows and never runs; every number is written with its own digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from app.core.clock import local
from app.core.rounding import decimals, rounded
from app.sheets.cells import letters
from app.sheets.columns import Column, ColumnKind

MOST_ROWS = 1_048_576
_MAX_DIGITS = 15
_LONGEST = 32_767
_BLOCK = 500
_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_EDGE = re.compile(r"^\s|\s\Z|[\t\n]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_FIRST_DAY = date(1899, 12, 30)


class RowsOut:
    """Writes records below a header. ``last`` is the row written last, counted from 1."""

    def __init__(self, columns: Sequence[Column], styles: Sequence[str], header: int) -> None:
        self.last = header
        self._columns = [
            (column.key, letters(place), style, column.kind is ColumnKind.CODE)
            for place, (column, style) in enumerate(zip(columns, styles, strict=True), start=1)
        ]

    def blocks(self, rows: Iterable[Mapping[str, object]]) -> Iterator[bytes]:
        """Yield the XML of all rows. Raises ``ValueError`` when they are more than a sheet can hold."""
        block: list[str] = []
        for row in rows:
            self.last += 1
            block.append(self._row(row))
            if len(block) == _BLOCK:
                yield "".join(block).encode()
                block = []
        if self.last > MOST_ROWS:
            raise ValueError(f"{self.last} rows do not fit into a sheet")
        yield "".join(block).encode()

    def _row(self, row: Mapping[str, object]) -> str:
        number = self.last
        parts = [f'<row r="{number}">']
        for key, letter, style, is_code in self._columns:
            value = row.get(key)
            if value is None:
                parts.append(f'<c r="{letter}{number}" s="{style}"/>')
            elif value.__class__ is str:
                parts.append(text_cell(f"{letter}{number}", value, style))
            elif (digits := None if is_code else number_text(value)) is not None:
                parts.append(f'<c r="{letter}{number}" s="{style}"><v>{digits}</v></c>')
            else:
                parts.append(text_cell(f"{letter}{number}", shown(value), style))
        parts.append("</row>")
        return "".join(parts)


def text_cell(place: str, text: str, style: str) -> str:
    """Return a cell that holds a text, whatever that begins with."""
    text = text[:_LONGEST]
    if _SPECIAL.search(text):
        text = _SPECIAL.sub(_escaped, text)
    kept = ' xml:space="preserve"' if _EDGE.search(text) else ""
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t{kept}>{text}</t></is></c>'


def _escaped(found: re.Match[str]) -> str:
    text = found[0]
    if text in _ENTITIES:
        return _ENTITIES[text]
    if text == "_":
        # a text that looks like an escape: its first sign is escaped, so that it is read back as it was
        return "_x005F_"
    return "\ufffd" if 0xD800 <= ord(text) <= 0xDFFF else f"_x{ord(text):04X}_"


def number_text(value: object) -> str | None:
    """Return a number or date as a sheet keeps it; None for a text, or a number that Excel would cut short."""
    if value.__class__ is Decimal or value.__class__ is int:
        text = str(value)
        if len(text) <= _MAX_DIGITS and "E" not in text and text[-1].isdecimal():
            return text
    if isinstance(value, bool | Enum):
        return None
    if isinstance(value, float):
        return repr(value) if abs(value) < 1e300 and value == value else None
    if isinstance(value, int | Decimal | Fraction):
        return _exact(value)
    if isinstance(value, date) and not isinstance(value, datetime) and value.year >= 1900:
        days = (value - _FIRST_DAY).days
        return str(days if days > 60 else days - 1)
    return None


def _exact(value: int | Decimal | Fraction) -> str | None:
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    number = rounded(value, decimals(value))
    if len(number.normalize().as_tuple().digits) > _MAX_DIGITS:
        # a fraction has no end anyway; a number that was stated is written as text rather than cut
        return f"{number:.{_MAX_DIGITS}g}" if isinstance(value, Fraction) else None
    return format(number.normalize(), "f")


def shown(value: object) -> str:
    """Return what a cell shows that is neither number nor date."""
    if isinstance(value, Enum):
        value = getattr(value, "label", value.value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return format(rounded(value, decimals(value)) if value.is_finite() else value, "f")
    return str(value)
