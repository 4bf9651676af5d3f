"""A database whose columns hold very many invented firms, and a run over them, for measuring.

``python -m bench.everybody 600000`` does one in a process of its own and prints a line of JSON: seconds, memory, firms.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.access.actor import SYSTEM
from app.core import clock
from app.core.db import Database
from app.eligibility.columnar import judge
from app.eligibility.runs import service as runs
from app.eligibility.runs.models import EligibilityRun, EligibilityRunBlock
from app.facts import keeping
from app.facts.keeping import indicator_of
from app.facts.models import Claim, ClaimState, Fact, SourceKind
from app.facts.snapshot import queries as snapshots
from app.facts.snapshot.models import FactBlock, FactSnapshot
from app.facts.snapshot.packing import BLOCK, Column, pack, value_at
from app.facts.snapshot.queries import ONLY
from app.firms.taxonomy import FirmStatus
from app.rooms import load_models
from app.rulebooks import queries as rulebooks
from app.rulebooks import service as editions
from app.rulebooks.models import Edition
from app.rulebooks.schema import Rulebook
from app.schema import migrate
from bench.crowd import Crowd

AS_OF = date(2026, 6, 30)
EDITIONS = 8
FIRM = (
    "name, short_name, code_confirmed, address, industry, status, note, source, is_demo, search_text, name_key, version"
)


@contextmanager
def database_of(url: str = "") -> Iterator[Database]:
    """Give a migrated, empty database with all editions: a file of its own, or a PostgreSQL that was given."""
    load_models()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url or f"sqlite:///{Path(folder) / 'everybody.db'}")
        migrate(database)
        with database.transaction() as session:
            editions.sync(session, by=SYSTEM)
        yield database
        database.dispose()


def chosen(session: Session) -> list[Edition]:
    """Return eight editions that apply on the day; where there are fewer, some stand under a second name."""
    every = session.scalars(select(Edition).order_by(Edition.id)).all()
    books = [(one, rulebooks.rulebook_of(one)) for one in every]
    found = [one for one, book in books if "new" in book.kinds and book.in_force(AS_OF)]
    originals = list(found)
    while len(found) < EDITIONS:
        original = originals[len(found) % len(originals)]
        copy = Edition(
            code=original.code, title=original.title, programme=original.programme, content=original.content,
            effective_from=original.effective_from, effective_to=None, digest=f"{len(found):064d}", checked_by="",
        )  # fmt: skip
        session.add(copy)
        session.flush()
        found.append(copy)
    return found[:EDITIONS]


def fill(database: Database, count: int) -> None:
    """Put ``count`` active firms into the register and their figures into the columns."""
    with database.transaction() as session:
        if database.is_sqlite:  # the search index of 600,000 names is none of this measurement
            for trigger in ("firm_search_added", "firm_search_changed"):
                session.execute(text(f"DROP TRIGGER {trigger}"))
        session.execute(text(_firms(database.is_sqlite)), {"count": count})
        books = [rulebooks.rulebook_of(one) for one in chosen(session)]
    spots = judge.wanted(books, AS_OF, "new")
    for block, first in enumerate(range(0, count + 1, BLOCK)):
        size = min(BLOCK, count + 1 - first)
        columns = Crowd(books, spots, AS_OF, size + -size % 8, seed=block).columns()
        with database.transaction() as session:
            session.execute(insert(FactBlock.__table__), _rows(block, columns))  # type: ignore[arg-type]
    with database.transaction() as session:
        held = FactSnapshot(id=ONLY, version=1, known_at=clock.now(), catalogue=snapshots.catalogue_digest())
        session.add(held)
        session.flush()
        held.made = None  # written after the row: a None at its start would be taken for the default, nothing made yet


def _firms(is_sqlite: bool) -> str:
    now = "CURRENT_TIMESTAMP" if is_sqlite else "now()"
    yes, no = ("1", "0") if is_sqlite else ("true", "false")
    numbers = (
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :count) "
        if is_sqlite
        else "WITH n AS (SELECT generate_series(1, :count) AS n) "
    )
    return (
        f"{numbers} INSERT INTO firm (id, {FIRM}, created_at, updated_at) "  # noqa: S608 - our own columns
        f"SELECT n, '虚构' || n || '有限公司', '', {no}, '', '', '{FirmStatus.ACTIVE.value}', '', '测量', {yes}, '', "
        f"'' || n, 1, {now}, {now} FROM n"
    )


def _rows(block: int, columns: Mapping[tuple[str, int], Column]) -> list[dict[str, Any]]:
    rows = []
    for (key, year), column in columns.items():
        one = pack(column)
        rows.append({"block": block, "key": key, "year": year, "size": one.size, "places": one.places,
                     "width": one.width, "words": one.words, "data": one.data})  # fmt: skip
    return rows


def hold(session: Session, columns: Mapping[tuple[str, int], Column], count: int) -> int:
    """Put the figures of the first firms into claims and facts, as accepting an import does; return how many.

    Figures of a firm that are there already are superseded.
    """
    now = clock.now()
    session.execute(update(Fact).where(Fact.superseded_at.is_(None), Fact.firm_id <= count).values(superseded_at=now))
    first = session.scalar(select(func.coalesce(func.max(Claim.id), 0))) or 0
    claims: list[dict[str, Any]] = []
    facts: list[dict[str, Any]] = []
    for (key, year), column in columns.items():
        for firm_id in (column.known[: count + 1].nonzero()[0]).tolist():
            value = value_at(column, indicator_of(key), firm_id)
            if firm_id == 0 or value is None:
                continue
            number, plain = keeping.kept(value)
            place = {"firm_id": firm_id, "key": key, "year": year or None, "number": number, "value": plain}
            claim = first + len(claims) + 1
            claims.append({**place, "id": claim, "raw": "", "source_kind": SourceKind.IMPORT, "source_label": "测量",
                           "state": ClaimState.ACCEPTED, "stated_by_name": "测量", "stated_at": now,
                           "reference": {}})  # fmt: skip
            facts.append({**place, "claim_id": claim, "accepted_by_name": "测量", "accepted_at": now, "reason": ""})
    session.execute(insert(Claim.__table__), claims)  # type: ignore[arg-type]
    session.execute(insert(Fact.__table__), facts)  # type: ignore[arg-type]
    return len(facts)


def begin(database: Database, only: Collection[str] = ()) -> int:
    """Add a run over the eight editions, or those of them."""
    with database.transaction() as session:
        run = runs.begin(session, AS_OF, by=SYSTEM)
        run.editions = [
            {"id": one.id, "code": one.code, "title": one.title, "digest": one.digest}
            for one in chosen(session)
            if not only or one.code in only
        ]
        return run.id


def carried_out(database: Database, only: Collection[str] = ()) -> tuple[float, EligibilityRun]:
    """Return how long a run took from the first reading to the last row stored, and the run."""
    run_id = begin(database, only)
    filled = _bytes_of(database, FactBlock.data)
    begun = time.perf_counter()
    run = runs.carry_out(database, run_id, lambda _what, _done, _total: None)
    took = time.perf_counter() - begun
    if _bytes_of(database, FactBlock.data) != filled:
        raise RuntimeError("the run made the columns anew")
    return took, run


def _bytes_of(database: Database, column: InstrumentedAttribute[bytes]) -> int:
    with database.session() as session:
        return session.scalar(select(func.coalesce(func.sum(func.length(column)), 0))) or 0


def books_of(database: Database) -> Sequence[Rulebook]:
    """Return the rulebooks of the editions that are measured."""
    with database.transaction() as session:
        return [rulebooks.rulebook_of(one) for one in chosen(session)]


def stored_bytes(database: Database) -> int:
    """Return how many bytes the results of the last run take."""
    with database.session() as session:
        last = select(EligibilityRun.id).order_by(EligibilityRun.id.desc()).limit(1).scalar_subquery()
        rows = session.scalars(select(EligibilityRunBlock.data).where(EligibilityRunBlock.run_id == last))
        return sum(len(data) for data in rows)


def main(count: int) -> None:
    """Measure one size and print it."""
    with database_of(os.environ.get("YUQI_BENCH_DATABASE_URL", "")) as database:
        fill(database, count)
        used = resource.getrusage(resource.RUSAGE_SELF)
        runs_of = [carried_out(database) for _ in range(2 if count >= 600_000 else 3 if count >= 100_000 else 12)]
        after = resource.getrusage(resource.RUSAGE_SELF)
        took, run = min(runs_of, key=lambda one: one[0])
        mean = sum(one for one, _run in runs_of[1:]) / len(runs_of[1:])
        told = {
            "firms": run.firms, "seconds": round(took, 3), "mean": round(mean, 4), "memory_mb": after.ru_maxrss // 1024,
            "cpu": round(after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime, 3),
            "exact": run.exact, "stored": stored_bytes(database),
        }  # fmt: skip
        print(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]))
