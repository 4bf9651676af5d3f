"""The parts of an .xlsx: which sheets there are, where they lie, how dates are counted."""

from __future__ import annotations

import codecs
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from xml.etree import ElementTree

from app.sheets.ooxml.refused import RefusedError

BLOCK = 1 << 18
_SMALL = 16 * 1024**2
_NO_TABLES = {"chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet"}
"""Sheets that hold no table; one of a kind that nobody knows may hold one."""
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding=["']([\w-]{1,40})["']""")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One sheet: its name, the member that holds it, and whether a person sees it."""

    name: str
    path: str
    visibility: str


class Package:
    """A zip whose parts are found as Excel finds them: whatever their case, their slashes or their place."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._members = {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()}
        self.workbook = self._office_document()
        links = self.links(self.workbook)
        self._targets = {key: target for key, (_kind, target) in links.items()}
        self._kinds = {key: kind for key, (kind, _target) in links.items()}

    def _office_document(self) -> str:
        for kind, target in self.links("").values():
            if kind == "officeDocument":
                return target
        return "xl/workbook.xml"

    def sheets(self) -> list[SheetPart]:
        """Return the worksheets in their order; chart, dialog and macro sheets hold no table."""
        found = []
        for node in self.tree(self.workbook).iter():
            if local(node.tag) != "sheet":
                continue
            link = next((value for key, value in node.attrib.items() if local(key) == "id"), "")
            name = node.get("name") or ""
            if (path := self.worksheet(link, name)) is not None:
                state = {"hidden": "hidden", "veryHidden": "very_hidden"}.get(node.get("state") or "", "visible")
                found.append(SheetPart(name, path, state))
        return found

    def worksheet(self, link: str, name: str) -> str | None:
        """Return the path of the sheet that ``link`` points at; None when it holds no table (a chart, a dialog)."""
        kind = self._kinds.get(link, "worksheet")
        if kind in _NO_TABLES:
            return None
        if kind != "worksheet":
            raise RefusedError("damaged", name)
        path = self._targets.get(link, "")
        if not self.has(path):
            raise RefusedError("damaged", name)
        return path

    @property
    def is_1904(self) -> bool:
        """Whether days are counted from 1904, as old Macintosh workbooks do."""
        book = self.tree(self.workbook)
        return any(node.get("date1904") in ("1", "true") for node in book if local(node.tag) == "workbookPr")

    def part_of(self, kind: str) -> str | None:
        """Return the path of the part that the workbook holds as ``kind`` (sharedStrings, styles)."""
        paths = [self._targets[key] for key, found in self._kinds.items() if found == kind]
        return paths[0] if paths and self.has(paths[0]) else None

    def has(self, path: str) -> bool:
        """Whether the archive holds the part."""
        return path.lower() in self._members

    def tree(self, path: str) -> ElementTree.Element:
        """Return a small part as a tree."""
        name = self._members.get(path.lower())
        if name is None or self._archive.getinfo(name).file_size > _SMALL:
            raise RefusedError("damaged")
        return parse(self._archive.read(name))

    def open(self, path: str) -> IO[bytes]:
        """Open a part as bytes."""
        return self._archive.open(self._members[path.lower()])

    def text(self, path: str) -> Iterator[str]:
        """Return a part as text, block by block."""
        with self.open(path) as part:
            block = part.read(BLOCK)
            if b"<!DOCTYPE" in block or b"<!ENTITY" in block:
                raise RefusedError("damaged")
            decoder = codecs.getincrementaldecoder(_encoding(block))()
            while block:
                yield decoder.decode(block)
                block = part.read(BLOCK)
            yield decoder.decode(b"", final=True)

    def member(self, path: str) -> str:
        """Return the name of the member that holds a part, or would."""
        return self._members.get(path.lower(), path)

    @property
    def is_strict(self) -> bool:
        """Whether the workbook keeps to the strict edition of the standard."""
        return "purl.oclc.org" in next(self.text(self.workbook))[:4_096]

    def links(self, source: str) -> dict[str, tuple[str, str]]:
        """Return kind and target of every relation of a part, by its id."""
        folder, name = posixpath.split(source)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(path):
            return {}
        links = {}
        for link in self.tree(path):
            target = (link.get("Target") or "").replace("\\", "/")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            links[link.get("Id") or ""] = (posixpath.basename(link.get("Type") or ""), whole)
        return links


def local(tag: str) -> str:
    """Return a name without its namespace: both editions of the standard (transitional, strict) use the same names."""
    return tag.rpartition("}")[2]


def parse(content: bytes | str) -> ElementTree.Element:
    """Parse XML; no part has a reason to declare entities, and expanding them is how an XML bomb works."""
    text = content if isinstance(content, bytes) else content.encode()
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise RefusedError("damaged")
    return ElementTree.fromstring(text)  # noqa: S314 - entities were refused above


def _encoding(block: bytes) -> str:
    if block.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    declared = _DECLARED.search(block[:300])
    name = declared[1].decode("ascii") if declared else "utf-8"
    return "utf-8-sig" if name.lower() in ("utf-8", "utf8") else name
