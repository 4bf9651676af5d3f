"""One page of filtered firms in some order, without sorting all that match and without walking past all that do not.

Two ways lead to the first fifty: walk along the order and keep what matches (quick when much matches), or take all
that match and sort them (quick when little does). Nobody knows beforehand how much matches, so a short walk is tried
first, then a longer one, and only then everything is taken; what matched so rarely is little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import FunctionElement

from app.core.paging import Place, SortKey, Stretch, may_be_null, order, stretches
from app.firms.models import Firm

WALKS = (1_000, 6_000)
_FIRM = Firm.__table__.c


class unindexed(FunctionElement[Any]):  # noqa: N801 - a function of SQL
    """A column as a value: SQLite, which knows little of how much matches, must not walk along its index."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any] | InstrumentedAttribute[Any]) -> None:
        super().__init__(column)
        self.type = column.type  # what it is compared with is bound as the column binds it


@compiles(unindexed)
def _plain(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(unindexed, "sqlite")
def _unindexed(element: Any, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


Found = list[Row[*tuple[Any, ...]]]


def firms_from(
    session: Session,
    place: Place,
    keys: Sequence[SortKey],
    *,
    walked: Sequence[ColumnElement[bool]],
    taken: Sequence[ColumnElement[bool]],
    size: int,
    within: Sequence[ColumnElement[bool]] = (),
    walks: Sequence[int] = WALKS,
) -> Found:
    """Return ``(id, first key)`` of up to ``size + 1`` firms from a place on (backwards: nearest first).

    ``walked`` are the conditions as they are asked of one firm after another, ``taken`` the same as an index answers
    them. Without any, the order itself is the answer. ``within`` are conditions that the order's own index answers.
    """
    if not walked:
        return _along_all(session, place, keys, within, size)
    for most in walks:
        found, is_all = _walked(session, place, keys, walked, within, size, most)
        if len(found) > size or is_all:
            return found
    return _taken(session, place, keys, (*taken, *within), size)


def _along_all(
    session: Session, place: Place, keys: Sequence[SortKey], within: Sequence[ColumnElement[bool]], size: int
) -> Found:
    found: Found = []
    for part in stretches(keys, place.values, backwards=place.backwards):
        found += session.execute(_along(part, keys, place).where(*within).limit(size + 1 - len(found))).all()
        if len(found) > size:
            break
    return found


def _taken(
    session: Session, place: Place, keys: Sequence[SortKey], conditions: Sequence[ColumnElement[bool]], size: int
) -> Found:
    found: Found = []
    plain = [replace(key, column=unindexed(key.column), filled=not may_be_null(key)) for key in keys]
    for part in stretches(plain, place.values, backwards=place.backwards):
        statement = _along(part, keys, place)
        found += session.execute(statement.where(*conditions).limit(size + 1 - len(found))).all()
        if len(found) > size:
            break
    return found


def _walked(
    session: Session,
    place: Place,
    keys: Sequence[SortKey],
    conditions: Sequence[ColumnElement[bool]],
    within: Sequence[ColumnElement[bool]],
    size: int,
    most: int,
) -> tuple[Found, bool]:
    """Look at ``most`` firms of each stretch; say whether that were all."""
    found: Found = []
    for part in stretches(keys, place.values, backwards=place.backwards):
        along = _along(part, keys, place).where(*within)
        seen = along.limit(most).subquery("seen")
        asked = (
            select(_FIRM.id, keys[0].column)
            .select_from(seen.join(Firm.__table__, _FIRM.id == seen.c.id))
            .where(*conditions)
            .order_by(*order(part.keys, backwards=place.backwards))
            .limit(size + 1 - len(found))
        )
        found += session.execute(asked).all()
        if len(found) > size:
            return found, False
        if session.execute(along.with_only_columns(_FIRM.id).offset(most).limit(1)).first() is not None:
            return found, False
    return found, True


def _along(part: Stretch, keys: Sequence[SortKey], place: Place) -> Select[*tuple[Any, ...]]:
    statement = select(_FIRM.id, keys[0].column).order_by(*order(part.keys, backwards=place.backwards))
    return statement if part.condition is None else statement.where(part.condition)
