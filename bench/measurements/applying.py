"""Applying an import of 10,000 rows with 40 figures each, claims and log, and accepting all of them into facts."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import func, select

from app.access.actor import SYSTEM, Actor
from app.access.roles import Role
from app.accounts import service as accounts
from app.core.db import Database
from app.demo.invented import credit_code
from app.facts import queue
from app.facts import service as facts
from app.facts.catalogue import Indicator, load_catalogue
from app.facts.models import Claim, Fact
from app.files.store import FileStore
from app.imports import queries, service, staging, work
from app.imports.cells.entry import Entry, Named
from app.imports.cells.entry import Figure as EntryFigure
from app.imports.cleaned import cleaned
from app.imports.table import TableRow
from app.rooms import load_models
from app.sheets.cells import letters
from bench.figure import Figure, Limit
from bench.firms import fill

ROWS = 10_000
COLUMNS = 40
YEAR = 2024


def measure() -> Iterator[Figure]:
    """Yield figures a second for stating and accepting together."""
    load_models()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        fill(database, ROWS)
        importer, reviewer = people(database)
        store = FileStore(Path(folder) / "files")
        batch_id = staged(database, store, importer)
        begun = time.perf_counter()
        work.apply(database, batch_id, by=importer, alone=True)
        applied = time.perf_counter() - begun
        begun = time.perf_counter()
        with database.transaction() as session:
            claims = queue.ids_of_batch(session, batch_id, for_=reviewer)
            facts.accept_many(session, claims, by=reviewer, reason="测量")
        accepted = time.perf_counter() - begun
        with database.session() as session:
            figures = session.scalar(select(func.count()).select_from(Claim)) or 0
            held = session.scalar(select(func.count()).select_from(Fact)) or 0
        if figures != held:
            raise RuntimeError(f"{figures} claims, {held} facts")
        yield Figure("apply_figures_a_second", figures / applied, "1/s", Limit("at_least", 20_000))
        yield Figure(
            "apply_and_accept_figures_a_second", figures / (applied + accepted), "1/s", Limit("at_least", 20_000)
        )
        database.dispose()


def people(database: Database) -> tuple[Actor, Actor]:
    """Make one who imports and one who reviews."""
    with database.transaction() as session:
        made = [
            accounts.create(session, login=login, name=login, role=role, by=SYSTEM, password="bench-only-9137")[0]
            for login, role in (("importer", Role.CASEWORKER), ("reviewer", Role.REVIEWER))
        ]
        return made[0].as_actor(), made[1].as_actor()


def staged(database: Database, store: FileStore, by: Actor) -> int:
    """Return a rehearsed batch of rows that reading would have made of a table with 40 columns of figures."""
    with database.transaction() as session:
        content = "企业名称,营业收入\n".encode()
        batch = service.receive(
            session, store, name="测量.csv", content=content, profile_id="annual-firms", year=YEAR, by=by
        )
        attempt = staging.begin(session, batch)
    for rows in staging.chunks(map(cleaned, _rows())):
        with database.transaction() as session:
            staging.keep(session, queries.batch(session, batch.id, for_=by), attempt, rows, by)
    with database.transaction() as session:
        staging.finish(session, queries.batch(session, batch.id, for_=by), attempt, _Read(), by)  # type: ignore[arg-type]
    return batch.id


class _Read:
    """What a finished reading tells of its sheets."""

    sheets: ClassVar[list[dict[str, Any]]] = [{"name": "表", "rows": ROWS, "read": True}]
    columns: ClassVar[list[dict[str, Any]]] = []
    layouts: ClassVar[dict[str, Any]] = {}
    understood: ClassVar[dict[str, Any]] = {}
    profile_id = "annual-firms"
    year = YEAR


def _rows() -> Iterator[TableRow]:
    wanted = [one for one in load_catalogue() if one.kind == "number"][:COLUMNS]
    if len(wanted) < COLUMNS:
        raise RuntimeError(f"the catalogue has only {len(wanted)} numbers")
    for number in range(1, ROWS + 1):
        cells = {letters(place + 2): _figure(one, number, place) for place, one in enumerate(wanted)}
        figures = tuple(
            EntryFigure(one.key, YEAR if one.by_year else None, Decimal(text), text, f"{letter}{number + 1}", one.short)
            for one, (letter, text) in zip(wanted, cells.items(), strict=True)
        )
        named = Named(credit_code=credit_code(number % 10_000))
        yield TableRow("表", number + 1, cells, Entry("表", number + 1, named, figures))


def _figure(indicator: Indicator, number: int, place: int) -> str:
    if indicator.is_ratio:
        return f"{(number % 89 + 1) / 100:.2f}"
    most = int(indicator.maximum) if indicator.maximum is not None else 10**6
    return str(1 + (number * 7 + place) % min(most, 90_000))
