"""Judging 1,000 firms against both editions, loaded from the database, with results stored."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.core import clock
from app.core.db import Database
from app.demo.invented import SOURCE, credit_code, invented_firms
from app.eligibility import service
from app.eligibility.engine.evaluate import evaluate
from app.facts import keeping
from app.facts import queries as facts
from app.facts.models import Claim, ClaimState, Fact, SourceKind
from app.facts.sheet import FactSheet
from app.firms.models import Firm
from app.rooms import load_models
from app.rulebooks import queries as rulebooks
from app.rulebooks import service as editions
from app.rulebooks.loader import load_edition
from app.schema import migrate
from bench.figure import Figure, Limit

FIRMS = 1_000
EDITIONS = ("hnte-2016", "tech-sme-2017")
AS_OF = date(2026, 6, 30)


def measure() -> Iterator[Figure]:
    """Yield seconds for everything, and the ratio to judging the same firms without a database."""
    load_models()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        migrate(database)
        with database.transaction() as session:
            editions.sync(session, by=SYSTEM)
            _fill(session)
        took = min(_judge(database) for _ in range(3))
        yield Figure("judge_1000_firms_2_editions", took, "s", Limit("at_most", 3.0))
        yield Figure(
            "judge_stored_to_pure",
            took / _pure(),
            "ratio",
            Limit("at_most", 2.5),
            "the same judgements in one process, nothing stored",
        )
        database.dispose()


def _fill(session: Session) -> None:
    samples = [FactSheet.from_plain(invented.figures, source=SOURCE).facts() for invented in invented_firms()]
    now = clock.now()
    firms, claims, held = [], [], []
    for number in range(1, FIRMS + 1):
        firms.append(
            {"id": number, "name": f"虚构{number:04d}有限公司", "credit_code": credit_code(number), "is_demo": True}
        )
        for fact in samples[number % len(samples)]:
            amount, value = keeping.kept(fact.value)
            place = {"firm_id": number, "key": fact.key, "year": fact.year, "number": amount, "value": value}
            claims.append(
                {
                    **place,
                    "id": len(claims) + 1,
                    "raw": "",
                    "source_kind": SourceKind.CASEWORKER,
                    "source_label": SOURCE,
                    "state": ClaimState.ACCEPTED,
                    "stated_by_name": "测量",
                    "stated_at": now,
                    "reference": {},
                }
            )
            held.append(
                {**place, "claim_id": len(claims), "accepted_by_name": "测量", "accepted_at": now, "reason": ""}
            )
    session.execute(insert(Firm), firms)
    session.execute(insert(Claim.__table__), claims)  # type: ignore[arg-type]
    session.execute(insert(Fact.__table__), held)  # type: ignore[arg-type]


def _judge(database: Database) -> float:
    firms = range(1, FIRMS + 1)
    begun = time.perf_counter()
    with database.transaction() as session:
        sheets = facts.fact_sheets(session, firms, AS_OF)
        for code in EDITIONS:
            edition = rulebooks.by_code(session, code)
            refused = service.judge_many(session, firms, edition, AS_OF, by=SYSTEM, sheets=sheets)
            if refused:
                raise RuntimeError(f"{len(refused)} firms could not be judged")
    return time.perf_counter() - begun


def _pure() -> float:
    books = [load_edition(code) for code in EDITIONS]
    sheets = [FactSheet.from_plain(invented.figures, source=SOURCE) for invented in invented_firms()]
    begun = time.perf_counter()
    for number in range(FIRMS):
        for book in books:
            evaluate(book, sheets[number % len(sheets)], AS_OF)
    return time.perf_counter() - begun
