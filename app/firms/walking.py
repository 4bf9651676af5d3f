"""One page of filtered firms in some order, without sorting all that match and without walking past all that do not.

Three ways lead to the first fifty, and how often something matches decides between them (decision 0016):

- **take** all that match and sort them: for little;
- **walk** along the order and ask each firm: for much;
- **meet**: gather what the index finds, then walk along the order and see who is among it. Of the firms in between only
  the order's own index is read. For what lies between, and for what a walk did not find.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import FunctionElement

from app.core.paging import Place, SortKey, Stretch, may_be_null, order, stretches
from app.firms.models import Firm

MOST_TAKEN = 2_000  # so many are taken and sorted: 1 µs each, as much as looking at one firm on a walk
MOST_MET = 20_000  # so many are gathered (0.15 µs each) before walking; of more, fifty are found sooner without
MOST_TAKEN_THERE = 6_000  # on PostgreSQL, where hits cannot be gathered without the firms, taking pays for longer
WALK = 6_000  # so many firms are asked one after another
_REACH = 60_000_000  # of n hits 50 lie among the first 31 million / n of 600,000 firms, if they are spread evenly
_FIRM = Firm.__table__.c


class unindexed(FunctionElement[Any]):  # noqa: N801 - a function of SQL
    """A column as a value: a database that guesses wrongly how much matches must not walk along its index."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any] | InstrumentedAttribute[Any]) -> None:
        super().__init__(column)
        self.type = column.type  # what it is compared with is bound as the column binds it


@compiles(unindexed, "postgresql")
def _in_array(element: Any, compiler: Any, **options: Any) -> str:
    return f"(ARRAY[{compiler.process(element.clauses, **options)}])[1]"


@compiles(unindexed, "sqlite")
def _unindexed(element: Any, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


Found = list[Row[*tuple[Any, ...]]]
Conditions = Sequence[ColumnElement[bool]]
Wording = Callable[[], Conditions]


@dataclass(frozen=True)
class Ways:
    """The same conditions in the wording of each way; each is put together only when it is gone.

    ``walked`` as they are asked of one firm after another, ``taken`` as an index answers them, ``met`` with the hits of
    the search gathered before (None where there is no such way; on PostgreSQL as ``walked``, for what surely is there).
    ``often``: how many match at most, None: unknown. ``most_taken``: of so many all are taken.
    """

    walked: Wording
    taken: Wording
    met: Wording | None = None
    often: int | None = None
    most_taken: int = MOST_TAKEN

    def along(self) -> tuple[Wording, int] | None:
        """What is tried along the order first: conditions, and how many firms to look at; None for little."""
        if self.often is not None and self.often <= self.most_taken:
            return None
        if self.often is not None and self.often <= MOST_MET and self.met is not None:
            return self.met, _REACH // self.often
        return self.walked, WALK

    def at_last(self) -> tuple[Wording, bool]:
        """What finds everything: conditions, and whether by taking (else by meeting all along the order)."""
        few = self.often is not None and self.often <= MOST_MET
        return (self.taken, True) if few or self.met is None else (self.met, False)


def firms_from(
    session: Session,
    place: Place,
    keys: Sequence[SortKey],
    ways: Ways | None,
    *,
    size: int,
    within: Conditions = (),
    but: Conditions = (),
) -> Found:
    """Return ``(id, first key)`` of up to ``size + 1`` firms from a place on (backwards: nearest first).

    Without ``ways`` the order itself is the answer. ``within`` are conditions that the order's own index answers,
    ``but`` leaves out a few firms.
    """
    if ways is None:
        return _all(session, place, keys, (*within, *but), size)
    found: Found = []
    if along := ways.along():
        wording, most = along
        found, after = _walked(session, place, keys, within, (*wording(), *but), size, most)
        if after is None:
            return found
        place = after
    wording, by_taking = ways.at_last()
    asked = _taken_keys(keys) if by_taking else keys
    return found + _all(session, place, asked, (*wording(), *within, *but), size - len(found))


def _all(session: Session, place: Place, keys: Sequence[SortKey], conditions: Conditions, size: int) -> Found:
    found: Found = []
    for part in stretches(keys, place.values, backwards=place.backwards):
        found += session.execute(_along(part, keys, place).where(*conditions).limit(size + 1 - len(found))).all()
        if len(found) > size:
            break
    return found


def _taken_keys(keys: Sequence[SortKey]) -> list[SortKey]:
    return [replace(key, column=unindexed(key.column), filled=not may_be_null(key)) for key in keys]


def _walked(
    session: Session,
    place: Place,
    keys: Sequence[SortKey],
    within: Conditions,
    conditions: Conditions,
    size: int,
    most: int,
) -> tuple[Found, Place | None]:
    """Look at ``most`` firms of the next stretch or two; say where to go on, None when these were all or suffice."""
    found: Found = []
    for part in stretches(keys, place.values, backwards=place.backwards):
        along = _along(part, keys, place).where(*within)
        last = session.execute(along.offset(most - 1).limit(1)).first()
        if last is not None:
            along = along.where(_until(part.keys, [last[1], last[0]], backwards=place.backwards))
        found += session.execute(along.where(*conditions).limit(size + 1 - len(found))).all()
        if len(found) > size:
            return found, None
        if last is not None:
            return found, Place([last[1], last[0]], place.backwards)
    return found, None


def _until(keys: Sequence[SortKey], values: Sequence[Any], *, backwards: bool) -> ColumnElement[bool]:
    """Return “not beyond this place”; in a stretch without the first key only the last one counts."""
    key, value, rest = keys[0], values[-len(keys)], keys[1:]
    if value is None:
        return _until(rest, values, backwards=backwards)
    rises = key.descending == backwards
    reaches: ColumnElement[bool] = key.column <= value if rises else key.column >= value
    if not rest:
        return reaches
    before = key.column < value if rises else key.column > value
    return and_(reaches, or_(before, _until(rest, values, backwards=backwards)))


def _along(part: Stretch, keys: Sequence[SortKey], place: Place) -> Select[*tuple[Any, ...]]:
    statement = select(_FIRM.id, keys[0].column).order_by(*order(part.keys, backwards=place.backwards))
    return statement if part.condition is None else statement.where(part.condition)
