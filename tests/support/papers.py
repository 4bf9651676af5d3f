"""What a PDF says, read back: its words, and whether they stand on the paper."""

from __future__ import annotations

import io
import re
import unicodedata
from typing import Any

from pypdf import PdfReader

from app.documents import fonts, signs
from app.documents.sources import Sources

LIVELY = ("/JavaScript", "/JS", "/Launch", "/SubmitForm", "/ImportData", "/EmbeddedFiles", "/RichMedia", "/AcroForm")
_CODE = re.compile(r"\[(U\+[0-9A-F]{4,6}(?:×[0-9]+)?)\]")
_ENDS = dict.fromkeys(map(ord, "\xad—·•…"))


def words_of(content: bytes) -> str:
    """The whole text of a PDF without blanks: it breaks lines where a page does not."""
    return read_back(content)[0]


def read_back(content: bytes) -> tuple[str, list[str]]:
    """The whole text of a PDF without blanks, and the pieces of it that stand outside the margins of a page.

    The foot and the head of a page are inside.
    """
    placed: list[tuple[str, float, float]] = []

    def visit(text: str, matrix: list[float], text_matrix: list[float], _font: Any, _size: Any) -> None:
        if text.strip():
            x, y = text_matrix[4], text_matrix[5]
            placed.append((text, matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]))

    pages = PdfReader(io.BytesIO(content)).pages
    told = "".join("".join(page.extract_text(visitor_text=visit) for page in pages).split())
    return told, [text for text, x, y in placed if not (40 < x < 560 and 25 < y < 815)]


def as_read(text: str) -> str:
    """A text as it is read back: without blanks; a font draws some letters and some signs as one."""
    whole = _CODE.sub(r"\1", "".join(text.split()))
    return "".join(unicodedata.normalize("NFKC", whole).translate(_ENDS).split())


def as_drawn(text: str) -> str:
    """A text as paper shows it: what cannot be drawn by its code."""
    return "".join(run or piece for piece, run in signs.pieces(text, fonts.covered(Sources().fonts)))
