"""The index behind the search for firms: pairs and triples of signs, on SQLite (FTS5) and on PostgreSQL (GIN).

The database keeps it: triggers on SQLite, an index on an expression on PostgreSQL (migration 0011), so that nothing
that writes a firm can forget it. What the index finds is checked against the text again: it only narrows.
"""

from __future__ import annotations

from typing import Any, Self

from sqlalchemy import Boolean, ColumnElement, FromClause, Text, and_, column, literal, table, text, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from app.firms.models import Firm

PREFIX = "firm_search_"  # tables of the index on SQLite; no models stand behind them
MOST_SORTED = 3_000  # up to so many hits are all taken and sorted; of more, the first are looked for along the order
_SEPARATOR = "\x1f"


class _Condition(FunctionElement[bool]):
    """A condition that stands as it is: ``… = 1`` behind it would keep SQLite from asking the index."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Self:
        return self


class holds_pair(_Condition):  # noqa: N801 - a function of SQL
    """(id, search text, pair as FTS5 asks, pair): the names or initials hold these two signs."""

    inherit_cache = True


class holds_triples(_Condition):  # noqa: N801 - a function of SQL
    """(id, search text, triples as FTS5 asks, triples): the search text holds all of these three signs."""

    inherit_cache = True


class head_holds(_Condition):  # noqa: N801 - a function of SQL
    """(search text, sign): the names or initials hold this."""

    inherit_cache = True


class text_holds(_Condition):  # noqa: N801 - a function of SQL
    """(search text, term): the whole text holds this; compares bytes, which is several times as fast as LIKE."""

    inherit_cache = True


@compiles(holds_pair, "sqlite")
def _pair_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return _in_index("pair", element, compiler, options)


@compiles(holds_triples, "sqlite")
def _triples_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return _in_index("triple", element, compiler, options)


def _in_index(kind: str, element: Any, compiler: Any, options: Any) -> str:
    number, _text, asked, _grams = (compiler.process(one, **options) for one in element.clauses)
    name = PREFIX + kind
    return f"{number} IN (SELECT rowid FROM {name} WHERE {name} MATCH {asked})"  # noqa: S608 - our own names


@compiles(holds_pair, "postgresql")
@compiles(holds_triples, "postgresql")
def _grams_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    _number, kept, _asked, grams = (compiler.process(one, **options) for one in element.clauses)
    return f"firm_grams({kept}) @> string_to_array({grams}, chr(31))"


@compiles(head_holds, "sqlite")
def _head_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    kept, sign = (compiler.process(one, **options) for one in element.clauses)
    end = "char(10) || char(10)"
    return f"instr(substr({kept}, 1, instr({kept} || {end}, {end})), {sign}) > 0"


@compiles(head_holds, "postgresql")
def _head_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    kept, sign = (compiler.process(one, **options) for one in element.clauses)
    return f"strpos(split_part({kept}, E'\\n\\n', 1), {sign}) > 0"


@compiles(text_holds, "sqlite")
def _text_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    kept, term = (compiler.process(one, **options) for one in element.clauses)
    return f"instr({kept}, {term}) > 0"


@compiles(text_holds, "postgresql")
def _text_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    kept, term = (compiler.process(one, **options) for one in element.clauses)
    return f"strpos({kept}, {term}) > 0"


def holding(terms: list[str]) -> ColumnElement[bool]:
    """Return “the search text holds all of these terms”, without the index: what walks over firms asks each of."""
    return and_(true(), *map(_holding, terms))


def indexed(terms: list[str]) -> ColumnElement[bool]:
    """Return the condition that lets the index find the firms of the longest term; true for single signs."""
    term = max(terms, key=len, default="")
    if len(term) < 2:
        return true()
    kind = holds_pair if len(term) == 2 else holds_triples
    grams = _grams(term)
    asked = literal(_asked(term), Text)
    return kind(Firm.__table__.c.id, Firm.__table__.c.search_text, asked, literal(_SEPARATOR.join(grams), Text))


def source(session: Session, terms: list[str]) -> FromClause:
    """Return the table of firms as the index gives them, one after another: for looking at the first few only."""
    term = max(terms, key=len, default="")
    if len(term) < 2 or session.get_bind().dialect.name != "sqlite":
        return Firm.__table__
    name = PREFIX + ("pair" if len(term) == 2 else "triple")
    index = table(name, column("rowid"), column(name))
    asked = index.c[name].op("MATCH")(literal(_asked(term), Text))
    return index.join(Firm.__table__, and_(index.c.rowid == Firm.__table__.c.id, asked))


def is_exact(terms: list[str]) -> bool:
    """True when the index alone decides: one term that is a pair or a triple."""
    return len(terms) == 1 and len(terms[0]) in {2, 3}


def hits(session: Session, terms: list[str], most: int) -> int | None:
    """Return how many firms the index finds, counted up to ``most``; None where it cannot be asked (single signs).

    Before anything is checked again and whoever may see it: for choosing a way, not for showing.
    """
    term = max(terms, key=len, default="")
    if len(term) < 2:
        return None
    if session.get_bind().dialect.name == "sqlite":
        name = PREFIX + ("pair" if len(term) == 2 else "triple")
        inner = f"SELECT 1 FROM {name} WHERE {name} MATCH :asked LIMIT :most"  # noqa: S608 - our own names
        asked = _asked(term)
    else:
        inner = "SELECT 1 FROM firm WHERE firm_grams(search_text) @> string_to_array(:asked, chr(31)) LIMIT :most"
        asked = _SEPARATOR.join(_grams(term))
    statement = text(f"SELECT count(*) FROM ({inner}) AS found")  # noqa: S608 - our own names
    return int(session.scalar(statement, {"asked": asked, "most": most}) or 0)


def _holding(term: str) -> ColumnElement[bool]:
    kept = Firm.__table__.c.search_text
    return (head_holds if len(term) < 3 else text_holds)(kept, literal(term, Text))  # noqa: PLR2004 - pairs


def _grams(term: str) -> list[str]:
    """The pair itself, or the different triples of a longer term, as they stand in the index on PostgreSQL."""
    return sorted({term[place : place + 3] for place in range(max(len(term) - 2, 1))})


def _asked(term: str) -> str:
    """What FTS5 is asked: pairs are kept as the hexadecimal of their bytes (any sign is a word then)."""
    if len(term) == 2:
        return f'"{term.encode().hex().upper()}"'
    return " AND ".join('"' + gram.replace('"', '""') + '"' for gram in _grams(term))
