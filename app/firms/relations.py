"""What hangs on a firm: every column of every table that refers to one, and how a merge treats its rows.

Each such column declares it in its model: ``info={"merge": "move"}`` (rows go to the surviving firm), ``"keep"`` (what
was decided stays with the firm it was decided on) or ``"derive"`` (computed rows, made anew). A merge refuses a
relation that declares nothing: nobody has thought about it yet. Further words beside it: ``"conflict": "refuse"`` or
``"supersede"`` for rows that cannot stand beside one of the survivor's (otherwise such a row stays with the merged
firm), ``"clear"`` for a mark that only one row of a firm may bear, ``"decided": (column, condition)`` for rows that,
made after a merge, lean on it; ``"by_machine": True`` for rows that no person wrote: they go with a firm that an undo
takes back, and do not stand in its way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Select,
    Subquery,
    Table,
    UniqueConstraint,
    and_,
    func,
    literal_column,
    select,
)
from sqlalchemy import true as always
from sqlalchemy.orm import Session

from app.core.db import Base
from app.core.errors import Conflict
from app.core.text import tr

WAYS = frozenset({"move", "keep", "derive"})
OWN = frozenset({"firm", "firm_merge", "firm_move", "duplicate_pair"})
"""Tables that tell of merges themselves."""


class UnknownRelation(Conflict):
    """A table refers to firms and does not say what a merge shall do with its rows."""


@dataclass(frozen=True)
class Relation:
    """One column that refers to a firm."""

    table: Table
    column: Column[Any]
    way: str
    conflict: str = ""
    clear: str = ""
    decided: tuple[str, str] | None = None
    by_machine: bool = False

    @property
    def name(self) -> str:
        return str(self.table.name)

    @property
    def moves(self) -> bool:
        return self.way == "move"


@dataclass(frozen=True)
class Clash:
    """Two rows that cannot both belong to the surviving firm."""

    relation: Relation
    loser_row: int
    survivor_row: int


def relations() -> list[Relation]:
    """Return all relations; raises ``UnknownRelation`` for one that declares nothing or cannot be followed."""
    return [
        _relation(table, column)
        for table in Base.metadata.sorted_tables
        if table.name not in OWN
        for column in table.columns
        if column.name == "firm_id" or any(key.column.table.name == "firm" for key in column.foreign_keys)
    ]


def _relation(table: Table, column: Column[Any]) -> Relation:
    info: Mapping[str, Any] = column.info
    way = info.get("merge", "")
    followed = way != "move" or "id" in table.columns
    if way not in WAYS or not followed:
        raise UnknownRelation(
            tr(
                "合并程序不认识“%(table)s.%(column)s”，不知道其中的记录该归谁，没有合并。请把这句话转告系统维护人员。",
                table=table.name,
                column=column.name,
            )
        )
    return Relation(
        table, column, way, info.get("conflict", ""), info.get("clear", ""), info.get("decided"),
        by_machine=info.get("by_machine", False),
    )  # fmt: skip


def counts(session: Session, firm_id: int) -> dict[str, int]:
    """Return how many rows hang on a firm, by table, those of merges themselves left out."""
    found: dict[str, int] = {}
    for one in relations():
        if one.way == "derive":
            continue
        number = session.scalar(select(func.count()).select_from(one.table).where(one.column == firm_id)) or 0
        if number:
            found[one.name] = found.get(one.name, 0) + number
    return found


def clashes(session: Session, survivor_id: int, loser_id: int) -> list[Clash]:
    """Return the rows of the merged firm for which the surviving one has an equal already, by the unique keys."""
    found: dict[tuple[str, int], Clash] = {}
    for one in relations():
        if one.moves:
            for unique in _uniques(one):
                for mine, theirs in session.execute(_pairs(one, unique, survivor_id, loser_id)):
                    found.setdefault((one.name, mine), Clash(one, mine, theirs))
    return list(found.values())


@dataclass(frozen=True)
class _Unique:
    columns: tuple[ColumnElement[Any], ...]
    where: ColumnElement[bool]


def _uniques(relation: Relation) -> list[_Unique]:
    found: list[_Unique] = []
    for constraint in relation.table.constraints:
        if isinstance(constraint, UniqueConstraint) and relation.column.name in constraint.columns:
            found.append(_Unique(_but(list(constraint.columns), relation), always()))
    for index in relation.table.indexes:
        if index.unique and relation.column.name in {column.name for column in index.columns}:
            found += _of_index(index, relation)
    return found


def _of_index(index: Index, relation: Relation) -> list[_Unique]:
    where = index.dialect_options["sqlite"]["where"]
    if relation.clear and where is not None and relation.clear in str(where):
        return []  # the mark is taken off the moving row instead
    return [_Unique(_but(list(index.expressions), relation), always() if where is None else where)]


def _but(columns: list[Any], relation: Relation) -> tuple[ColumnElement[Any], ...]:
    return tuple(one for one in columns if getattr(one, "name", None) != relation.column.name)


def _pairs(relation: Relation, unique: _Unique, survivor_id: int, loser_id: int) -> Select[Any, Any]:
    mine, theirs = (_side(relation, unique, firm_id) for firm_id in (loser_id, survivor_id))
    equal = [mine.c[f"part{place}"] == theirs.c[f"part{place}"] for place in range(len(unique.columns))]
    return select(mine.c.id, theirs.c.id).select_from(mine.join(theirs, and_(always(), *equal))).order_by(mine.c.id)


def _side(relation: Relation, unique: _Unique, firm_id: int) -> Subquery:
    parts = [
        (one if isinstance(one, ColumnElement) else literal_column(str(one))).label(f"part{place}")
        for place, one in enumerate(unique.columns)
    ]
    return select(relation.table.c.id, *parts).where(relation.column == firm_id, unique.where).subquery()
