"""Keyset pages: any page of any list costs the same, however deep."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    TypeDecorator,
    and_,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.errors import Invalid

T = TypeVar("T")
PAGE_SIZE = 50
MOST_COUNTED = 10_000


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
    ``filled`` says that the rows in question have no null here, whatever the column allows. ``leads`` says that an
    index begins with this key and goes on with the others: PostgreSQL walks it among the rows without the key only when
    asked for its whole order.
    """

    column: ColumnElement[Any] | InstrumentedAttribute[Any]
    name: str
    descending: bool = False
    parse: Callable[[Any], Any] | None = None
    filled: bool = False
    leads: bool = False


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
    """Return the condition “comes after these values” (or before) in the order of ``keys``; the first is not null.

    ``a >= x AND (a > x OR b > y)`` and not ``a > x OR (a = x AND b > y)``: only the former lets an index begin at the
    place, the latter walks all that came before it.
    """
    key, value, rest = keys[0], values[0], keys[1:]
    column = key.column
    if value is None:
        alike = and_(column.is_(None), keyset(rest, values[1:], backwards=backwards)) if rest else false()
        return or_(column.is_not(None), alike) if backwards else alike
    smaller = key.descending != backwards
    beyond = column < value if smaller else column > value
    reaches = column <= value if smaller else column >= value
    here = and_(reaches, or_(beyond, keyset(rest, values[1:], backwards=backwards))) if rest else beyond
    return here if backwards or not may_be_null(key) else or_(here, column.is_(None))


@dataclass(frozen=True)
class Stretch:
    """A part of a list that an index can be walked along: rows under ``condition`` in the order of ``keys``."""

    condition: ColumnElement[bool] | None
    keys: tuple[SortKey, ...]


def stretches(keys: Sequence[SortKey], values: Sequence[Any] | None, *, backwards: bool = False) -> list[Stretch]:
    """Return the parts of a list beyond a place, in the order in which they are read.

    Where the first key may be null, the rows without it are a part of their own at the end: “nulls last” in one ORDER
    BY would make a database sort everything, in one direction or the other.
    """
    first, rest = keys[0], tuple(keys[1:])
    whole = tuple(keys)
    if not may_be_null(first):
        return [Stretch(None, whole)] if values is None else _beyond(whole, values, backwards=backwards)
    filled = (_never_null(first), *rest)
    known = Stretch(first.column.is_not(None), filled)
    bare = filled if first.leads else rest
    unknown = Stretch(first.column.is_(None), bare)
    if values is None:
        return [known, unknown]
    if values[0] is None:
        here = Stretch(and_(first.column.is_(None), keyset(rest, values[1:], backwards=backwards)), bare)
        return [here, known] if backwards else [here]
    beyond = _beyond(filled, values, backwards=backwards)
    return beyond if backwards else [*beyond, unknown]


def _beyond(keys: tuple[SortKey, ...], values: Sequence[Any], *, backwards: bool) -> list[Stretch]:
    """The rest of the rows with the same first value, then those beyond it: each begins at its place in the index.

    In one condition SQLite begins at the first value only, and a town may have a hundred thousand rows before.
    """
    first, rest = keys[0], keys[1:]
    smaller = first.descending != backwards
    further = Stretch(first.column < values[0] if smaller else first.column > values[0], keys)
    if not rest:
        return [further]
    alike = and_(first.column == values[0], keyset(rest, values[1:], backwards=backwards))
    return [Stretch(alike, keys), further]


def may_be_null(key: SortKey) -> bool:
    """True when rows of the list may have nothing in this column."""
    if key.filled:
        return False
    column = key.column
    if isinstance(column, InstrumentedAttribute):
        column = column.__clause_element__()
    return bool(getattr(column, "nullable", True))


def _never_null(key: SortKey) -> SortKey:
    return replace(key, filled=True)


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
    place = read_place(keys, after, before)
    rows: list[Row[*tuple[Any, ...]]] = []
    for part in stretches(keys, place.values, backwards=place.backwards):
        found = statement if part.condition is None else statement.where(part.condition)
        directed = found.order_by(*order(part.keys, backwards=place.backwards))
        rows += session.execute(directed.limit(size + 1 - len(rows))).all()
        if len(rows) > size:
            break
    return page_of(rows, place, key_of=key_of, total=total, size=size)


@dataclass(frozen=True)
class Place:
    """Where in a list a cursor stands (None: at the top), and whether one goes back from there."""

    values: Sequence[Any] | None
    backwards: bool = False


def read_place(keys: Sequence[SortKey], after: str, before: str) -> Place:
    """Read the cursors of an address; a broken one means the top."""
    values = _parsed(keys, decode_cursor(after or before, len(keys))) if (after or before) else None
    return Place(values, values is not None and bool(before) and not after)


def page_of(
    rows: Sequence[Row[*tuple[Any, ...]]],
    place: Place,
    *,
    key_of: Callable[[Row[*tuple[Any, ...]]], Sequence[Any]],
    total: int,
    size: int = PAGE_SIZE,
) -> Page[Row[*tuple[Any, ...]]]:
    """Make a page of up to ``size + 1`` rows read from a place on (the last one only says that there are more)."""
    more = len(rows) > size
    rows = list(rows[:size])
    if place.backwards:
        rows.reverse()
    has_next = place.backwards or more
    has_previous = more if place.backwards else place.values is not None
    return Page(
        items=rows,
        total=min(total, MOST_COUNTED),
        after=encode_cursor(list(key_of(rows[-1]))) if rows and has_next else "",
        before=encode_cursor(list(key_of(rows[0]))) if rows and has_previous else "",
        is_capped=total > MOST_COUNTED,
    )


def capped_count(session: Session, statement: Select[*tuple[Any, ...]]) -> int:
    """Count the rows of a statement, but no further than ``MOST_COUNTED + 1``: a page says “10,000 以上” then."""
    some = statement.order_by(None).limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def order(keys: Sequence[SortKey], *, backwards: bool = False) -> list[ColumnElement[Any]]:
    """Return the ORDER BY for ``keys``; null values last, first when read backwards."""
    clauses: list[ColumnElement[Any]] = []
    for key in keys:
        direction = key.column.desc() if key.descending != backwards else key.column.asc()
        if may_be_null(key):
            direction = direction.nulls_first() if backwards else direction.nulls_last()
        clauses.append(direction)
    return clauses
