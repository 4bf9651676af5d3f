"""Everybody at once: 8 editions over up to 600,000 firms, against generated SQL, an ORM loop, itself at other sizes."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import delete

from app.core import clock
from app.core.db import Database
from app.core.errors import Invalid
from app.eligibility.columnar import judge
from app.eligibility.columnar.table import Table
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.models import Verdict
from app.eligibility.rows import row_of
from app.facts import queries as facts
from app.facts.snapshot.models import FactBlock, FactSnapshot
from app.facts.snapshot.packing import Column
from app.facts.snapshot.service import bring_up_to_date
from app.rulebooks.loader import edition_ids, load_edition
from app.rulebooks.models import Edition
from app.rulebooks.schema import Rulebook
from bench import wide
from bench.crowd import Crowd
from bench.everybody import AS_OF, EDITIONS, books_of, carried_out, chosen, database_of, fill, hold
from bench.figure import Figure, Limit
from bench.oracle_spans import Beyond

SIZES = (10_000, 100_000, 600_000)
PEER = 20_000
LOOPED = 60
HELD = 2_000


def measure() -> Iterator[Figure]:
    """Yield the figures; each size runs in a process of its own, so that memory is told apart."""
    found = {size: _alone(size) for size in SIZES}
    limit = 2.0 if os.environ.get("YUQI_BENCH_DATABASE_URL") else 1.0  # PostgreSQL may take twice as long
    yield Figure("everybody_100000_8_editions", found[100_000]["seconds"], "s", Limit("at_most", 2.5 * limit))
    yield Figure("everybody_600000_8_editions", found[600_000]["seconds"], "s", Limit("at_most", 12.0 * limit))
    yield Figure("everybody_600000_memory", found[600_000]["memory_mb"] / 1_000, "GB", Limit("at_most", 1.2))
    # means, for the least of several runs of one block is luck that a run of many blocks cannot have
    each = {size: told["mean"] / told["firms"] for size, told in found.items()}
    yield Figure(
        "everybody_growth_10000_to_600000", each[600_000] / each[10_000], "ratio", Limit("at_most", 1.15),
        "seconds a firm at 10,000 firms",
    )  # fmt: skip
    share = found[600_000]["exact"] / (found[600_000]["firms"] * EDITIONS)
    yield Figure("everybody_left_to_the_exact_executor", share, "share", Limit("at_most", 0.01))
    yield from _peers()
    yield from _one_firm()
    yield from _columns()


def _alone(size: int) -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, "-m", "bench.everybody", str(size)], check=True, stdout=subprocess.PIPE, text=True
    )
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


# --- peers ----------------------------------------------------------------------------------------------------------


def _peers() -> Iterator[Figure]:
    """The same firms by one generated INSERT … SELECT an edition, and one firm after the other through the ORM."""
    with database_of() as database:
        fill(database, PEER)
        ours = min(carried_out(database)[0] for _ in range(3))
        books = books_of(database)
        looped = _looped(database)
    sql, spoken = _generated(books)
    own = min(_own(spoken) for _ in range(3))
    yield Figure(
        "everybody_to_generated_sql", sql / own, "ratio", Limit("at_least", 3.0),
        f"columnar executor, results packed, {len(spoken)} editions, {PEER} firms",
    )  # fmt: skip
    yield Figure(
        "everybody_to_orm_loop", looped / (ours / PEER), "ratio", Limit("at_least", 30.0),
        "columnar run, seconds a firm, 8 editions, loaded and stored",
    )  # fmt: skip


def _crowd(books: Sequence[Rulebook]) -> tuple[frozenset[tuple[str, int]], dict[tuple[str, int], Column]]:
    spots = judge.wanted(books, AS_OF, "new")
    return spots, Crowd(books, spots, AS_OF, PEER, seed=1).columns()


def _generated(books: Sequence[Rulebook]) -> tuple[float, list[Rulebook]]:
    """Return how long SQL takes over a wide table that stands already, and the editions it has words for."""
    spots, columns = _crowd(books)
    with tempfile.TemporaryDirectory() as folder, sqlite3.connect(Path(folder) / "wide.db") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        wide.table_of(connection, sorted(spots))
        wide.fill(connection, sorted(spots), columns, 0, PEER)
        took, spoken = 0.0, []
        for book in books:
            begun = time.perf_counter()
            try:
                wide.judged(connection, book, AS_OF, "new", exact=False)
            except Beyond:
                continue
            took += time.perf_counter() - begun
            spoken.append(book)
    return took, spoken


def _own(books: Sequence[Rulebook]) -> float:
    """Return how long a run over the same firms and editions takes, loaded from the database and stored."""
    codes = {book.id for book in books}
    with database_of() as database:
        fill(database, PEER)
        return min(carried_out(database, only=codes)[0] for _ in range(2))


def _looped(database: Database) -> float:
    """Return the seconds a firm of a loop: its facts read once, each edition judged, one verdict a row, committed."""
    books = [(edition.id, book) for edition, book in zip(_editions(database), books_of(database), strict=True)]
    with database.transaction() as session:
        hold(session, _crowd([book for _edition, book in books])[1], LOOPED)
    begun = time.perf_counter()
    for firm_id in range(1, LOOPED + 1):
        with database.transaction() as session:
            sheet = facts.fact_sheet(session, firm_id, AS_OF)
            for edition_id, book in books:
                try:
                    row = row_of(evaluate(book, sheet, AS_OF), sheet)
                except Invalid:  # an impossible expert score: nothing is stored for it
                    continue
                session.add(Verdict(firm_id=firm_id, edition_id=edition_id, judged_at=clock.now(), **row))
    return (time.perf_counter() - begun) / LOOPED


def _editions(database: Database) -> Sequence[Edition]:
    with database.transaction() as session:
        return chosen(session)


# --- one firm, and what it costs to keep the columns ------------------------------------------------------------------


def _one_firm() -> Iterator[Figure]:
    books = [load_edition(code) for code in edition_ids()]
    spots = judge.wanted(books, AS_OF, "new")
    table = Table(Crowd(books, spots, AS_OF, 64, seed=2).columns(), 64, AS_OF, "new", loaded=spots)
    sheets = [table.sheet(place) for place in range(64)]
    took = []
    for sheet in sheets:
        begun = time.perf_counter()
        for book in books:
            with suppress(Invalid):
                evaluate(book, sheet, AS_OF).to_json()
        took.append(time.perf_counter() - begun)
    took.sort()
    yield Figure("one_firm_all_editions_full_findings", took[len(took) // 2] * 1_000, "ms", Limit("at_most", 30.0))


def _columns() -> Iterator[Figure]:
    """Make the columns of facts for the first time, and bring them up to date after every figure was replaced."""
    with database_of() as database:
        books = books_of(database)
        columns = _crowd(books)[1]
        fill(database, HELD)
        with database.transaction() as session:
            session.execute(delete(FactBlock))
            session.execute(delete(FactSnapshot))
            held = hold(session, columns, HELD)
        begun = time.perf_counter()
        bring_up_to_date(database)
        made = time.perf_counter() - begun
        with database.transaction() as session:
            again = hold(session, columns, HELD)
        begun = time.perf_counter()
        bring_up_to_date(database)
        renewed = time.perf_counter() - begun
    yield Figure("columns_made_facts_a_second", held / made, "1/s", Limit("at_least", 50_000))
    yield Figure("columns_renewed_facts_a_second", again / renewed, "1/s", Limit("at_least", 20_000))
