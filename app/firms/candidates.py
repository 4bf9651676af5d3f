"""What the search index finds for the words of a search, and how often: that decides the way to a page of firms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, FromClause, and_, column, literal, table, text
from sqlalchemy.orm import Session

from app.core import clock
from app.firms import search_index
from app.firms.models import Firm
from app.firms.search_index import TRIPLE, Signs
from app.firms.walking import MOST_MET, MOST_TAKEN, MOST_TAKEN_THERE, Conditions, Ways, unindexed

RAREST = 3  # of the triples of a long word so many are asked for
_DEEP = 64  # a triple is the rarer, the later its so manieth firm comes
_MOST_TRIED = 40
READ_AGAIN = timedelta(minutes=1)
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
        """Return the search as it is asked of one firm after another, with all hits gathered before.

        PostgreSQL cannot gather hits without looking at the firms: there it is asked of each.
        """
        return [self.signs.held(unindexed(_TABLE.c.id)), *self._asked_again()] if self.on_sqlite else self.walked()

    def ways(self, rest: Callable[[], Conditions]) -> Ways:
        """Return the ways to firms that are found and fulfil the rest, worded as it is asked of each."""
        can_meet = self.on_sqlite or len(self.terms) == 1  # of several words nobody knows whether they stand together
        return Ways(
            lambda: [*self.walked(), *rest()],
            lambda: [*self.taken(), *rest()],
            (lambda: [*self.met(), *rest()]) if can_meet else None,
            self.often,
            MOST_TAKEN if self.on_sqlite else MOST_TAKEN_THERE,
        )

    def _asked_again(self) -> list[ColumnElement[bool]]:
        return [] if self.is_exact else self.walked()

    def source(self, *, alone: bool = False) -> tuple[FromClause, ColumnElement[int], list[ColumnElement[bool]]]:
        """Return the hits one after another as the index gives them: a table, the firm's id, conditions.

        ``alone``: the firms themselves are not asked; only where the index is exact and there is SQLite.
        """
        if not self.on_sqlite:
            few = self.often is not None and self.often <= MOST_MET
            return _TABLE, _TABLE.c.id, self.taken() if few else self.walked()
        index = table(self.signs.table, column("rowid"), column(self.signs.table))
        asked = index.c[self.signs.table].op("MATCH")(literal(self.signs.asked))
        number: ColumnElement[int] = index.c.rowid
        if alone:
            return index, number, [asked]
        return index.join(_TABLE, and_(number == _TABLE.c.id, asked)), _TABLE.c.id, self._asked_again()


def candidates(session: Session, terms: Sequence[str]) -> Candidates | None:
    """Ask the index about the words of a search; None for no words."""
    signs = search_index.signs(terms, thrifty=False)
    if signs is None:
        return None
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    exact = search_index.is_exact(terms)
    if not on_sqlite:
        return Candidates(terms, *_guessed(session, signs), exact, on_sqlite)
    if signs.size == TRIPLE and len(signs.grams) > RAREST + 1:
        signs = _rarest(session, signs)
    often = None if signs.size == 1 else _often(session, signs)
    return Candidates(terms, signs, often, exact, on_sqlite)


def _often(session: Session, signs: Signs) -> int:
    there = "rowid NOT IN (SELECT id FROM firm WHERE status = 'merged')"
    inner = f"SELECT 1 FROM {signs.table} WHERE {signs.table} MATCH :asked AND {there} LIMIT :most"  # noqa: S608 - our own names
    statement = text(f"SELECT count(*) FROM ({inner}) AS found")  # noqa: S608 - our own names
    return int(session.scalar(statement, {"asked": signs.asked, "most": MOST_MET + 1}) or 0)


def _guessed(session: Session, signs: Signs) -> tuple[Signs, int | None]:
    """Return the rarest grams on PostgreSQL and how often they are found, by what ANALYZE kept of the thousand most
    frequent: counting would look at every firm. What is not among them is taken for little.
    """
    if signs.size == 1:
        return signs, None
    frequent = _frequent(session)
    if len(signs.grams) > RAREST + 1:
        signs = replace(signs, grams=_apart(sorted(signs.grams, key=lambda gram: frequent.get(gram, 0))))
    return signs, min(frequent.get(gram, 0) for gram in signs.grams)


_read: dict[str, tuple[datetime, dict[str, int]]] = {}


def _frequent(session: Session) -> dict[str, int]:
    """Return how many firms have each frequent gram, read anew every minute: it only chooses the way."""
    address = str(session.get_bind().engine.url)
    now = clock.now()
    if address not in _read or now - _read[address][0] > READ_AGAIN:
        _read[address] = now, {row[0]: row[1] for row in session.execute(_KNOWN)}
    return _read[address][1]


_KNOWN = text(
    "SELECT known.gram, CAST(known.share * pg_class.reltuples AS integer) FROM pg_stats "
    "JOIN pg_class ON pg_class.oid = to_regclass('firm') "
    "CROSS JOIN unnest(CAST(CAST(most_common_elems AS text) AS text[]), most_common_elem_freqs) AS known(gram, share) "
    "WHERE pg_stats.schemaname = current_schema() AND pg_stats.tablename = 'ix_firm_grams' AND known.gram IS NOT NULL"
)


def _rarest(session: Session, signs: Signs) -> Signs:
    """Keep the rarest triples, by a guess: “jia” and “ang” of 江门 are in every other firm and would all be read."""
    tried = signs.grams[:: len(signs.grams) // _MOST_TRIED + 1]
    name = signs.table
    deep = f"(SELECT rowid FROM {name} WHERE {name} MATCH :g%d ORDER BY rowid LIMIT 1 OFFSET {_DEEP})"  # noqa: S608 - our own names
    statement = text("SELECT " + ", ".join(deep % place for place in range(len(tried))))
    asked = {f"g{place}": replace(signs, grams=(gram,)).asked for place, gram in enumerate(tried)}
    late = session.execute(statement, asked).one()
    order = sorted(range(len(tried)), key=lambda place: (late[place] is None, late[place] or 0), reverse=True)
    return replace(signs, grams=_apart([tried[place] for place in order]))


def _apart(grams: Sequence[str]) -> tuple[str, ...]:
    """Keep the first few that are no neighbours in a word."""
    chosen: list[str] = []
    for gram in grams:
        if len(chosen) < RAREST and not any(_overlap(gram, one) for one in chosen):
            chosen.append(gram)
    return tuple(chosen)


def _overlap(one: str, other: str) -> bool:
    """True for neighbours in a word: where one stands the other mostly stands too, and tells nothing new."""
    return one[1:] == other[:2] or other[1:] == one[:2]
