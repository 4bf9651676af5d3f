"""Bring the blocks up to date: make them all once, then only what was written since.

What was written since is known for certain: on PostgreSQL triggers note every insert and change of facts in the
transaction that makes it; on SQLite, whose writers follow one another and whose facts are never deleted, new facts are
those with a larger id than was reached, and a trigger notes every change (migration 0015).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, Text, cast, delete, func, insert, select, text, type_coerce
from sqlalchemy import String as Characters
from sqlalchemy.orm import Session

from app.core import clock
from app.core.bulk import among
from app.core.db import Database, begin_write
from app.facts.definitions import is_own
from app.facts.models import Fact
from app.facts.snapshot import queries
from app.facts.snapshot.models import FactBlock, FactMark, FactSnapshot
from app.facts.snapshot.packing import BLOCK, Cell, Column, changed, of_numbers, pack, unknown
from app.facts.snapshot.queries import ONLY, Spot

YEAR = func.coalesce(Fact.year, 0)
NUMBER = type_coerce(Fact.number, BigInteger)
TEXT = cast(Fact.value, Text)

Report = Callable[[int, int], None]
Place = tuple[int, str, int]
"""Firm, key, year (0 for none)."""


def bring_up_to_date(database: Database, report: Report = lambda done, total: None) -> FactSnapshot:
    """Return the snapshot after it holds every fact that is committed now.

    The first time (or after the catalogue changed) blocks are made one by one, each in its own transaction;
    ``report(blocks done, blocks)`` may raise to stop, and the next call goes on there.
    """
    while (left := _begin_or_go_on(database)) is not None:
        done, total = left
        report(done, total)
        if done == total:
            break
        with database.transaction() as session:
            _make_block(session, done)
            session.get_one(FactSnapshot, ONLY).made = done + 1
    with database.transaction() as session:
        return refresh(session)


def _begin_or_go_on(database: Database) -> tuple[int, int] | None:
    """Return how many blocks are made and how many there will be; None when all are."""
    with database.transaction() as session:
        found = queries.snapshot(session)
        if found is None or found.catalogue != queries.catalogue_digest():
            found = _begin(session, found)
        if found.made is None:
            return None
        return found.made, _last_block(session) + 1


def _begin(session: Session, old: FactSnapshot | None) -> FactSnapshot:
    """Start over: what is written from now on is marked, so that nothing is missed while blocks are made."""
    session.execute(delete(FactMark))
    session.execute(delete(FactBlock))
    found = old or FactSnapshot(id=ONLY, version=0)
    found.made, found.known_at, found.catalogue = 0, clock.now(), queries.catalogue_digest()
    found.reached = _last_id(session)
    session.add(found)
    session.flush()
    return found


def refresh(session: Session) -> FactSnapshot:
    """Put into the blocks what was written since; all of it in the caller's transaction, as of one moment."""
    if session.get_bind().dialect.name == "postgresql":  # no earlier statement: they fix what is seen
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        session.execute(text("LOCK TABLE fact_snapshot IN EXCLUSIVE MODE"))
    else:
        begin_write(session)
    found = session.get_one(FactSnapshot, ONLY, populate_existing=True)
    marks = session.execute(select(FactMark.id, FactMark.first_id, FactMark.last_id, FactMark.was_of)).all()
    spans = [(mark.first_id, mark.last_id) for mark in marks]
    if session.get_bind().dialect.name == "sqlite":
        last = _last_id(session)
        if last > found.reached:
            spans.append((found.reached + 1, last))
        found.reached = last
    if spans:
        former: dict[int, set[int]] = {}
        for mark in marks:
            if mark.was_of is not None:
                former.setdefault(mark.first_id, set()).add(mark.was_of)
        _write(session, _cells(session, spans, former))
        session.execute(delete(FactMark).where(FactMark.id <= max((mark.id for mark in marks), default=0)))
    if spans or found.made is not None:
        found.version += 1
    found.made, found.known_at = None, clock.now()
    session.flush()
    return found


def _last_id(session: Session) -> int:
    return session.scalar(select(func.coalesce(func.max(Fact.id), 0))) or 0


def _last_block(session: Session) -> int:
    return (session.scalar(select(func.coalesce(func.max(Fact.firm_id), 0))) or 0) // BLOCK


# --- all facts of one block -----------------------------------------------------------------------------------------


def _make_block(session: Session, block: int) -> None:
    """Read the current facts of a block of firms and keep them as columns."""
    here = (Fact.firm_id.between(block * BLOCK, block * BLOCK + BLOCK - 1), Fact.superseded_at.is_(None))
    columns: dict[Spot, Column] = {}
    rows = session.execute(
        select(Fact.key, YEAR, _joined(Fact.firm_id), _joined(NUMBER))
        .where(*here, Fact.number.is_not(None))
        .group_by(Fact.key, YEAR)
    )
    for key, year, firm_ids, numbers in rows:
        indicator = None if is_own(key) else queries.known_indicator(key)
        if indicator is not None and indicator.kind == "number":
            columns[key, year] = of_numbers(_whole(firm_ids) - block * BLOCK, _whole(numbers))
    said = select(Fact.firm_id, Fact.key, YEAR, NUMBER, TEXT).where(*here, Fact.number.is_(None))
    cells: dict[Spot, dict[int, Cell | None]] = {}
    for firm_id, key, year, number, value in session.execute(said):
        cells.setdefault((key, year), {})[firm_id - block * BLOCK] = Cell(number, value)
    for spot, found in cells.items():
        indicator = None if is_own(spot[0]) else queries.known_indicator(spot[0])
        if indicator is not None:
            columns[spot] = changed(columns.get(spot, unknown(0)), indicator, found)
    session.execute(delete(FactBlock).where(FactBlock.block == block))
    _keep(session, block, columns)


def _joined(column: Any) -> ColumnElement[str]:
    """The values of one group as text, joined by the database: a million of them reach us as a few hundred texts."""
    return func.aggregate_strings(cast(column, Characters), ",")


def _whole(joined: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.fromstring(joined, dtype=np.int64, sep=",")


def _keep(session: Session, block: int, columns: dict[Spot, Column]) -> None:
    rows = []
    for (key, year), column in columns.items():
        packed = pack(column)
        rows.append(
            {
                "block": block, "key": key, "year": year, "size": packed.size, "places": packed.places,
                "width": packed.width, "words": packed.words, "data": packed.data,
            }
        )  # fmt: skip
    if rows:
        session.execute(insert(FactBlock.__table__), rows)  # type: ignore[arg-type]


# --- only what changed ----------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    id: int
    firm_id: int
    key: str
    year: int
    number: int | None
    text: str | None
    is_current: bool


ROW = (Fact.id, Fact.firm_id, Fact.key, YEAR, NUMBER, TEXT, Fact.superseded_at.is_(None))


def _cells(session: Session, spans: Sequence[tuple[int, int]], former: dict[int, set[int]]) -> dict[Place, Cell | None]:
    """Return what now stands at every place that the facts of the spans touch or touched."""
    found: dict[Place, Cell | None] = {}
    emptied: set[Place] = set()
    for row in _rows_of(session, spans):
        if is_own(row.key):
            continue
        if row.is_current:
            found[row.firm_id, row.key, row.year] = Cell(row.number, row.text)
        else:
            emptied.add((row.firm_id, row.key, row.year))
        emptied.update((firm_id, row.key, row.year) for firm_id in former.get(row.id, ()))
    asked = emptied - found.keys()
    found.update(dict.fromkeys(asked))
    found.update(_standing(session, asked))
    return found


def _rows_of(session: Session, spans: Sequence[tuple[int, int]]) -> Iterable[_Row]:
    single = [first for first, last in spans if first == last]
    conditions = [Fact.id.between(first, last) for first, last in spans if first != last]
    for condition in (*conditions, *among(Fact.id, single)):
        yield from map(_Row._make, session.execute(select(*ROW).where(condition)))


def _standing(session: Session, places: set[Place]) -> dict[Place, Cell | None]:
    """Return the current facts of these places."""
    found: dict[Place, Cell | None] = {}
    keys = sorted({key for _firm, key, _year in places})
    for these in among(Fact.firm_id, {firm_id for firm_id, _key, _year in places}):
        rows = session.execute(select(*ROW).where(these, Fact.key.in_(keys), Fact.superseded_at.is_(None)))
        for row in map(_Row._make, rows):
            if (row.firm_id, row.key, row.year) in places:
                found[row.firm_id, row.key, row.year] = Cell(row.number, row.text)
    return found


def _write(session: Session, cells: dict[Place, Cell | None]) -> None:
    """Put the cells into their blocks."""
    blocks: dict[int, dict[Spot, dict[int, Cell | None]]] = {}
    for (firm_id, key, year), cell in cells.items():
        block, offset = divmod(firm_id, BLOCK)
        blocks.setdefault(block, {}).setdefault((key, year), {})[offset] = cell
    for block, spots in sorted(blocks.items()):
        held = queries.columns(session, block, list(spots))
        columns: dict[Spot, Column] = {}
        for spot, found in spots.items():
            indicator = queries.known_indicator(spot[0])
            if indicator is not None:
                columns[spot] = changed(held.get(spot, unknown(0)), indicator, found)
        for key, year in columns:
            session.execute(
                delete(FactBlock).where(FactBlock.block == block, FactBlock.key == key, FactBlock.year == year)
            )
        _keep(session, block, columns)
