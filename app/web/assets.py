"""Addresses of static files with their hash, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask

STATIC = Path(__file__).parent.parent / "static"


@lru_cache(maxsize=256)
def asset(name: str) -> str:
    """Return the address of ``static/<name>`` with ``?v=`` its hash. Files are read once: restart after a change."""
    path = STATIC / name
    version = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "0"
    return f"/static/{name}?v={version}"


def install(app: Flask) -> None:
    """Offer ``asset()`` to templates; versioned files may be cached for a year."""
    app.jinja_env.globals["asset"] = asset
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000
