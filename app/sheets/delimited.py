"""CSV: encodings and delimiters as they come out of Chinese offices. Every field stays text, exactly as written."""

from __future__ import annotations

import csv
import io

from app.sheets import refusals
from app.sheets.cells import SheetData
from app.sheets.limits import Limits

DELIMITERS = (",", "\t", ";")


def read_delimited(content: bytes, name: str, limits: Limits) -> SheetData:
    """Return the one sheet of a CSV file; raise ``NotATable`` when it cannot be told apart into rows and columns."""
    text = decode(content)
    if not text.strip():
        raise refusals.empty()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    grid: list[tuple[str | None, ...]] = []
    cells = 0
    try:
        for record in reader:
            cells += len(record)
            if len(grid) >= limits.rows or len(record) > limits.columns or cells > limits.cells:
                raise refusals.too_wide()
            # a record that spans several lines keeps the number of its first line; the rest stays blank
            grid.append(tuple(field if field else None for field in record))
    except csv.Error:
        raise refusals.broken_quotes(reader.line_num) from None
    return SheetData(name, tuple(grid), declared_rows=len(grid))


def decode(content: bytes) -> str:
    """Decode UTF-8 (with or without mark), UTF-16 with mark, else GB18030, which holds GBK and GB2312."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _decoded(content, encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(content, "gb18030")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise refusals.undecodable(content[: error.start].count(b"\n") + 1) from None


def delimiter_of(text: str) -> str:
    """Return the delimiter that divides the first lines most evenly; a comma when none does."""
    lines = [line for line in text.splitlines()[:50] if line.strip()][:20]

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = [_outside_quotes(line, delimiter) for line in lines]
        head = counts[0] if counts else 0
        return (sum(count == head for count in counts) if head else 0, head)

    return max(DELIMITERS, key=evenness)


def _outside_quotes(line: str, delimiter: str) -> int:
    return sum(part.count(delimiter) for part in line.split('"')[::2])
