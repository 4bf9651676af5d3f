"""What changed on an object, read from SQLAlchemy's history before the flush."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import inspect

from app.core.db import Base


def plain(value: Any) -> Any:
    """Return a value as the log keeps it: JSON, exact decimals as text."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value if isinstance(value, str | int | bool | None) else str(value)


def diff(subject: Base, *, leave_out: frozenset[str] = frozenset()) -> dict[str, list[Any]]:
    """Return ``{column: [old, new]}`` of the unflushed changes of ``subject``."""
    state = inspect(subject)
    changes: dict[str, list[Any]] = {}
    for attribute in state.mapper.column_attrs:
        if attribute.key in leave_out:
            continue
        history = state.attrs[attribute.key].history
        if history.has_changes():
            old = history.deleted[0] if history.deleted else None
            new = history.added[0] if history.added else None
            if old != new:
                changes[attribute.key] = [plain(old), plain(new)]
    return changes
