"""Undoing an import, and taking a merge back, beside somebody else's work: in one order or the other, never a mixture.

Two connections of a server: what one transaction holds the other waits for. Locks are taken in one order
(``app.firms.holding``), so nobody waits in a circle.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.db import Database
from app.core.errors import Conflict
from app.facts import review
from app.facts import service as facts
from app.facts.models import Claim, ClaimState, Fact
from app.files.store import FileStore
from app.firms import holding, merge, queries, unmerge
from app.firms import service as firms
from app.firms.merge import Choice
from app.firms.models import Firm, FirmMerge
from app.firms.taxonomy import MergeState
from app.imports import queries as imports
from app.imports import undo
from app.imports.models import BatchState, ImportBatch
from app.notes import service as notes
from tests.factories.firms import make_firm
from tests.factories.imports import applied, table
from tests.support import databases

pytestmark = pytest.mark.skipif(
    not databases.POSTGRES, reason="SQLite has one writer at a time: the second begins when the first has ended"
)
Act = Callable[[Session], object]
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@dataclass
class Second:
    """The work of another person, in a transaction and a thread of its own."""

    thread: threading.Thread
    outcome: list[str]

    def end(self) -> str:
        self.thread.join(30)
        return self.outcome[0] if self.outcome else "still waiting"


def begun(database: Database, act: Act) -> Second:
    """Let somebody else begin, and return when he waits for a lock or has ended."""
    outcome: list[str] = []

    def run() -> None:
        try:
            with database.transaction() as session:
                act(session)
            outcome.append("done")
        except Conflict as error:
            outcome.append(str(error.message))
        except Exception as error:
            outcome.append(repr(error))

    thread = threading.Thread(target=run)
    thread.start()
    with database.engine.connect() as looking:
        while thread.is_alive() and not looking.scalar(WAITING):
            looking.rollback()
            thread.join(0.01)
    return Second(thread, outcome)


def both(database: Database, first: Act, second: Act) -> str:
    """Do the first, let the second run into it before it is committed, and return what became of the second."""
    with database.transaction() as session:
        first(session)
        session.flush()
        waiting = begun(database, second)
    return waiting.end()


@dataclass
class Place:
    """A firm that was there, one that the import created, and the import."""

    batch: ImportBatch
    there: int
    created: int
    by: Actor
    reviewer: Actor

    def undo(self, session: Session) -> None:
        batch = imports.batch(session, self.batch.id, for_=self.by, lock=True)
        undo.undo(session, batch, by=self.by, reason="传错了文件")

    def accept(self, firm_id: int) -> Act:
        def act(session: Session) -> object:
            claims = select(Claim).where(Claim.firm_id == firm_id, Claim.key == "operating_revenue")
            return facts.accept(session, session.scalars(claims).one(), by=self.reviewer)

        return act

    def accept_all(self, session: Session) -> object:
        ids = session.scalars(select(Claim.id)).all()
        return facts.accept_many(session, ids, by=self.reviewer, reason="整批核定")

    def edit(self, session: Session) -> object:
        firm = session.get_one(Firm, self.created)
        draft = replace(firms.draft_of(firm, queries.clusters(session, firm.id)), note="核实过")
        return firms.edit(session, firm, draft, by=self.by, version=firm.version)

    def note(self, session: Session) -> object:
        return notes.write(session, session.get_one(Firm, self.created), "电话核实过", by=self.by)

    def merge(self, session: Session) -> object:
        there, created = (session.get_one(Firm, one) for one in (self.there, self.created))
        return merge.merge(session, there, created, Choice("同一家企业，已核实"), by=self.reviewer)


@pytest.fixture
def place(database: Database, store: FileStore, session: Session, importer: Actor, reviewer: Actor) -> Place:
    there = make_firm(session, name="虚构甲公司", credit_code=None)
    rows = [[name, "", "1", "2", "3"] for name in ("虚构甲公司", "虚构乙公司")]
    batch = applied(database, store, table(rows), by=importer)
    created = session.scalars(select(Firm.id).where(Firm.name == "虚构乙公司")).one()
    session.rollback()
    return Place(batch, there.id, created, importer, reviewer)


def state_of(database: Database, batch: ImportBatch) -> BatchState:
    with database.session() as session:
        return session.get_one(ImportBatch, batch.id).state


@pytest.mark.parametrize("work", ["accept there", "accept created", "accept all", "edit", "note", "merge"])
def test_what_is_committed_first_counts(database: Database, place: Place, work: str) -> None:
    does: dict[str, Act] = {
        "accept there": place.accept(place.there), "accept created": place.accept(place.created),
        "accept all": place.accept_all, "edit": place.edit, "note": place.note, "merge": place.merge,
    }  # fmt: skip
    refused = both(database, does[work], place.undo)
    assert "以下后续工作会丢失" in refused
    assert state_of(database, place.batch) is BatchState.APPLIED
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(Firm)) == 2


@pytest.mark.parametrize("work", ["accept there", "accept created", "edit", "note", "merge"])
def test_who_comes_after_the_undo_is_told_so(database: Database, place: Place, work: str) -> None:
    seen: dict[str, Act] = {
        "accept there": place.accept(place.there), "accept created": place.accept(place.created),
        "edit": place.edit, "note": place.note, "merge": place.merge,
    }  # fmt: skip
    told = both(database, place.undo, seen[work])
    assert "Deadlock" not in told
    assert told != "done", told
    assert state_of(database, place.batch) is BatchState.UNDONE
    with database.session() as session:
        assert session.scalars(select(Firm.id)).all() == [place.there]
        assert session.scalars(select(Claim.state).distinct()).all() == [ClaimState.WITHDRAWN]
        assert session.scalars(select(Fact.id)).all() == []


def test_a_bulk_acceptance_beside_an_undo_accepts_nothing_of_it(database: Database, place: Place) -> None:
    assert both(database, place.undo, place.accept_all) == "done"
    with database.session() as session:
        assert session.scalars(select(Fact.id)).all() == []


@pytest.mark.parametrize("work", ["undo", "merge"])
def test_a_reviewer_in_the_middle_of_accepting_is_waited_for(database: Database, place: Place, work: str) -> None:
    """He has locked the figure and will hold it for the firm: who has the firm must not wait for the figure."""
    with database.transaction() as session:
        claims = select(Claim).where(Claim.firm_id == place.created, Claim.key == "operating_revenue")
        claim = session.scalars(claims).one()
        review.waiting_at(session, claim)
        waiting = begun(database, {"undo": place.undo, "merge": place.merge}[work])
        facts.accept(session, claim, by=place.reviewer)
    assert waiting.end() == "done" if work == "merge" else "以下后续工作会丢失" in waiting.end()
    with database.session() as session:
        (fact,) = session.scalars(select(Fact)).all()
        assert fact.firm_id == (place.there if work == "merge" else place.created)


@pytest.fixture
def joined(database: Database, place: Place) -> int:
    """The firm that was there has taken up the one that the import created."""
    with database.transaction() as session:
        return place.merge(session).id  # type: ignore[attr-defined, no-any-return]


def taken_back(merge_id: int, by: Actor) -> Act:
    return lambda session: unmerge.unmerge(session, session.get_one(FirmMerge, merge_id), reason="不是同一家", by=by)


def test_taking_a_merge_back_sees_what_was_accepted_meanwhile(database: Database, place: Place, joined: int) -> None:
    def accept(session: Session) -> object:
        moved = select(Claim).where(Claim.firm_id == place.there, Claim.key == "operating_revenue")
        last = session.scalars(moved.order_by(Claim.id.desc())).first()
        assert last is not None
        return facts.accept(session, last, by=place.reviewer, reason="以审计报告为准")

    assert "不能原样撤销" in both(database, accept, taken_back(joined, place.reviewer))
    with database.session() as session:
        assert session.get_one(FirmMerge, joined).state is MergeState.MERGED


def test_an_acceptance_after_a_merge_was_taken_back_is_of_the_right_firm(
    database: Database, place: Place, joined: int
) -> None:
    with database.session() as session:
        moved = session.scalars(select(Claim).where(Claim.key == "employees_total").order_by(Claim.id.desc())).first()
        assert moved is not None
    outcome = both(
        database,
        taken_back(joined, place.reviewer),
        lambda session: facts.accept(session, session.get_one(Claim, moved.id), by=place.reviewer, reason="核实"),
    )
    with database.session() as session:
        facts_now = session.scalars(select(Fact)).all()
        assert all(fact.firm_id == session.get_one(Claim, fact.claim_id).firm_id for fact in facts_now)
        assert (outcome == "done") == bool(facts_now), outcome


def test_a_merge_is_taken_back_once(database: Database, place: Place, joined: int) -> None:
    again = both(database, taken_back(joined, place.reviewer), taken_back(joined, place.reviewer))
    assert "这次合并已经撤销" in again


def test_two_merges_crosswise_wait_in_one_line(database: Database, place: Place) -> None:
    def crosswise(session: Session) -> object:
        holding.pair(session, *(session.get_one(Firm, one) for one in (place.created, place.there)))
        return None

    assert both(database, place.merge, crosswise) == "done"
