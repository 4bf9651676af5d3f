"""Small files of the kinds that may support a claim."""

from __future__ import annotations

import io
import zipfile

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 17 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 20 + b"\xff\xd9"


def packed(*names: str) -> bytes:
    """Return a zip with entries of these names."""
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as made:
        for name in names:
            made.writestr(name, "<xml/>")
    return box.getvalue()
