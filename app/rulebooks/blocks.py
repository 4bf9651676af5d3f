"""An edition's text in pieces that a person can edit one at a time: the head, each clause, each group of scores (pure).

The text itself stays what is sealed; a piece is a run of its lines, so that comments and order survive an edit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from app.core.text import tr
from app.rulebooks.tables import RulebookError

_TOP = re.compile(r"^\[\[?([a-z_]+)(?:\.([a-z_.]+))?\]\]?\s*(#.*)?$")
_ID = re.compile(r'^(?:id|code|name)\s*=\s*"([^"]*)"', re.MULTILINE)
HEAD = "head"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece: its number from 0, the kind of table that it begins with (head for what stands before the first), the
    id it bears, its text, the number of its first line from 1."""

    number: int
    kind: str
    id: str
    text: str
    line: int


def blocks(content: str) -> list[Block]:
    """Return the pieces of a text in order; joined they are the text."""
    starts = [0]
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines):
        found = _TOP.match(line.strip())
        if found and not _belongs(found, line):
            starts.append(_with_remarks(lines, number, starts[-1]))
    found_blocks = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(lines)], strict=True)):
        text = "".join(lines[start:end])
        found_blocks.append(Block(number, _kind(text) if number else HEAD, _id(text), text, start + 1))
    return found_blocks


def _belongs(found: re.Match[str], line: str) -> bool:
    """Whether a table belongs to the piece before it: [clause.test] to its clause, items to their group."""
    inner = found[2]
    if inner is None:
        return False
    return not (found[1] == "score" and inner == "group" and line.lstrip().startswith("[["))


def _with_remarks(lines: list[str], number: int, least: int) -> int:
    """Comments straight above a table go with it."""
    while number - 1 > least and lines[number - 1].lstrip().startswith("#"):
        number -= 1
    return number


def _kind(text: str) -> str:
    for line in text.splitlines():
        if found := _TOP.match(line.strip()):
            return f"{found[1]}.{found[2]}" if found[2] else found[1]
    return HEAD


def _id(text: str) -> str:
    found = _ID.search(text)
    return found[1] if found else ""


def with_block(content: str, number: int, text: str) -> str:
    """Return the text with one piece put in place of another; an empty one takes it out. Raises RulebookError."""
    pieces = blocks(content)
    if not 0 <= number < len(pieces):
        raise RulebookError(tr("没有第 %(n)s 段，请刷新页面后再改。", n=number))
    if number == 0 and not text.strip():
        raise RulebookError(tr("开头一段写着编号和施行日期，不能删除。"))
    ended = text if not text or text.endswith("\n") else text + "\n"
    if ended and number + 1 < len(pieces) and not ended.endswith("\n\n"):
        ended += "\n"
    return "".join(ended if piece.number == number else piece.text for piece in pieces)


def with_head(content: str, **values: str | date) -> str:
    """Return the text with entries of its head written anew (id, effective_from …). Raises RulebookError."""
    head = blocks(content)[0]
    text = head.text
    for name, value in values.items():
        written = f'"{value}"' if isinstance(value, str) else value.isoformat()
        line = re.compile(rf"^{name}\s*=.*$", re.MULTILINE)
        found = line.search(text)
        if found is None:
            raise RulebookError(tr("开头一段没有“%(name)s”，请补充。", name=name))
        text = f"{text[: found.start()]}{name} = {written}{text[found.end() :]}"
    return text + content[len(head.text) :]
