"""The fonts documents are set in, and which characters they hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

from app.core.text import tr
from app.documents.strict import DocumentFault

FILES = ("NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf")
"""Static TTF: OTF makes larger files, WOFF2 and variable fonts cost seconds a document."""
_AROUND = 8


@dataclass(frozen=True, slots=True)
class Gap:
    """A character no font holds, and the text it stood in."""

    char: str
    context: str

    @property
    def code(self) -> str:
        """The code point, as U+20BB7."""
        return f"U+{ord(self.char):04X}"

    @property
    def shown(self) -> str:
        """The character, or its code for one that has no shape of its own."""
        return self.char if self.char.isprintable() else self.code


class MissingGlyph(DocumentFault):
    """The text holds characters that would print as empty boxes; ``gaps`` lists them."""

    def __init__(self, gaps: tuple[Gap, ...]) -> None:
        self.gaps = gaps
        told = "；".join(f"“{gap.shown}”（{gap.code}），见“{gap.context}”" for gap in gaps[:10])
        more = f"；另有 {len(gaps) - 10} 个" if len(gaps) > 10 else ""
        message = tr("字体中没有%(gaps)s。请核对原文，或改用通用规范汉字。", gaps=told + more)
        super().__init__(message)


def missing_fonts(folder: Path) -> list[str]:
    """Return the names of font files that ``folder`` lacks."""
    return [name for name in FILES if not (folder / name).is_file()]


def covered(folder: Path) -> frozenset[int]:
    """Return the code points that every font of ``folder`` holds. Read once for each version of the files."""
    if absent := missing_fonts(folder):
        raise DocumentFault(
            tr(
                "缺少字体文件 %(files)s（目录 %(folder)s），请重新运行安装脚本。",
                files="、".join(absent),
                folder=folder,
            )
        )
    stamp = tuple((folder / name).stat().st_mtime_ns for name in FILES)
    return _covered(folder, stamp)


@lru_cache(maxsize=4)
def _covered(folder: Path, stamp: tuple[int, ...]) -> frozenset[int]:
    tables = []
    for name in FILES:
        with TTFont(folder / name, lazy=True) as font:
            tables.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*tables)


def gaps(pieces: Iterable[str], folder: Path) -> tuple[Gap, ...]:
    """Return every character of ``pieces`` that the fonts lack, each once, with the text around its first place."""
    known, found = covered(folder), {}
    for piece in pieces:
        for char in set(piece):
            if char in "\n\r\t" or ord(char) in known or char in found:
                continue
            found[char] = Gap(char, _context(piece, piece.index(char)))
    return tuple(found[char] for char in sorted(found))


def _context(piece: str, at: int) -> str:
    start, end = max(0, at - _AROUND), at + _AROUND + 1
    shown = "".join(char if unicodedata.category(char)[0] != "C" else "□" for char in piece[start:end])
    text = " ".join(shown.split())
    return ("…" if start else "") + text + ("…" if end < len(piece) else "")
