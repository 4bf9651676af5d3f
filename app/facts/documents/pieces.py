"""What the tus protocol says in headers (version 1.0.0, core with creation and termination)."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import date

from flask import Response, jsonify, request, url_for

from app.core.errors import DomainError, Invalid
from app.core.text import tr
from app.facts import containers
from app.facts.models import DocumentKind, Transfer
from app.facts.transfers import Announced
from app.web.i18n import translate
from app.web.incoming import whole

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
NOTHING_TO_SAY = 204
LONGEST_TITLE = 100
LARGEST_PIECE = 4 * 1024 * 1024


def announced() -> Announced:
    """Return what the request says of the file to come. Raises Invalid (``file``)."""
    size = whole(request.headers.get("Upload-Length"))
    said = _metadata(request.headers.get("Upload-Metadata", ""))
    if size is None or not said.get("filename"):
        raise Invalid("file", tr("没有说明文件名和大小，请重新选择文件。"))
    digest = said.get("sha256", "")
    kind = said.get("kind", "")
    return Announced(
        name=said["filename"][:250],
        size=size,
        sha256=digest if re.fullmatch(r"[0-9a-f]{64}", digest) else "",
        title=_title(said.get("title", "")),
        kind=DocumentKind(kind) if kind in set(DocumentKind) else DocumentKind.OTHER,
        valid_from=_day(said.get("valid_from", "")),
        valid_until=_day(said.get("valid_until", "")),
    )


def _metadata(header: str) -> dict[str, str]:
    """Read ``key base64,key base64``; what cannot be read is left out."""
    found = {}
    for pair in header.split(","):
        key, _, coded = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(coded, validate=True).decode("utf-8").replace("\x00", "")
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found


def _title(text: str) -> str:
    if len(text) > LONGEST_TITLE:
        raise Invalid("title", tr("材料名称最多 %(n)s 个字。", n=LONGEST_TITLE))
    return text


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("file", tr("日期“%(text)s”不存在，请改为如 2027-12-31。", text=text[:20])) from None


def answer(found: Transfer, status: int) -> Response:
    """Return how far a file is, in headers and for our own script as JSON."""
    title = found.said.get("title") or found.name
    made = jsonify(
        id=found.id, offset=found.received, size=found.size, document=found.document_id, title=title,
        again=bool(found.said.get("again")),
    )  # fmt: skip
    if status == NOTHING_TO_SAY:
        made = Response(status=status)
    made.status_code = status
    made.headers["Location"] = url_for("portal.facts.documents.transfer", transfer_id=found.id)
    made.headers["Upload-Offset"] = str(found.received)
    made.headers["Upload-Length"] = str(found.size)
    return spoken(made)


def spoken(response: Response) -> Response:
    """Say which protocol this is."""
    response.headers["Tus-Resumable"] = VERSION
    response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = "creation,termination"
    response.headers["Tus-Max-Size"] = str(containers.MOST_BYTES)
    return response


def told(error: DomainError, status: int) -> Response:
    """Return a refusal as the script reads it."""
    made = jsonify(message=translate(error.message))
    made.status_code = status
    return spoken(made)
