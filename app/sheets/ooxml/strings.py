"""Shared strings of an .xlsx: plain ones by a quick pattern, rich ones by the parser, phonetic readings left out."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from xml.etree import ElementTree

from app.sheets.ooxml.parts import Package, local, parse
from app.sheets.ooxml.refused import RefusedError

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ROOT = re.compile(r"<((?:\w+:)?)sst\b[^>]*?(/?)>")


def shared_strings(package: Package) -> list[str]:
    """Return all shared strings in order."""
    path = package.part_of("sharedStrings")
    return [] if path is None else _read(package.text(path))


def plain(text: str) -> str:
    """Return the text that XML, and OOXML's own _x000D_, stand for."""
    if "&" in text:
        text = html.unescape(text)
    if "_x" in text:
        text = _ESCAPED.sub(_char, text)
    # XML reads every line end as one line feed
    return text.replace("\r\n", "\n") if "\r" in text else text


def _char(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)


def rich(node: ElementTree.Element) -> str:
    """Return the text of a string item: its own or that of its runs, never the phonetic reading above it."""
    parts = []
    for child in node:
        if local(child.tag) == "t":
            parts.append(child.text or "")
        elif local(child.tag) == "r":
            parts.extend(run.text or "" for run in child if local(run.tag) == "t")
    return _ESCAPED.sub(_char, "".join(parts))


def _read(blocks: Iterable[str]) -> list[str]:
    strings: list[str] = []
    rest, root, prefix = "", None, ""
    quick = re.compile("")
    for block in blocks:
        rest += block
        if root is None:
            root = _ROOT.search(rest)
            if root is None:
                continue
            prefix, rest = root[1], rest[root.end() :]
            quick = re.compile(rf'\s*<{prefix}si><{prefix}t(?: xml:space="preserve")?>([^<]*)</{prefix}t>')
        items = rest.split(f"</{prefix}si>")
        rest = items.pop()
        for item in items:
            if found := quick.fullmatch(item):
                strings.append(plain(found[1]))
            else:
                strings.extend(_slow(f"{root[0]}{item}</{prefix}si></{prefix}sst>"))
    if root is None or (root[2] and rest.strip()):
        raise RefusedError("damaged")
    # what is left closes the part, perhaps after empty items; anything else does not parse
    return strings if root[2] else [*strings, *_slow(root[0] + rest)]


def _slow(text: str) -> list[str]:
    return [rich(item) for item in parse(text) if local(item.tag) == "si"]
