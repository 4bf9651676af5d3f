"""Sending a request in order, but for one text in one of its fields."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.fields.doors import PDF, Door
from tests.fields.register import Field


@dataclass(frozen=True, slots=True)
class Looked:
    """A page that was read whole: what is wrong with it, and where the text stood: ``words``, names of fields."""

    wrong: tuple[str, ...]
    places: frozenset[str]


@dataclass
class Opened:
    """A door that stands open: its address, what a request in order sends, and how pages look with harmless texts."""

    door: Door
    place: str
    made: Mapping[str, Any]
    client: FlaskClient
    data: dict[str, Any]
    methods: frozenset[str]
    shapes: set[tuple[tuple[str, int], ...]] = field(default_factory=set)
    elements: set[str] = field(default_factory=set)
    seen: dict[str, Looked] = field(default_factory=dict)
    is_learned: bool = False  # whether every harmless text was looked at, which is done when one seems harmful


def send(opened: Opened, one: Field, name: str, text: str | bytes, *, is_file: bool) -> TestResponse:
    """Send a request in order, but for the text in one of its fields."""
    client, query = opened.client, dict(opened.door.query)
    if one.part == "query":
        return client.get(f"{opened.place}?{_coded({**query, name: text})}")
    if one.part == "path":
        return client.get(_with_word(opened, one.name, text))
    if one.part == "header":
        return _with_header(opened, one.name, text)
    place = opened.place + (f"?{_coded(query)}" if query else "")
    data = {**opened.data, name: text}
    if isinstance(text, bytes):
        return client.post(place, data=_coded(data), content_type="application/x-www-form-urlencoded")
    files = {key: (BytesIO(PDF), value) for key, value in opened.door.files.items()}
    if is_file:
        data = {**opened.data, **files, name: (BytesIO(PDF), _sent_name(text))}
        return client.post(place, data=data, content_type="multipart/form-data")
    if name in opened.door.alike:
        data[opened.door.alike[name]] = text
    kind = {"content_type": "multipart/form-data"} if files else {}
    return client.post(place, data={**data, **files}, **kind)


def _coded(values: Mapping[str, Any]) -> str:
    return urlencode(values, doseq=True, encoding="utf-8", errors="surrogatepass")


def _with_word(opened: Opened, name: str, text: str | bytes) -> str:
    word = quote(text, safe="", errors="surrogatepass") if isinstance(text, str) else quote(text, safe="")
    held = str(opened.made[name])
    parts = [word if unquote(part) == held else part for part in urlsplit(opened.place).path.split("/")]
    return "/".join(parts)


def _with_header(opened: Opened, name: str, text: str | bytes) -> TestResponse:
    """Send bytes in a header as a server hands them on: one sign each."""
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    said = content.decode("latin-1")
    if name == "Upload-Metadata":
        coded = base64.b64encode(content).decode()
        said = ",".join(f"{key} {coded}" for key in ("filename", "title", "kind", "valid_from", "sha256"))
    key = f"HTTP_{name.upper().replace('-', '_')}"
    usual = {"HTTP_UPLOAD_LENGTH": "100", "HTTP_UPLOAD_OFFSET": "0", "HTTP_TUS_RESUMABLE": "1.0.0"}
    return opened.client.open(
        opened.place, method=next(iter(sorted(opened.methods, reverse=True))), environ_overrides={**usual, key: said},
        data=opened.data or b"x",
    )  # fmt: skip


def _sent_name(text: str) -> str:
    """What a browser makes of a file's name in a form."""
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
