"""What a request that was refused carried: the words that somebody typed, to be shown to them once more.

A page that must not be kept by the browser (``no-store``) comes back empty by the Back button, so an error page that
says “it still stands there” would be wrong. Only a request from our own pages is echoed: no other site may put its
words into ours. Secrets, identifiers and codes of choices are not what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from flask import request
from werkzeug.exceptions import HTTPException

MOST = 60
LONGEST = 5_000
_SECRET = re.compile(r"token|password|secret|code|^seen-|^version|^next$|(^|_)id$|^language$")
_CHOICE = re.compile(r"[a-z][a-z0-9_:.-]*")


def texts() -> list[str]:
    """Return the texts that the request carried, in the order of its form; empty where it may not be echoed."""
    if request.method in {"GET", "HEAD"} or not _is_from_here(request.headers.get("Origin", "")):
        return []
    try:
        return list(dict.fromkeys(_typed()))[:MOST]
    except HTTPException:  # larger than what is read at all
        return []


def back() -> str:
    """Return the page of ours from which the request came, empty where that is not known."""
    parts = _parts(request.referrer or "")
    if parts.netloc != request.host or parts.path == request.path and request.method == "GET":
        return ""
    if parts.path.startswith("//"):  # a browser would read it as the address of another site
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _typed() -> Iterator[str]:
    for name, values in request.form.lists():
        if not _SECRET.search(name):
            yield from (text[:LONGEST] for text in values if text.strip() and not _CHOICE.fullmatch(text))


def _is_from_here(origin: str) -> bool:
    return _parts(origin).netloc == request.host


def _parts(address: str) -> SplitResult:
    """Cut an address; what a client made up and nobody can read is no address."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", "", "", "")
