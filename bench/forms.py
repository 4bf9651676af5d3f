"""Firms with figures, two people each, and a form that both fill in: what measuring autosave begins with."""

from __future__ import annotations

from collections.abc import Sequence

from app.access.actor import SYSTEM, Actor
from app.access.roles import Role
from app.accounts import service as accounts
from app.assessments import service
from app.core import clock
from app.core.db import Database
from app.demo.invented import invented_firms
from app.facts import service as facts
from app.facts.models import SourceKind
from app.facts.service import Statement
from app.facts.sheet import FactSheet
from app.firms import service as firms
from app.firms.service import FirmDraft
from app.rulebooks import service as editions

PASSWORD = "bench-only-9137"  # noqa: S105 - of a database that lives for one measurement
STATER = Actor(id=None, login="importer", name="测量", role=Role.CASEWORKER)
KEY = "sales_revenue"


def fill(database: Database, count: int) -> Sequence[tuple[str, int]]:
    """Make ``count`` firms and return login and form of each of their people, two by two."""
    people: list[tuple[str, int]] = []
    year = clock.today().year - 1
    with database.transaction() as session:
        editions.sync(session, by=SYSTEM)
        reviewer, _ = accounts.create(session, login="bench-reviewer", name="复核", role=Role.REVIEWER, by=SYSTEM)
        for invented in invented_firms()[:count]:
            firm = firms.create(session, FirmDraft(name=invented.name, credit_code=invented.credit_code), by=SYSTEM)
            said = [
                Statement(firm.id, one.key, one.year, one.value, str(one.value), SourceKind.CASEWORKER, "测量")
                for one in FactSheet.from_plain(invented.figures).facts()
            ]
            facts.accept_many(session, facts.state_many(session, said, by=STATER), by=reviewer.as_actor())
            for number in (1, 2):
                login = f"bench-{invented.number}-{number}"
                user, _ = accounts.create(
                    session, login=login, name=login, role=Role.FIRM_FILLER, by=SYSTEM, password=PASSWORD,
                    firm_id=firm.id,
                )  # fmt: skip
                session.refresh(user, ["mandates"])
                form = service.start(session, "hitech_recognition", "new", year, by=user.as_actor())
                people.append((login, form.id))
    return people
