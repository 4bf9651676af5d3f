"""CSV: encodings and delimiters as they come out of Chinese offices. Every field stays text, exactly as written."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from app.sheets import refusals
from app.sheets.cells import Row, Shape
from app.sheets.limits import Limits

DELIMITERS = (",", "\t", ";", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_BLOCK = 1 << 20
_SAMPLE = 1 << 16
_SEP = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_LIKELY = re.compile(r"[\x09\x0a\x0d\x20-\x7e\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_MULTI = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


class Delimited:
    """A CSV file that was gone through once and can be read again; raises ``NotATable`` when it is no table."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        self._content, self._limits = content, limits
        self._encoding = encoding_of(content)
        with self._text() as text:
            sample = text.read(_SAMPLE)
        if not sample.strip():
            raise refusals.empty()
        named = _SEP.match(sample)
        self._skipped = named.end() if named else 0
        self._delimiter = named[1] if named else delimiter_of(sample)
        self.height = self.width = 0
        for record in self._records():
            self.height += 1
            self.width = max(self.width, len(record))

    def rows(self, name: str) -> Iterator[Row]:
        """Give every record as a row of the sheet ``name``; one that spans several lines counts once, as in Excel."""
        shapes: dict[int, Shape] = {}
        for number, record in enumerate(self._records(), start=1):
            size = len(record)
            if size not in shapes:
                shapes[size] = Shape(tuple(range(1, size + 1)), "s" * size)
            yield Row.packed(number, name, shapes[size], record, size)

    def _text(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(io.BytesIO(self._content), encoding=self._encoding, newline="")

    def _records(self) -> Iterator[list[str]]:
        limits, rows, cells = self._limits, 0, 0
        with self._text() as text:
            text.read(self._skipped)
            reader = csv.reader(text, delimiter=self._delimiter, strict=True)
            try:
                for record in reader:
                    rows, cells = rows + 1, cells + len(record)
                    if rows > limits.rows or len(record) > limits.columns or cells > limits.cells:
                        raise refusals.too_wide()
                    yield record
            except csv.Error:
                raise refusals.broken_quotes(reader.line_num) from None


def encoding_of(content: bytes) -> str:
    """Return UTF-8 (with or without mark), UTF-16 (likewise), else GB18030, which holds GBK and GB2312.

    Raises ``NotATable`` with the line where none fits: a UTF-8 file with one broken character must not be read as
    GB18030, where every character would be another one.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _checked(content, encoding)
    if b"\x00" in content[:_SAMPLE]:
        return _checked(content, wide_encoding(content) or "utf-8")
    broken = _broken_at(content, "utf-8")
    if broken is None:
        return "utf-8"
    sound = sum(1 for _ in _MULTI.finditer(content[:broken]))
    if sound >= 20 or broken >= len(content) - 3:
        # almost all of it was UTF-8: it has been cut or damaged there
        raise refusals.undecodable(content[:broken].count(b"\n") + 1)
    return _checked(content, "gb18030")


def wide_encoding(content: bytes) -> str | None:
    """Return which UTF-16 a file without mark is in, by which of the two reads as Chinese and Latin text."""
    if len(content) % 2:
        return None
    head = content[:4_096]

    def likely(encoding: str) -> float:
        text = head.decode(encoding, "replace")
        return len(_LIKELY.findall(text)) / len(text)

    share, encoding = max((likely(encoding), encoding) for encoding in ("utf-16-le", "utf-16-be"))
    return encoding if share > 0.9 else None


def _checked(content: bytes, encoding: str) -> str:
    broken = _broken_at(content, encoding)
    if broken is not None:
        raise refusals.undecodable(content[:broken].count(b"\n") + 1)
    return encoding


def _broken_at(content: bytes, encoding: str) -> int | None:
    """Return where the content cannot be decoded, block by block so that no second copy of it stands in memory."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, max(len(content), 1), _BLOCK):
        kept = len(decoder.getstate()[0])
        try:
            decoder.decode(content[start : start + _BLOCK], final=start + _BLOCK >= len(content))
        except UnicodeDecodeError as error:
            return max(0, start - kept) + error.start
    return None


def delimiter_of(text: str) -> str:
    """Return the delimiter that divides the first lines most evenly; a comma when none does."""
    lines = [line for line in text.splitlines()[:50] if line.strip()][:20]

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = Counter(count for line in lines if (count := _outside_quotes(line, delimiter)))
        return max(((times, count) for count, times in counts.items()), default=(0, 0))

    return max(DELIMITERS, key=evenness)


def _outside_quotes(line: str, delimiter: str) -> int:
    return sum(part.count(delimiter) for part in line.split('"')[::2])
