"""Texts that break programs: every kind that a firm might type, paste or send (none of them is another's work).

``TEXTS`` are what a browser can send and the program must keep as it is; ``WITH_NUL`` it refuses; ``BROKEN`` are bytes
that are no text at all, which only a program sends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

_SPACES = (0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
_TURNED = (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNSEEN = (0xAD, 0x34F, 0x115F, 0x17B4, 0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0x2061, 0x3164, 0xFE00, 0xFE0F, 0xFEFF,
           0xFFA0, 0xFFF9, 0xFFFC, 0xE0001, 0xE0041, 0xE0100)  # fmt: skip
_NO_CHARACTERS = (0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x1FFFF, 0x10FFFE, 0x10FFFF)
_UNASSIGNED = (0x378, 0x2FE0, 0xE000, 0xF8FF, 0xF0000, 0x10FFFD, 0x30000, 0x323B0)
_LINES = ("甲\n乙", "甲\r乙", "甲\r\n乙", "\n甲", "甲\n", "\n", " ", "\t", "　", "\t甲\t乙", "  甲  ", "甲\n\n\n乙",
          "=甲\n=乙", "\n=1+1", "\t=1+1", "甲；乙；丙\n丁；；", "a\\\nb")  # fmt: skip
_LONG = ("a" * 5000, "字" * 4000, "😀" * 2500, "<b>" * 1500, "\u202e" * 1000, "a\u0301" * 1500, "\n" * 1500,
         "1" * 4999, "a b " * 1000, "'" * 4000, "&" * 4999, "[" * 3000 + "]" * 2000)  # fmt: skip
_TERMINAL = ("\x1b[31m红\x1b[0m", "\x1b]0;题\x07", "\x1b[2J\x1b[H", "\x9b31m", "\x1b]8;;//x.invalid\x1b\\按",
             "\x08\x08\x08", "\x1b[6n", "\x1bc", "\x0e乱", "甲\x7f乙")  # fmt: skip
_TURNINGS = ("\u202eabc", "\u202e<script>\u202c", "\u2066甲\u2069乙", "证明\u202efdp.exe", "\u202d1\u202c2",
             "\u200f=1+1", "\ufeff=1+1", "\u200b=1+1", "\ufeff零宽\u200b", "<\u200bscript>",
             "java\u00adscript:alert(1)", "e\u0301\u00e9", "\u212b\u00c5A\u030a", "\u1100\u1161\uac00")  # fmt: skip


def _written() -> Iterator[str]:
    for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("# "):
            yield line


def _with(points: Sequence[int]) -> Iterator[str]:
    """Each character in the middle of a text."""
    return (f"甲{chr(point)}乙" for point in points)


def _all() -> Iterator[str]:
    yield from _written()
    yield from _with(sorted({*range(0x01, 0x20), *range(0x7F, 0xA0)} - {0x0A, 0x0D}))
    for points in (_SPACES, _TURNED, _UNSEEN, _NO_CHARACTERS, _UNASSIGNED):
        yield from _with(points)
    for texts in (_LINES, _LONG, _TERMINAL, _TURNINGS):
        yield from texts


TEXTS = tuple(dict.fromkeys(_all()))
_BUCKETS = (
    ("HTML and scripts", "SVG and MathML", "breaking out of attributes", "addresses and style sheets"),
    ("templates and formats", "databases", "shells and paths"),
    ("spreadsheets",),
    ("XML, JSON, YAML and other notations", "注释"),
    ("what a program may take for something else",),
    ("scripts, letters, signs",),
)


def kinds() -> tuple[tuple[str, ...], ...]:
    """Return all texts by kind: what they are meant to break."""
    named: dict[str, list[str]] = {}
    heading = ""
    for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split("\n"):
        if line.startswith("# "):
            heading = line[2:]
        elif line:
            named.setdefault(heading, []).append(line)
    written = [tuple(text for name in names for text in named[name]) for names in _BUCKETS]
    told = {text for texts in written for text in texts}
    controls = tuple(text for text in _with((*range(0x01, 0x20), *range(0x7F, 0xA0))) if text in TEXTS) + _TERMINAL
    unseen = (
        *_with(_SPACES),
        *_with(_TURNED),
        *_with(_UNSEEN),
        *_with(_NO_CHARACTERS),
        *_with(_UNASSIGNED),
        *_TURNINGS,
    )
    found = (*written, controls, unseen, _LINES, _LONG)
    left = tuple(set(TEXTS) - told - {text for texts in found for text in texts})
    return (*found, left) if left else found


MARK = "¦"
WITH_NUL = ("\x00", "甲\x00乙", "\x00=1+1", "证明.pdf\x00.exe", "a" * 4999 + "\x00")
BROKEN = (b"\xed\xa0\x80", b"\xed\xb0\x80\xed\xa0\x80", b"\xff\xfe", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"a\x80b")


def typed(text: str) -> str:
    """What the program has of a text: a form has one kind of line end, whichever the text had."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def bundles(longest: int) -> Iterator[str]:
    """Every text of the list in as few as fit into a field that takes ``longest`` characters; those that alone do not
    fit are left out. A mark stands at both ends, since forms take blanks off there."""
    kept = MARK
    for text in dict.fromkeys(map(typed, TEXTS)):
        if len(text) + 2 * len(MARK) > longest:
            continue
        if len(kept) + len(text) + len(MARK) > longest:
            yield kept
            kept = MARK
        kept += text + MARK
    yield kept
