"""One canonical form of JSON, so that equal content has an equal hash everywhere."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value.is_finite() else str(value)
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"no canonical form for {type(value).__name__}")


def canonical_json(content: Any) -> str:
    """Return JSON with sorted keys, no spaces, exact decimals as strings."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def sha256_hex(content: bytes | str) -> str:
    """Return the SHA-256 of bytes, or of text in UTF-8, as 64 hex digits."""
    data = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()


def content_hash(content: Any) -> str:
    """Return the SHA-256 of the canonical JSON of ``content``."""
    return sha256_hex(canonical_json(content))
