"""The index behind the search for firms: pairs and triples of signs, on SQLite (FTS5) and on PostgreSQL (GIN).

The database keeps it: triggers on SQLite, an index on an expression on PostgreSQL (migration 0011), so that nothing
that writes a firm can forget it. What the index finds is checked against the text again: it only narrows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Boolean, ColumnElement, Text, and_, literal, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.firms.models import Firm

PREFIX = "firm_search_"  # tables of the index on SQLite; no models stand behind them
PAIR, TRIPLE = 2, 3
MOST_WHOLE = 6  # signs of a term whose triples are all asked for
_SEPARATOR = "\x1f"
_PLAIN = re.compile(r"[0-9a-z\u3400-\u9fff]{3}")


class _Condition(FunctionElement[bool]):
    """A condition that stands as it is: ``… = 1`` behind it would keep SQLite from asking the index."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Self:
        return self


class holds_sign(_Condition):  # noqa: N801 - a function of SQL
    """(id, search text, sign as FTS5 asks, -): the names or initials hold this sign; no index knows on PostgreSQL."""

    inherit_cache = True


class holds_pairs(_Condition):  # noqa: N801 - a function of SQL
    """(id, search text, pairs as FTS5 asks, pairs): the names or initials hold all of these two signs."""

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


@compiles(holds_sign, "sqlite")
@compiles(holds_pairs, "sqlite")
def _pairs_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return _in_index("pair", element, compiler, options)


@compiles(holds_triples, "sqlite")
def _triples_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return _in_index("triple", element, compiler, options)


def _in_index(kind: str, element: Any, compiler: Any, options: Any) -> str:
    number, _text, asked, _grams = (compiler.process(one, **options) for one in element.clauses)
    name = PREFIX + kind
    return f"{number} IN (SELECT rowid FROM {name} WHERE {name} MATCH {asked})"  # noqa: S608 - our own names


@compiles(holds_sign, "postgresql")
def _sign_postgresql(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "true"


@compiles(holds_pairs, "postgresql")
@compiles(holds_triples, "postgresql")
def _grams_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    _number, kept, _asked, grams = (compiler.process(one, **options) for one in element.clauses)
    return f"firm_grams({kept}) @> string_to_array({grams}, chr(31))"


@compiles(head_holds, "sqlite")
def _head_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    kept, sign = (compiler.process(one, **options) for one in element.clauses)
    end = "char(10) || char(10)"
    return f"instr(substr({kept}, 1, instr({kept} || {end}, {end})), {sign}) > 0"


# “<> 0” and not “> 0”: of the latter PostgreSQL takes a third to match, and where several are asked it takes so little
# to match that it reads a whole stretch and sorts it instead of walking until fifty are found
@compiles(head_holds, "postgresql")
def _head_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    kept, sign = (compiler.process(one, **options) for one in element.clauses)
    head = f"split_part({kept}, E'\\n\\n', 1)"
    return f"(strpos({kept}, {sign}) <> 0 AND strpos({head}, {sign}) <> 0)"  # most fail at once, without being cut


@compiles(text_holds, "sqlite")
def _text_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    kept, term = (compiler.process(one, **options) for one in element.clauses)
    return f"instr({kept}, {term}) > 0"


@compiles(text_holds, "postgresql")
def _text_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    kept, term = (compiler.process(one, **options) for one in element.clauses)
    return f"strpos({kept}, {term}) <> 0"


def holding(terms: Sequence[str]) -> ColumnElement[bool]:
    """Return “the search text holds all of these terms”, without the index: what walks over firms asks each of."""
    return and_(true(), *map(_holding, terms))


@dataclass(frozen=True)
class Signs:
    """What the index is asked of a search: ``size`` signs in a row, all of which a firm must hold."""

    size: int
    grams: tuple[str, ...]

    @property
    def table(self) -> str:
        """The table on SQLite that knows."""
        return PREFIX + ("triple" if self.size == TRIPLE else "pair")

    @property
    def asked(self) -> str:
        """The question for FTS5."""
        return " AND ".join(_word(gram) for gram in self.grams)

    @property
    def listed(self) -> str:
        """The same for PostgreSQL: all in one text, to be cut at U+001F."""
        return _SEPARATOR.join(self.grams)

    def held(self, number: ColumnElement[int]) -> ColumnElement[bool]:
        """Return “the firm with this number holds them all”."""
        kind = {1: holds_sign, PAIR: holds_pairs, TRIPLE: holds_triples}[self.size]
        return kind(number, Firm.__table__.c.search_text, literal(self.asked, Text), literal(self.listed, Text))


def signs(terms: Sequence[str], *, thrifty: bool = True) -> Signs | None:
    """Return what the index can be asked of these terms; None for no terms.

    The triples of all longer terms, else all pairs, else one sign. ``thrifty`` takes only as many triples of a long
    term as cover it: each costs, and the text is asked again.
    """
    size = min(max(map(len, terms), default=0), TRIPLE)
    if not size:
        return None
    longest = [term for term in terms if len(term) >= size]
    if size == 1:
        return Signs(1, (longest[0],))
    grams = {
        term[place : place + size]
        for term in longest
        for place in _places(len(term) - size, TRIPLE if thrifty and len(term) > MOST_WHOLE else 1)
    }
    return Signs(size, tuple(sorted(grams)))


def indexed(terms: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that lets the index find the firms of these terms."""
    asked = signs(terms)
    return true() if asked is None else asked.held(Firm.__table__.c.id)


def is_exact(terms: Sequence[str]) -> bool:
    """True when the index alone decides: signs or pairs only, or triples whose folding FTS5 cannot see otherwise."""
    sizes = {len(term) for term in terms}
    if sizes <= {PAIR} or (sizes == {1} and len(terms) == 1):
        return True
    return sizes == {TRIPLE} and all(_PLAIN.fullmatch(term) for term in terms)


def _places(last: int, step: int) -> list[int]:
    return sorted({*range(0, last, step), last})


def _holding(term: str) -> ColumnElement[bool]:
    kept = Firm.__table__.c.search_text
    return (head_holds if len(term) < TRIPLE else text_holds)(kept, literal(term, Text))


def _word(gram: str) -> str:
    """One word for FTS5: pairs are kept as the hexadecimal of their bytes (any sign is a word then)."""
    if len(gram) == TRIPLE:
        return '"' + gram.replace('"', '""') + '"'
    return f'"{gram.encode().hex().upper()}"' + (" *" if len(gram) == 1 else "")
