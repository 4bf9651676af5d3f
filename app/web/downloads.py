"""Files leave as attachments only: never shown in our pages, never run, named as they were given."""

from __future__ import annotations

from io import BytesIO

from flask import Response, send_file


def attachment(name: str, media_type: str, content: bytes) -> Response:
    """Return ``content`` as a download called ``name`` (RFC 6266), which a browser will neither guess nor run."""
    response = send_file(
        BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name, max_age=0, etag=False
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
