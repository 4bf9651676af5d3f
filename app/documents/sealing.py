"""A context as JSON and back: the text that is hashed is the text that is stored and printed from."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from app.core.digest import canonical_json, sha256_hex

Kind = TypeVar("Kind")
_READERS: dict[type, Any] = {
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


def sealed(context: object) -> tuple[str, str]:
    """Return the canonical JSON of a context and its SHA-256."""
    text = canonical_json(context)
    return text, sha256_hex(text)


def unsealed(kind: type[Kind], data: Any) -> Kind:
    """Read a context of frozen dataclasses back from what was stored. Raises TypeError or KeyError for what is none."""
    context: Kind = _read(kind, data)
    return context


@lru_cache(maxsize=64)
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, data: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        inner = next(part for part in get_args(kind) if part is not NoneType)
        return None if data is None else _read(inner, data)
    if origin is tuple:
        return tuple(_read(get_args(kind)[0], item) for item in data)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        made: Any = kind
        return made(**{field.name: _read(hints[field.name], data[field.name]) for field in fields(kind)})
    if kind in _READERS:
        return _READERS[kind](data)
    if not isinstance(data, kind):
        raise TypeError(f"{kind.__name__} expected, {type(data).__name__} found")
    return data
