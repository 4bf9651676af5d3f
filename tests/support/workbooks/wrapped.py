"""Files that are wrapped, locked, cut, swollen or no table at all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import msoffcrypto.format.ooxml

from tests.support.workbooks.binary import xls
from tests.support.workbooks.case import TABLE, Case
from tests.support.workbooks.ooxml import MAIN, XML, cell, packed, parts, rows, sheet

DAMAGED = "不完整或已损坏"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def cases() -> Iterator[Case]:
    """All of them."""
    yield Case("xlsx-with-password", "年报.xlsx", locked(packed(parts())), refused="打开密码")
    plain = packed(parts())
    for share in (0.05, 0.3, 0.6, 0.9, 0.99):
        yield Case(f"xlsx-cut-{share}", "年报.xlsx", plain[: int(len(plain) * share)], refused=DAMAGED)
    flipped = bytearray(plain)
    at = plain.index(b"xl/worksheets/sheet1.xml") + 60
    flipped[at] ^= 0x55
    yield Case("xlsx-byte-flipped", "年报.xlsx", bytes(flipped), refused=DAMAGED)
    yield from _bombs()
    yield from _others()


def locked(content: bytes) -> bytes:
    """Encrypt a workbook as Excel does."""
    target = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(content)).encrypt("密码-only-for-tests", target)
    return target.getvalue()


def _bombs() -> Iterator[Case]:
    huge = f'{XML}<worksheet xmlns="{MAIN}"><sheetData>'.encode() + b" " * 24 * 1024**2 + b"</sheetData></worksheet>"
    yield Case("bomb-blanks", "年报.xlsx", packed({**parts(), "xl/worksheets/sheet1.xml": huge}), refused="解压后过大")
    many = {f"xl/media/{n}.txt": b"x" for n in range(2_100)}
    yield Case("bomb-many-members", "年报.xlsx", packed({**parts(), **many}), refused="解压后过大")
    yield Case(
        "bomb-nested",
        "年报.xlsx",
        packed({f"{n}.zip": packed({"a.zip": b"\0" * 10_000}) for n in range(9)}),
        refused="解压后上传",
    )
    yield Case("member-twice", "年报.xlsx", _twice(), refused="解压后过大")
    yield Case("member-outside", "年报.xlsx", packed({**parts(), "../../etc/passwd": b"x"}), refused=DAMAGED)
    laughs = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    xml = sheet(rows(TABLE)).replace("<worksheet", laughs + "<worksheet")
    yield Case("bomb-of-entities", "年报.xlsx", packed(parts({"年报": xml})), refused=DAMAGED)
    deep = sheet(f'<row r="1">{cell("A1", 1)}' + "<a>" * 50_000 + "</a>" * 50_000 + "</row>")
    yield Case("bomb-deep", "年报.xlsx", packed(parts({"年报": deep})), cells={"年报!A1": "1"})


def _twice() -> bytes:
    target = io.BytesIO(packed(parts()))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("xl/workbook.xmk", b"<workbook/>")
    return target.getvalue().replace(b"xl/workbook.xmk", b"xl/workbook.xml")


def _other_compound() -> bytes:
    return xls().replace("Workbook".encode("utf-16-le"), "Drawings".encode("utf-16-le"))


def _others() -> Iterator[Case]:
    for name, content, why in (
        ("pdf", b"%PDF-1.7\n...", "PDF"), ("png", b"\x89PNG\r\n\x1a\n....", "图片"),
        ("jpeg", b"\xff\xd8\xff\xe0..", "图片"),
        ("rar", b"Rar!\x1a\x07\x00", "压缩包"), ("7z", b"7z\xbc\xaf\x27\x1c", "压缩包"),
        ("gzip", b"\x1f\x8b\x08\x00", "压缩包"),
        ("rtf", b"{\\rtf1\\ansi}", "写字板"), ("program", b"MZ\x90\x00\x03\x00\x00\x00", "二进制"),
        ("zip-of-other-things", packed({"说明.txt": b"x"}), "请解压后上传"),
        ("docx", packed({"word/document.xml": b"<w/>", "[Content_Types].xml": b"<T/>"}), "Word"),
        ("pptx", packed({"ppt/presentation.xml": b"<p/>", "[Content_Types].xml": b"<T/>"}), "演示文稿"),
        ("half-a-package", packed({"[Content_Types].xml": b"<T/>"}), DAMAGED),
        ("zip-signature-only", b"PK\x03\x04 not really a zip", DAMAGED),
        ("doc", OLE + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(600), "Word"),
        ("ppt", OLE + bytes(600) + "PowerPoint Document".encode("utf-16-le") + bytes(600), "演示文稿"),
        ("other-compound", _other_compound(), "其他 Office"),
        ("compound-without-insides", OLE + bytes(600) + "Workbook".encode("utf-16-le") + bytes(600), DAMAGED),
        ("very-old-excel", b"\x09\x02\x06\x00\x00\x02\x10\x00" + bytes(40), "另存为 .xlsx"),
    ):  # fmt: skip
        yield Case(f"really-{name}", "年报.xlsx", content, refused=why)
