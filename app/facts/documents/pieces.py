"""What the tus protocol says in headers (version 1.0.0: core, creation, termination, checksum, expiration)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.http import http_date

from app.core.errors import Conflict, DomainError, Invalid, NotFound
from app.core.text import Message, tr
from app.facts import containers
from app.facts.models import DocumentKind, Transfer
from app.facts.transfers import KEPT, Announced
from app.web.i18n import translate
from app.web.incoming import whole

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
NOTHING_TO_SAY = 204
LONGEST_TITLE = 100
LARGEST_PIECE = 4 * 1024 * 1024
MISMATCH = 460
STATUS = {NotFound: 404, Conflict: 409}
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
CHECKSUMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}  # the protocol asks for SHA-1; it guards against accidents


class Misspoken(Invalid):
    """The request is not what the protocol asks for; ``status`` is how it is answered."""

    def __init__(self, status: int, message: Message) -> None:
        super().__init__("file", message)
        self.status = status


def must_speak() -> None:
    """Refuse another version of the protocol than ours. Raises Misspoken (412)."""
    asked = request.headers.get("Tus-Resumable")
    if asked is not None and asked != VERSION:
        raise Misspoken(412, tr("只支持 tus %(version)s。", version=VERSION))


def verb() -> str:
    """Return what is asked for: some networks let only POST through, the header then says what is meant."""
    return request.headers.get("X-HTTP-Method-Override", request.method).upper()


def speaking(view: View) -> View:
    """Let a view answer as the protocol has it, refusals too."""

    @wraps(view)
    def spoken_view(*given: Any, **named: Any) -> ResponseReturnValue:
        try:
            must_speak()
            return view(*given, **named)
        except DomainError as error:
            return told(error, error.status if isinstance(error, Misspoken) else STATUS.get(type(error), 422))

    return cast("View", spoken_view)


def must_be_a_piece() -> int:
    """Return the place of the piece that comes. Raises Misspoken."""
    if request.mimetype != PIECE:
        raise Misspoken(415, tr("这里只接收文件的一段内容。"))
    if (request.content_length or 0) > LARGEST_PIECE:
        raise Misspoken(413, tr("每段不超过 %(n)s MB。", n=LARGEST_PIECE >> 20))
    offset = whole(request.headers.get("Upload-Offset"))
    if offset is None:
        raise Misspoken(400, tr("没有说明这一段从哪里开始。"))
    return offset


def must_be_whole(content: bytes) -> None:
    """Compare a piece with the checksum that came along, where one did. Raises Misspoken."""
    said = request.headers.get("Upload-Checksum")
    if said is None:
        return
    name, _, coded = said.partition(" ")
    try:
        wanted = base64.b64decode(coded, validate=True)
    except binascii.Error:
        wanted = b""
    if name not in CHECKSUMS or not wanted:
        raise Misspoken(400, tr("校验值须写成算法和 base64，算法为 %(names)s。", names="、".join(CHECKSUMS)))
    if CHECKSUMS[name](content).digest() != wanted:
        raise Misspoken(MISMATCH, tr("这一段在途中变了样，没有收下，请重新发送。"))


def announced() -> Announced:
    """Return what the request says of the file to come. Raises Invalid (``file``)."""
    size = whole(request.headers.get("Upload-Length"))
    said = _metadata(request.headers.get("Upload-Metadata", ""))
    if size is not None and size > containers.MOST_BYTES:
        raise Misspoken(413, containers.too_large(said.get("filename", "")).message)
    if size is None or not said.get("filename"):
        raise Misspoken(400, tr("没有说明文件名和大小，请重新选择文件。"))
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
    made.headers["Cache-Control"] = "no-store"
    if found.finished_at is None:
        made.headers["Upload-Expires"] = http_date(found.touched_at + KEPT)
    return spoken(made)


def spoken(response: Response) -> Response:
    """Say which protocol this is."""
    response.headers["Tus-Resumable"] = VERSION
    response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = "creation,termination,checksum,expiration"
    response.headers["Tus-Max-Size"] = str(containers.MOST_BYTES)
    response.headers["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
    return response


def told(error: DomainError, status: int) -> Response:
    """Return a refusal as the script reads it."""
    made = jsonify(message=translate(error.message))
    made.status_code = status
    return spoken(made)
