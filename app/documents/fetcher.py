"""What a document may load: registered fonts, static files and stored files. No network, no other file, no redirect."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

_TYPES = {".ttf": "font/ttf", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".css": "text/css"}


class ForbiddenResource(FatalURLFetchingError):  # type: ignore[misc]
    """The document asks for something it may not load. Derived from BaseException by WeasyPrint's contract: an
    ordinary exception would be logged, and the document printed without the thing."""


class RootedFetcher(URLFetcher):  # type: ignore[misc]
    """Serves ``scheme:path`` from the folder registered for the scheme, and nothing else."""

    def __init__(self, roots: Mapping[str, Path]) -> None:
        super().__init__(allowed_protocols=tuple(roots), allow_redirects=False, fail_on_errors=True)
        self._roots = {scheme: root.resolve() for scheme, root in roots.items()}

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Return the file behind ``url``, or stop the rendering."""
        scheme, _, rest = url.partition(":")
        root = self._roots.get(scheme)
        if root is None:
            raise ForbiddenResource(url)
        path = (root / unquote(rest).lstrip("/")).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            raise ForbiddenResource(url)
        kind = _TYPES.get(path.suffix.lower(), "application/octet-stream")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})
