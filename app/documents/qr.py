"""QR codes as inline SVG: one path, no style attribute, the same in page and PDF."""

from __future__ import annotations

import hashlib

import segno
from markupsafe import Markup, escape

QUIET = 4
"""Modules of white around the code that a reader needs."""


def qr_svg(content: str, *, title: str, size: int = 96) -> Markup:
    """Return the QR code of ``content`` (error correction M) as an SVG of ``size`` px with an accessible title."""
    matrix = segno.make(content, error="m", micro=False, boost_error=False).matrix
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            end = x
            while end < len(row) and row[end]:
                end += 1
            runs.append(f"M{x + QUIET} {y + QUIET}h{end - x}v1h-{end - x}z")
            x = end
    side = len(matrix) + 2 * QUIET
    mark = "qr-" + hashlib.sha256(f"{title}\x1f{content}".encode()).hexdigest()[:12]
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="x-qr" viewBox="0 0 {side} {side}" width="{size}"'
        ' height="{size}" role="img" aria-labelledby="{mark}" shape-rendering="crispEdges"><title id="{mark}">'
        '{title}</title><rect width="{side}" height="{side}" fill="#fff"/><path fill="#000" d="{path}"/></svg>'
    ).format(side=side, size=size, mark=mark, title=escape(title), path="".join(runs))
