"""What an uploaded file really is, told by opening it: only kinds that a bureau prints and keeps are taken (pure)."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from dataclasses import dataclass

from app.core.errors import Invalid
from app.core.text import Message, tr

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_ENTRIES = 5_000
ACCEPT = ".pdf,.jpg,.jpeg,.png,.docx,.xlsx,.pptx,.ofd"

_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: what it is called, its media type and the endings its name may bear."""

    label: str
    media_type: str
    endings: tuple[str, ...]


PDF = Kind("PDF", "application/pdf", ("pdf",))
JPEG = Kind("JPG", "image/jpeg", ("jpg", "jpeg"))
PNG = Kind("PNG", "image/png", ("png",))
DOCX = Kind("DOCX", _OFFICE + "wordprocessingml.document", ("docx",))
XLSX = Kind("XLSX", _OFFICE + "spreadsheetml.sheet", ("xlsx",))
PPTX = Kind("PPTX", _OFFICE + "presentationml.presentation", ("pptx",))
OFD = Kind("OFD", "application/ofd", ("ofd",))

_MAIN_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}


def recognise(name: str, content: bytes) -> Kind:
    """Return the kind of the file. Raises Invalid (``file``) saying what is wrong and what to do."""
    if not content:
        raise _refused(tr("“%(name)s”是空文件，请重新选择。", name=plain_name(name)))
    if len(content) > MOST_BYTES:
        raise too_large(name)
    kind = _kind(name, content)
    if kind is None:
        raise _refused(
            tr(
                "“%(name)s”不是可接收的文件（按内容识别）。可上传 PDF、JPG、PNG、DOCX、XLSX、PPTX、OFD。",
                name=plain_name(name),
            )
        )
    if name.rpartition(".")[2].lower() not in kind.endings:
        raise _refused(
            tr(
                "“%(name)s”的内容是 %(kind)s，与扩展名不符，请改正文件名后再上传。",
                name=plain_name(name),
                kind=kind.label,
            )
        )
    return kind


def announced(name: str, size: int) -> None:
    """Refuse a file before it is sent when its name or its size already tell that it cannot be taken."""
    if size <= 0:
        raise _refused(tr("“%(name)s”是空文件，请重新选择。", name=plain_name(name)))
    if size > MOST_BYTES:
        raise too_large(name)
    if f".{name.rpartition('.')[2].lower()}" not in ACCEPT.split(","):
        raise _refused(
            tr("“%(name)s”不是可接收的文件。可上传 PDF、JPG、PNG、DOCX、XLSX、PPTX、OFD。", name=plain_name(name))
        )


def too_large(name: str) -> Invalid:
    """Return why a file of this size is not taken."""
    limit = MOST_BYTES >> 20
    return _refused(tr("“%(name)s”超过 %(limit)s MB，请压缩或分卷后再上传。", name=plain_name(name), limit=limit))


def plain_name(name: str) -> str:
    """Return the last part of the name without control and direction signs, at most 200 characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    stem, dot, ending = clean.strip().rpartition(".")
    return f"{stem[:190]}{dot}{ending[:10]}" if stem else clean.strip()[:200] or "文件"


def _refused(message: Message) -> Invalid:
    return Invalid("file", message)


def _kind(name: str, content: bytes) -> Kind | None:
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return PDF
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-2048:]:
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") and b"IEND" in content[-2048:]:
        return PNG
    return _packed(name, content) if content.startswith(b"PK\x03\x04") else None


def _packed(name: str, content: bytes) -> Kind | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as box:
            entries = box.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError):
        return None
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise _refused(tr("“%(name)s”解开后过大，已拒绝接收。", name=plain_name(name)))
    names = {entry.filename for entry in entries}
    if any(entry.rpartition("/")[2].lower() == "vbaproject.bin" for entry in names):
        raise _refused(tr("“%(name)s”含有宏，请另存为不含宏的格式后再上传。", name=plain_name(name)))
    if "OFD.xml" in names:
        return OFD
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for part, kind in _MAIN_PARTS.items() if part in names), None)
