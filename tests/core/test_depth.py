"""Any page of any list costs about what its first page costs: work is counted in steps of SQLite's own machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Date, DateTime, Integer, TypeDecorator, insert, text
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.audit import queries as audit
from app.audit.models import AuditEvent
from app.core import clock
from app.core.columns import ChoiceText, SealedJson, UtcDateTime
from app.core.db import Base, Database
from app.dossiers import queries as dossiers
from app.dossiers.models import Dossier
from app.eligibility import listing as verdicts
from app.eligibility.models import Verdict
from app.engagement import queries as tasks
from app.engagement.models import Task
from app.exports import queries as exports
from app.exports.models import Export
from app.facts import queue
from app.facts.models import Claim
from app.files.models import StoredFile
from app.firms.models import Firm
from app.imports import queries as imports
from app.imports.models import ImportBatch, ImportRow
from app.nominations import queries as nominations
from app.nominations.models import Nomination, NominationList
from app.notes import queries as notes
from app.notes.models import FirmNote
from app.programmes import queries as programmes
from app.programmes.digital import queries as digital
from app.programmes.models import Enrolment, Programme
from app.programmes.rd_institutions import queries as institutions
from app.programmes.rd_institutions.models import RdInstitution
from app.recognitions import queries as recognitions
from app.recognitions.models import Recognition
from app.timeline import queries as timeline

MANY = 600
STEP = 20
ALL = 10_000
OF_FIRM_1 = {"firm_id": 1}
TABLES: dict[type[Base], dict[str, Any]] = {
    Firm: {"name": str, "name_key": str, "town": None, "status": "active"},
    AuditEvent: OF_FIRM_1,
    Claim: {"state": "pending", "firm_id": int, "key": "sales_revenue", "year": 2025},
    StoredFile: {"sha256": str},
    ImportBatch: {"state": "applied"},
    ImportRow: {"batch_id": 1, "number": int},
    Task: {"state": "open", "firm_id": int, "due_on": date(2027, 1, 1)},
    Export: {},
    NominationList: {"eligibility_list_id": 1},
    Nomination: {"firm_id": int, "list_id": int, "decision": "nominate"},
    Dossier: {"firm_id": int, "nomination_id": int},
    Verdict: {"firm_id": int, "list_id": 1},
    FirmNote: OF_FIRM_1,
    Enrolment: {"firm_id": int, "programme": "doubling", "left_on": None},
    RdInstitution: {"firm_id": int},
    Recognition: {"firm_id": int},
}
LISTS: dict[str, Callable[[Session, str], Any]] = {
    "claims that wait": lambda s, after: queue.review_queue(s, queue.QueueFilter(), for_=SYSTEM, after=after),
    "log": lambda s, after: audit.log(s, audit.LogFilter(), after=after),
    "log of a firm": lambda s, after: audit.log(s, audit.LogFilter(firm_id=1), after=after),
    "timeline": lambda s, after: timeline.timeline(s, 1, timeline.TimelineFilter(), after=after),
    "imports": lambda s, after: imports.batches(s, for_=SYSTEM, after=after),
    "rows of an import": lambda s, after: imports.rows(s, s.get_one(ImportBatch, 1), imports.RowFilter(), after=after),
    "tasks": lambda s, after: tasks.page_of(s, tasks.TaskFilter(), for_=SYSTEM, total=ALL, after=after),
    "exports": lambda s, after: exports.exports(s, for_=SYSTEM, after=after),
    "verdicts": lambda s, after: verdicts.page_of(s, 1, verdicts.ListFilter(), for_=SYSTEM, total=ALL, after=after),
    "not nominated": lambda s, after: nominations.absent(s, s.get_one(NominationList, MANY), for_=SYSTEM, after=after),
    "dossiers": lambda s, after: dossiers.listed(s, for_=SYSTEM, total=ALL, after=after),
    "notes": lambda s, after: notes.of_firm(s, 1, after=after),
    "doubling": lambda s, after: programmes.enrolled(s, Programme.DOUBLING, for_=SYSTEM, total=ALL, after=after),
    "digital": lambda s, after: digital.listed(s, for_=SYSTEM, total=ALL, after=after),
    "institutions": lambda s, after: institutions.register(s, for_=SYSTEM, after=after),
    "recognitions": lambda s, after: recognitions.register(s, recognitions.RegisterFilter(), for_=SYSTEM, after=after),
}


def row(model: type[Base], number: int, given: dict[str, Any]) -> dict[str, Any]:
    """Return a row that is good enough for a list: what must stand there stands there, and nothing refers."""
    made: dict[str, Any] = {"id": number}
    for column in model.__table__.columns:
        if column.name in given:
            value = given[column.name]
            made[column.name] = value(f"{number:05d}") if value in (str, int) else value
        elif not column.nullable and column.name != "id":
            made[column.name] = plain(column.type, number)
    return made


def plain(kind: Any, number: int) -> Any:
    """Return some value of a column's type."""
    values: list[tuple[Any, Any]] = [
        (ChoiceText, lambda: next(iter(kind.choices))), ((JSON, SealedJson), dict), (UtcDateTime, clock.now),
        (DateTime, lambda: datetime(2026, 1, 1)), (Date, clock.today), (Boolean, lambda: False),  # noqa: DTZ001
        (Integer, lambda: number),
    ]  # fmt: skip
    made = next((value() for kinds, value in values if isinstance(kind, kinds)), f"{number:05d}")
    return number if isinstance(kind, TypeDecorator) and made == f"{number:05d}" else made


@contextmanager
def counted(session: Session) -> Iterator[list[int]]:
    """Count what SQLite does meanwhile, in twenties of steps of its virtual machine."""
    raw = session.connection().connection.dbapi_connection
    steps = [0]

    def more() -> int:
        steps[0] += 1
        return 0

    raw.set_progress_handler(more, STEP)  # type: ignore[union-attr]
    try:
        yield steps
    finally:
        raw.set_progress_handler(None, STEP)  # type: ignore[union-attr]


def test_every_page_of_every_list_costs_about_what_the_first_costs(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL does not tell its steps")
    with database.session() as session:
        session.execute(text("PRAGMA foreign_keys=OFF"))
        session.connection().exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for model, given in TABLES.items():
            session.execute(insert(model), [row(model, number, given) for number in range(1, MANY + 1)])
        worst = {name: depth(session, page_of) for name, page_of in LISTS.items()}
        session.rollback()
    assert {name: ratio for name, ratio in worst.items() if ratio > 2} == {}, worst


def depth(session: Session, page_of: Callable[[Session, str], Any]) -> float:
    """Walk a list to its end; return the dearest page as a ratio to the first."""
    costs, after = [], ""
    while not costs or after:
        session.expunge_all()
        with counted(session) as steps:
            after = page_of(session, after).after
        costs.append(steps[0])
    assert len(costs) > 10
    return max(costs) / costs[0]
