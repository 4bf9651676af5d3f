"""What the search index finds for the words of a search, and how often: that decides the way to a page of firms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, FromClause, and_, column, literal, table, text
from sqlalchemy.orm import Session

from app.firms import search_index
from app.firms.models import Firm
from app.firms.search_index import TRIPLE, Signs
from app.firms.walking import MOST_MET, MOST_TAKEN, unindexed

RAREST = 3  # of the triples of a long word so many are asked for
_DEEP = 64  # a triple is the rarer, the later its so manieth firm comes
_MOST_TRIED = 40
_TABLE = Firm.__table__


@dataclass(frozen=True)
class Candidates:
    """What the index finds for ``terms``, before the text is asked and whoever may see it.

    ``often`` counts up to ``MOST_MET + 1``; None where nobody knows (single signs: counting takes as long as finding).
    ``is_exact``: the index alone decides, so ``often`` is how many are found (without merged firms). ``on_sqlite``:
    hits can be gathered without looking at the firms.
    """

    terms: Sequence[str]
    signs: Signs
    often: int | None
    is_exact: bool
    on_sqlite: bool

    @property
    def is_few(self) -> bool:
        """True when so little is found that all of it may be looked at; also where nobody knows."""
        return self.often is None or self.often <= MOST_TAKEN

    def walked(self) -> list[ColumnElement[bool]]:
        """Return the search as it is asked of one firm after another."""
        return [search_index.holding(self.terms)]

    def taken(self) -> list[ColumnElement[bool]]:
        """Return the search as the index answers it."""
        return [self.signs.held(_TABLE.c.id), *self._asked_again()]

    def met(self) -> list[ColumnElement[bool]]:
        """Return the search as it is asked of one firm after another, with all hits gathered before; only on SQLite."""
        return [self.signs.held(unindexed(_TABLE.c.id)), *self._asked_again()]

    def _asked_again(self) -> list[ColumnElement[bool]]:
        return [] if self.is_exact and self.on_sqlite else self.walked()

    def source(self, *, alone: bool = False) -> tuple[FromClause, ColumnElement[int], list[ColumnElement[bool]]]:
        """Return the hits one after another as the index gives them: a table, the firm's id, conditions.

        ``alone``: the firms themselves are not asked; only where the index is exact and there is SQLite.
        """
        if not self.on_sqlite:
            return _TABLE, _TABLE.c.id, self.taken()
        index = table(self.signs.table, column("rowid"), column(self.signs.table))
        asked = index.c[self.signs.table].op("MATCH")(literal(self.signs.asked))
        number: ColumnElement[int] = index.c.rowid
        if alone:
            return index, number, [asked]
        return index.join(_TABLE, and_(number == _TABLE.c.id, asked)), _TABLE.c.id, self._asked_again()


def candidates(session: Session, terms: Sequence[str]) -> Candidates | None:
    """Ask the index about the words of a search; None for no words."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    signs = search_index.signs(terms, thrifty=not on_sqlite)
    if signs is None:
        return None
    if on_sqlite and signs.size == TRIPLE and len(signs.grams) > RAREST + 1:
        signs = _rarest(session, signs)
    often = None if signs.size == 1 else _often(session, signs, on_sqlite)
    return Candidates(terms, signs, often, search_index.is_exact(terms), on_sqlite)


def _often(session: Session, signs: Signs, on_sqlite: bool) -> int:
    if on_sqlite:
        there = "rowid NOT IN (SELECT id FROM firm WHERE status = 'merged')"
        inner = f"SELECT 1 FROM {signs.table} WHERE {signs.table} MATCH :asked AND {there} LIMIT :most"  # noqa: S608
    else:
        inner = "SELECT 1 FROM firm WHERE firm_grams(search_text) @> string_to_array(:asked, chr(31)) LIMIT :most"
    statement = text(f"SELECT count(*) FROM ({inner}) AS found")  # noqa: S608 - our own names
    asked = signs.asked if on_sqlite else signs.listed
    return int(session.scalar(statement, {"asked": asked, "most": MOST_MET + 1}) or 0)


def _rarest(session: Session, signs: Signs) -> Signs:
    """Keep the rarest triples, by a guess: “jia” and “ang” of 江门 are in every other firm and would all be read."""
    tried = signs.grams[:: len(signs.grams) // _MOST_TRIED + 1]
    name = signs.table
    deep = f"(SELECT rowid FROM {name} WHERE {name} MATCH :g%d ORDER BY rowid LIMIT 1 OFFSET {_DEEP})"  # noqa: S608 - our own names
    statement = text("SELECT " + ", ".join(deep % place for place in range(len(tried))))
    asked = {f"g{place}": replace(signs, grams=(gram,)).asked for place, gram in enumerate(tried)}
    late = session.execute(statement, asked).one()
    chosen: list[str] = []
    for place in sorted(range(len(tried)), key=lambda one: (late[one] is None, late[one] or 0), reverse=True):
        if len(chosen) < RAREST and not any(_overlap(tried[place], gram) for gram in chosen):
            chosen.append(tried[place])
    return replace(signs, grams=tuple(chosen))


def _overlap(one: str, other: str) -> bool:
    """True for neighbours in a word: where one stands the other mostly stands too, and tells nothing new."""
    return one[1:] == other[:2] or other[1:] == one[:2]
