"""An undo after later work of every kind: it names what would be lost and changes nothing, or all is as it was.

As it was: every row of every table as before the import, but for the log, the batch itself, the figures that are now
withdrawn, and what the later work itself did.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.audit.labels import SUBJECTS
from app.core.db import Base, Database, begin_write
from app.core.errors import Conflict, DomainError
from app.facts.models import ClaimState
from app.files.store import FileStore
from app.firms.models import Firm
from app.firms.relations import relations
from app.imports import applying, confirmation, queries, service, undo, work
from app.imports.models import ImportBatch
from app.reminders.models import Digest, DigestState, DueKind, Reminder
from app.taxonomies import service as taxonomies
from app.taxonomies.service import EditionDraft
from tests.factories.eligibility import editions
from tests.factories.facts import make_fact
from tests.factories.firms import credit_code, make_firm
from tests.factories.imports import table
from tests.imports import later
from tests.imports.later import KINDS, Later, Scene
from tests.support.people import People

HEADER = ("企业名称", "统一社会信用代码", "曾用名", "所属镇街", "注册地址", "所属行业", "营业收入（万元）",
          "研发费用（万元）", "从业人员数")  # fmt: skip
EXISTING, CREATED = ("虚构甲公司", "虚构乙公司", "虚构丙公司"), ("虚构丁公司", "虚构戊公司", "虚构己公司")
OWN = {"import_batch": "id", "import_row": "batch_id", "batch_marks": "batch_id", "cell_edit": "batch_id"}
COUNTERS = {"version", "updated_at"}
REVIEW = {"state", "reviewed_by", "reviewed_by_name", "reviewed_at"}

Row = Mapping[str, Any]
Tables = Mapping[str, Mapping[Any, Row]]


def all_rows(session: Session) -> Tables:
    """Return every row of every table as the database has it, by primary key."""
    session.flush()
    found: dict[str, dict[Any, Row]] = {}
    for one in Base.metadata.sorted_tables:
        keys = [column.name for column in one.primary_key]
        rows = session.connection().exec_driver_sql(f'SELECT * FROM "{one.name}"').mappings()  # noqa: S608
        found[one.name] = {tuple(row[key] for key in keys): dict(row) for row in rows}
    return found


def without_batch(tables: Tables, batch_id: int) -> Tables:
    """Leave out the log, which only grows, and what is the batch's own."""
    return {
        name: {key: row for key, row in rows.items() if name not in OWN or row[OWN[name]] != batch_id}
        for name, rows in tables.items()
        if name != "audit_event"
    }


def differences(before: Tables, applied: Tables, worked: Tables, after: Tables) -> Iterator[str]:
    """Name every row that is not as it was before, nor as the later work left it."""
    made = {number for (number,) in applied["firm"]} - {number for (number,) in before["firm"]}
    for name, rows in after.items():
        for key in {*before[name], *applied[name], *worked[name], *rows}:
            was, given, left, now = (one[name].get(key) for one in (before, applied, worked, after))
            goes = name == "claim" and given is not None and given["firm_id"] in made
            wanted = None if goes else expected(name, was, given, left)
            if wanted != _shown(name, now):
                yield f"{name} {key}: {wanted} expected, {_shown(name, now)} found"


def expected(name: str, was: Row | None, given: Row | None, left: Row | None) -> Row | None:
    """Return what a row should be: what the import did taken back, what was done later kept, column by column."""
    if name == "claim" and was is None and given is not None:
        assert left is not None
        waits = left["state"] == ClaimState.PENDING.value
        return _shown(name, {**left, "state": ClaimState.WITHDRAWN.value} if waits else left)
    if left is None or given is None:
        return _shown(name, left)
    if was is None:
        return None if left == given else _shown(name, left)
    return _shown(name, {column: left[column] if left[column] != given[column] else was[column] for column in left})


def _shown(name: str, row: Row | None) -> Row | None:
    if row is None:
        return None
    ignored = COUNTERS if name == "firm" else REVIEW - {"state"} if name == "claim" else set()
    return {column: value for column, value in row.items() if column not in ignored}


@dataclass
class District:
    """Three firms, and tables of them and of three new ones that wait to be applied."""

    database: Database
    store: FileStore
    importer: Actor
    reviewer: Actor
    batches: dict[str, int]

    def staged(self, content: bytes, profile: str = "annual-firms", year: int = 2025) -> int:
        with self.database.transaction() as session:
            batch = service.receive(
                session, self.store, name="表.csv", content=content, profile_id=profile, year=year, by=self.importer
            )  # fmt: skip
        return work.stage(self.database, self.store, batch.id, by=self.importer).id


def rows(factor: int) -> bytes:
    codes = [credit_code(900 + place) for place in range(6)]
    identity = [
        ("虚构甲公司", codes[0], "", "杜阮镇", "虚构路1号", ""), ("虚构乙公司", codes[1], "", "", "", ""),
        ("虚构丙公司更名", codes[2], "", "", "", "虚构电机制造"), ("虚构丁公司", codes[3], "", "", "", "虚构电机制造"),
        ("虚构戊公司", "", "虚构旧戊公司", "荷塘镇", "虚构路5号", "虚构电机制造"),
        ("虚构己公司", codes[5], "", "", "", "虚构电机制造"),
    ]  # fmt: skip
    figures = [(100 * place * factor, 10 * place * factor, place * factor) for place in range(1, 7)]
    return table([[*one, *three] for one, three in zip(identity, figures, strict=True)], header=HEADER)


@pytest.fixture
def district(database: Database, store: FileStore, session: Session, people: People) -> District:
    importer, reviewer = (
        one.as_actor() for one in (people.caseworker(name="经办人甲"), people.reviewer(name="审核人"))
    )
    editions(session)
    chains = EditionDraft("产业链", date(2024, 1, 1), "虚构文件", ("虚构链",))
    taxonomies.add_edition(session, chains, by=importer)
    blank = {"town": None, "address": ""}
    firms = [make_firm(session, name=name, credit_code=credit_code(900 + place), **({} if place else blank))
             for place, name in enumerate(EXISTING)]  # fmt: skip
    make_fact(session, firms[1].id, "operating_revenue", 2025, Decimal(150), reviewer=reviewer)
    session.commit()
    made = District(database, store, importer, reviewer, {})
    listed = (("虚构甲公司", credit_code(900)), ("虚构丁公司", credit_code(903)))
    roster = table(listed, header=HEADER[:2])
    made.batches = {
        "figures": made.staged(rows(1)), "repeats": made.staged(rows(1)), "differs": made.staged(rows(2)),
        "roster": made.staged(roster, "above-scale-roster"),
    }  # fmt: skip
    for name in ("figures", "roster"):
        batch = queries.batch(session, made.batches[name], for_=importer, lock=True)
        confirmation.submit(session, batch, by=importer)
    session.commit()
    return made


@dataclass
class Applied:
    """An import that was applied in a transaction that is never committed; every trial begins where it ended."""

    session: Session
    district: District
    batch_id: int
    before: Tables
    given: Tables


@contextmanager
def applied(district: District, name: str) -> Iterator[Applied]:
    with district.database.session() as session:
        begin_write(session)
        before = all_rows(session)
        batch = queries.batch(session, district.batches[name], for_=district.importer, lock=True)
        applying.apply(session, batch, by=district.reviewer)
        yield Applied(session, district, batch.id, before, all_rows(session))
        session.rollback()


def tried(at: Applied, kinds: list[tuple[Later, str]], chance: random.Random) -> bool:
    """Work on, undo, and leave nothing behind; tell whether the undo went through."""
    nested = at.session.begin_nested()
    batch = queries.batch(at.session, at.batch_id, for_=at.district.importer)
    lost: list[str] = []
    for kind, name in kinds:
        lost += worked(at, batch, kind, name, chance, alone=len(kinds) == 1)
    done = [f"{kind.__name__}({name})" for kind, name in kinds]
    left, refusal = all_rows(at.session), ""
    try:
        undo.undo(at.session, batch, by=at.district.importer, reason="传错了文件")
    except Conflict as error:
        refusal = str(error.message)
        at.session.expire_all()
    after = all_rows(at.session)
    nested.rollback()
    if refusal:
        assert lost, f"{done}: refused without need: {refusal}"
        missing = [one for one in lost if one not in refusal]
        assert not missing, f"{done}: {missing} not named: {refusal}"
        assert after == left, f"{done}: refused, and yet something changed"
        return False
    assert not lost, f"{done}: went through and lost {lost}"
    assert {key: after["audit_event"][key] for key in left["audit_event"]} == left["audit_event"]
    tables = (without_batch(one, batch.id) for one in (at.before, at.given, left, after))
    assert list(differences(*tables)) == [], done
    return True


def worked(at: Applied, batch: ImportBatch, kind: Later, name: str, chance: random.Random, *, alone: bool) -> list[str]:
    """Do one kind of later work on a firm; unless it is ``alone``, another may have made it impossible."""
    session, district = at.session, at.district
    session.expire_all()
    firm = session.scalars(select(Firm).where(Firm.name.startswith(name))).first()
    other = session.scalars(select(Firm).where(~Firm.name.startswith(name)).order_by(Firm.id)).first()
    assert firm is not None
    assert other is not None
    scene = Scene(
        session, district.store, chance, batch, firm, name in CREATED, other, district.importer,
        district.reviewer, district.batches["repeats"], district.batches["differs"],
    )  # fmt: skip
    nested = session.begin_nested()
    try:
        found = list(kind(scene))
    except DomainError:
        nested.rollback()
        if alone:
            raise
        return []
    nested.commit()
    return found


def test_every_kind_of_later_work(district: District) -> None:
    chance = random.Random(20261126)  # noqa: S311 - trials
    with applied(district, "figures") as at:
        assert at.given["name_offer"]  # the table knows one firm by another name
        through = sum(tried(at, [(kind, name)], chance) for kind in KINDS for name in ("虚构甲公司", "虚构戊公司"))
    assert through >= 20  # what is done to a firm that was there before hardly ever stands in the way


def test_several_later_works_together(district: District) -> None:
    chance = random.Random(7)  # noqa: S311 - trials
    with applied(district, "figures") as at:
        for _ in range(15):
            names = [chance.choice(EXISTING), chance.choice(EXISTING), chance.choice(EXISTING + CREATED)]
            tried(at, [(chance.choice(KINDS), name) for name in names], chance)


def test_a_roster_is_taken_out_of_the_register_again(district: District) -> None:
    chance = random.Random(3)  # noqa: S311 - trials
    with applied(district, "roster") as at:
        assert at.given["roster_entry"]
        assert tried(at, [], chance)
        assert tried(at, [(later.listed, "虚构甲公司"), (later.edited, "虚构乙公司")], chance)
        assert not tried(at, [(later.merged, "虚构甲公司")], chance)
        assert not tried(at, [(later.listed, "虚构丁公司")], chance)


def test_what_the_machine_wrote_goes_with_a_new_firm(district: District) -> None:
    with applied(district, "figures") as at:
        created = at.session.scalars(select(Firm).where(Firm.name == CREATED[0])).one()
        digest = Digest(user_id=district.importer.id, made_on=date(2026, 11, 20), state=DigestState.SHOWN)
        digest.reminders = [
            Reminder(user_id=district.importer.id, firm_id=created.id, kind=DueKind.TASK, subject_id=1, step=30,
                     due_on=date(2026, 12, 30), title="虚构任务到期")
        ]  # fmt: skip
        at.session.add(digest)
        at.session.flush()
        batch = queries.batch(at.session, at.batch_id, for_=district.importer)
        undo.undo(at.session, batch, by=district.importer, reason="传错了文件")
        at.session.expire_all()
        assert at.session.get(Firm, created.id) is None
        assert at.session.scalars(select(Reminder)).all() == []


def test_whatever_hangs_on_firms_has_a_name_to_be_told_by() -> None:
    assert {one.name for one in relations() if one.way != "derive"} <= set(SUBJECTS)
