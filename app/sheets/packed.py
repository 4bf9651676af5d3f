"""What the reading library does not tell about an .xlsx: formula errors, long numbers and the count of rows.

A number of more than 15 digits (a bank account, a code typed as a number) has lost its end by the time it is a float;
its text in the file has not. Runs in the reading child, over parts that the zip directory has declared small enough.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree

from app.sheets.cells import column_number

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_ERROR = re.compile(
    rb"""<(?:\w+:)?c\b([^>]*\bt=["']e["'][^>]*)>(?:(?!</(?:\w+:)?c>).){0,2000}?<(?:\w+:)?v>([^<]{1,20})<""", re.S
)
_LONG = re.compile(rb">(-?\d{16,400})</(?:\w+:)?v>")
_OPENED = re.compile(rb"<(?:\w+:)?c\b([^>]*)>")
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_TYPED = re.compile(rb"""\bt=["'](?!n["'])""")
_ROW = re.compile(rb"<(?:\w+:)?row\b")


@dataclass(frozen=True, slots=True)
class Details:
    """Per sheet: error codes and long numbers by (row, column), and how many rows the file holds."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    long_numbers: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: int | None = None


def details(content: bytes) -> dict[str, Details]:
    """Return the details of every sheet of an .xlsx by its name; sheets that cannot be traced are left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: _sheet(archive.read(path)) for name, path in _paths(archive).items()}


def _parse(content: bytes) -> ElementTree.Element:
    # no workbook part has a reason to declare entities; expanding them is how an XML bomb works
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ElementTree.ParseError("entities are not read")
    return ElementTree.fromstring(content)  # noqa: S314 - entities were refused above


def _paths(archive: zipfile.ZipFile) -> dict[str, str]:
    try:
        book = _parse(archive.read("xl/workbook.xml"))
        links = _parse(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {link.get("Id"): link.get("Target") or "" for link in links}
    names, found = set(archive.namelist()), {}
    for sheet in [node for space in (_MAIN, _STRICT) for node in book.iter(f"{space}sheet")]:
        link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        target = targets.get(link, "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        if target and path in names:
            found[sheet.get("name") or ""] = path
    return found


def _sheet(content: bytes) -> Details:
    errors = {}
    # the look for t="e" first: trying the pattern at every cell takes longer than reading the workbook
    if b't="e"' in content or b"t='e'" in content:
        for cell in _ERROR.finditer(content):
            if (place := _place(cell[1])) is not None:
                errors[place] = cell[2].decode("ascii", "replace")
    numbers = {}
    for number in _LONG.finditer(content):
        if (place := _numeric_place(content, number.start())) is not None:
            numbers[place] = number[1].decode("ascii")
    return Details(errors, numbers, sum(1 for _ in _ROW.finditer(content)))


def _numeric_place(content: bytes, at: int) -> tuple[int, int] | None:
    """Return the place of the cell that holds the value at ``at``, unless the cell holds something else."""
    opened = _OPENED.findall(content, max(0, at - 400), at)
    if not opened or _TYPED.search(opened[-1]) is not None:
        return None
    return _place(opened[-1])


def _place(attributes: bytes) -> tuple[int, int] | None:
    found = _PLACE.search(attributes)
    return None if found is None else (int(found[2]), column_number(found[1].decode("ascii")))
