"""What a file really is, by its content; its name is only a hint that may lie."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from enum import Enum

from app.core.text import tr
from app.sheets import refusals
from app.sheets.binary.compound import Compound
from app.sheets.delimited import wide_encoding
from app.sheets.limits import Limits
from app.sheets.ooxml.refused import RefusedError

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"RIFF")
_VERY_OLD = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_JSON = re.compile(rb'(?:\[\s*)?\{\s*"')
_OFFICE_DOCUMENT = re.compile(rb"<Relationship\b[^>]*/officeDocument[\"'][^>]*>")
_TARGET = re.compile(rb"""\bTarget=["']([^"']{1,200})["']""")
_WORD = bytes.fromhex("06090200")
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


class Kind(Enum):
    """Formats that are read."""

    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"


def recognise(content: bytes, limits: Limits) -> Kind:
    """Return what ``content`` is; raise ``NotATable`` with the reason and the remedy when it is not read."""
    glance(content, limits)
    if content.startswith(b"PK"):
        return _zipped(content, limits)
    return _compound(content) if content.startswith(OLE) else Kind.CSV


def glance(content: bytes, limits: Limits) -> None:
    """Refuse what is no table by its size and its first bytes; opens nothing, so that it may stand in a request."""
    if not content:
        raise refusals.empty()
    if len(content) > limits.octets:
        raise refusals.too_large(len(content), limits.octets)
    if not content.startswith((b"PK", OLE)):
        _refuse_known(content)


def _refuse_known(content: bytes) -> None:
    head = content[:4096]
    if head.startswith(b"%PDF"):
        raise refusals.other_kind(tr(" PDF 文档"))
    if head.startswith(_IMAGES) or (head.startswith(b"BM") and b"\x00" in head[:14]):
        raise refusals.other_kind(tr("图片"))
    if head.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise refusals.other_kind(tr("压缩包"))
    if head.startswith(b"{\\rtf"):
        raise refusals.other_kind(tr("写字板文档"))
    if head.startswith(_VERY_OLD):
        raise refusals.to_be_saved_as(tr("很早的 Excel 格式"))
    _refuse_markup(head.lstrip(b"\xef\xbb\xbf \t\r\n").lower())
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff")) or wide_encoding(content) is not None
    if b"\x00" in head and not utf16:
        raise refusals.other_kind(tr("二进制数据"))


def _refuse_markup(start: bytes) -> None:
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<style", b"mime-version:")):
        raise refusals.to_be_saved_as(tr("网页（HTML）"))
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise refusals.to_be_saved_as(tr(" XML 表格（Excel 2003）"))
    if start.startswith((b"<?xml", b"<")):
        raise refusals.to_be_saved_as(tr(" XML 文本"))
    if _JSON.match(start):
        raise refusals.other_kind(tr(" JSON 文本；请导出为 .xlsx 或 .csv"))


def _compound(content: bytes) -> Kind:
    """Tell an old workbook from an encrypted new one and from other OLE files by the names in its directory."""

    names = _names(content)

    def holds(name: str) -> bool:
        return name.lower() in names if names else name.encode("utf-16-le") in content

    if holds("EncryptedPackage"):
        raise refusals.encrypted()
    if holds("WordDocument") and not (names and holds("Workbook") and not names["root entry"].startswith(_WORD)):
        raise refusals.other_kind(tr(" Word 文档"))
    if holds("PowerPoint Document"):
        raise refusals.other_kind(tr("演示文稿"))
    if holds("Workbook") or holds("Book"):
        return Kind.XLS
    raise refusals.other_kind(tr("其他 Office 数据")) if names else refusals.damaged()


def _names(content: bytes) -> dict[str, bytes]:
    """Return the streams of a compound file with the class of each; none when its directory cannot be read."""
    try:
        return Compound(content).names
    except (RefusedError, struct.error, IndexError):
        return {}


def _zipped(content: bytes, limits: Limits) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_members(archive.infolist(), limits)
            return _by_members(archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, UnicodeDecodeError, zlib.error, ValueError):
        raise refusals.damaged() from None


def _check_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse bombs and odd archives by the directory alone, before anything is unpacked."""
    names = [member.filename for member in members]
    if len(members) > limits.members or len(set(names)) != len(names):
        raise refusals.bomb()
    if any(name.startswith(("/", "\\")) or ".." in name.split("/") for name in names):
        raise refusals.damaged()
    if any(member.flag_bits & 1 for member in members):
        raise refusals.encrypted()
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if unpacked > limits.unpacked or (unpacked > 16 * 1024**2 and unpacked // packed > limits.ratio):
        raise refusals.bomb()


def _by_members(archive: zipfile.ZipFile) -> Kind:
    names = {name.replace("\\", "/") for name in archive.namelist()}
    if (kind := _office_kind(archive, names)) is not None:
        return kind
    if _is_open_document(archive, names):
        return Kind.ODS
    if "word/document.xml" in names:
        raise refusals.other_kind(tr(" Word 文档"))
    if "ppt/presentation.xml" in names:
        raise refusals.other_kind(tr("演示文稿"))
    if "[Content_Types].xml" in names:
        raise refusals.damaged()
    raise refusals.other_kind(tr("压缩包；请解压后上传其中的表格"))


def _office_kind(archive: zipfile.ZipFile, names: set[str]) -> Kind | None:
    """Tell a workbook by its main part, which the package names; most but not all lie at xl/workbook."""
    known = {"xl/workbook.xml": Kind.XLSX, "xl/workbook.bin": Kind.XLSB}
    found = next((kind for path, kind in known.items() if path in names), None)
    if found is None and "_rels/.rels" in archive.namelist() and archive.getinfo("_rels/.rels").file_size < 2**20:
        link = _OFFICE_DOCUMENT.search(archive.read("_rels/.rels"))
        target = _TARGET.search(link[0]) if link else None
        path = target[1].decode("utf-8", "replace").lstrip("/") if target else ""
        if path.startswith("xl/") and path in names:
            found = Kind.XLSB if path.endswith(".bin") else Kind.XLSX
    return found


def _is_open_document(archive: zipfile.ZipFile, names: set[str]) -> bool:
    if not {"mimetype", "content.xml"} <= names or archive.getinfo("mimetype").file_size > 200:
        return False
    if archive.read("mimetype").strip() != _ODS:
        return False
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise refusals.encrypted()
    return True
