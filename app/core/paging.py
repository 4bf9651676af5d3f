"""Keyset pages: any page of any list costs the same, however deep."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Integer, Row, Select, String, TypeDecorator, and_, false, or_
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.errors import Invalid

T = TypeVar("T")
PAGE_SIZE = 50


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list.

    ``total`` counts the whole list, capped at ``capped_at`` (then ``is_capped``). ``after``/``before`` are the
    cursors of the next and previous page, empty where there is none.
    """

    items: Sequence[T]
    total: int
    after: str = ""
    before: str = ""
    is_capped: bool = False


@dataclass(frozen=True)
class SortKey:
    """A column to sort by; ``descending`` per column. Null values come last in both directions.

    ``parse`` turns what a cursor carries (text or number) back into a value of the column; it raises ``ValueError``
    or ``TypeError`` for what is none. Needed for moments; text, numbers and choices are checked by their column.
    """

    column: ColumnElement[Any] | InstrumentedAttribute[Any]
    name: str
    descending: bool = False
    parse: Callable[[Any], Any] | None = None


def encode_cursor(values: Sequence[Any]) -> str:
    """Return an opaque text for the key of the last row shown."""
    return base64.urlsafe_b64encode(json.dumps(values, ensure_ascii=False, default=str).encode()).decode()


def decode_cursor(text: str, width: int) -> list[Any] | None:
    """Return the key in a cursor, or None when it is no cursor of ours (a broken link starts at the top)."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text.encode()))
    except (ValueError, UnicodeError):
        return None
    if not isinstance(values, list) or len(values) != width:
        return None
    return values if all(isinstance(v, str | int | float | None) for v in values) else None


def _parsed(keys: Sequence[SortKey], values: Sequence[Any] | None) -> list[Any] | None:
    if values is None:
        return None
    try:
        return [
            value if value is None else (key.parse or partial(_fitting, key.column.type))(value)
            for key, value in zip(keys, values, strict=True)
        ]
    except (ValueError, TypeError, ArithmeticError, Invalid):
        return None


def _fitting(kind: Any, value: Any) -> Any:
    """Return the value if a column of this type can be compared with it; a cursor comes from an address."""
    if isinstance(kind, TypeDecorator):
        kind.process_bind_param(value, DefaultDialect())
        return value
    if isinstance(kind, Integer):
        most = 2**63 if isinstance(kind, BigInteger) else 2**31
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= most:
            raise ValueError("no number of this column")
    elif isinstance(kind, String):
        if not isinstance(value, str) or "\x00" in value:
            raise ValueError("no text of this column")
        value.encode()  # half a surrogate pair is no text
    return value


def keyset(keys: Sequence[SortKey], values: Sequence[Any], *, backwards: bool = False) -> ColumnElement[bool]:
    """Return the condition “comes after these values” (or before) in the order of ``keys``."""
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for key, value in zip(keys, values, strict=True):
        alternatives.append(and_(*equal, _beyond(key, value, backwards=backwards)))
        equal.append(key.column.is_(None) if value is None else key.column == value)
    return or_(*alternatives) if alternatives else false()


def _beyond(key: SortKey, value: Any, *, backwards: bool) -> ColumnElement[bool]:
    if value is None:  # nulls stand last: nothing is after them, everything known is before them
        return key.column.is_not(None) if backwards else false()
    smaller = key.descending != backwards
    strictly = key.column < value if smaller else key.column > value
    return strictly if backwards else or_(strictly, key.column.is_(None))


def order(keys: Sequence[SortKey], *, backwards: bool = False) -> list[ColumnElement[Any]]:
    """Return the ORDER BY for ``keys``, nulls last (first when read backwards)."""
    clauses: list[ColumnElement[Any]] = []
    for key in keys:
        falling = key.descending != backwards
        direction = key.column.desc() if falling else key.column.asc()
        clauses.append(direction.nulls_first() if backwards else direction.nulls_last())
    return clauses


def read_page(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    keys: Sequence[SortKey],
    *,
    key_of: Callable[[Row[*tuple[Any, ...]]], Sequence[Any]],
    total: int,
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
) -> Page[Row[*tuple[Any, ...]]]:
    """Run ``statement`` for one page; the last of ``keys`` must be unique."""
    backwards = bool(before) and not after
    values = _parsed(keys, decode_cursor(after or before, len(keys))) if (after or before) else None
    if values is not None:
        statement = statement.where(keyset(keys, values, backwards=backwards))
    else:
        backwards = False
    rows = list(session.execute(statement.order_by(*order(keys, backwards=backwards)).limit(size + 1)).all())
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next = more if not backwards else True
    has_previous = (values is not None) if not backwards else more
    return Page(
        items=rows,
        total=total,
        after=encode_cursor(list(key_of(rows[-1]))) if rows and has_next else "",
        before=encode_cursor(list(key_of(rows[0]))) if rows and has_previous else "",
    )
