"""Two records of one firm become one and two again: no row is lost, doubled or changed, and nothing decided moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, ForeignKey, Integer, Table, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.core.db import Base, Database
from app.core.errors import Conflict, Invalid
from app.facts import service as facts
from app.facts.models import Claim, Fact
from app.firms import contacts, keys, merge, queries, service
from app.firms.merge import Choice
from app.firms.models import Contact, Firm, FirmMerge, FormerName
from app.firms.relations import UnknownRelation, counts, relations
from app.firms.taxonomy import ClusterCode, FirmStatus
from app.firms.unmerge import obstacles, unmerge
from app.programmes.models import Enrolment, Programme
from tests.factories.dossiers import make_nomination
from tests.factories.facts import make_claim, make_fact
from tests.factories.firms import credit_code, make_draft, make_firm
from tests.support.people import People

REASON = "同一营业执照，重复建档"
LEFT_OUT = {"audit_event", "fact_mark", "firm_merge", "firm_move"}


@pytest.fixture
def reviewer(people: People) -> Actor:
    return people.reviewer().as_actor()


def everything(session: Session) -> dict[str, list[Any]]:
    """Return every row of every table, apart from the log, the merges, and the marks of a firm's last change."""
    session.flush()
    session.expire_all()
    found: dict[str, list[Any]] = {}
    for table in Base.metadata.sorted_tables:
        if table.name in LEFT_OUT:
            continue
        columns = [
            one for one in table.columns if (table.name, one.name) not in {("firm", "version"), ("firm", "updated_at")}
        ]
        rows = session.connection().execute(select(*columns)).all()
        found[table.name] = sorted(map(repr, rows))
    return found


def pair(session: Session) -> tuple[Firm, Firm]:
    drafts = (
        make_draft(name="江门市虚构机电有限公司", short_name="虚构", credit_code=credit_code(1)),
        make_draft(name="虚构机电（江门）公司", credit_code=None, security_code="000001", address="建设路 1 号"),
    )
    one, other = (service.create(session, draft, by=SYSTEM) for draft in drafts)
    return one, other


CHILD = st.sampled_from(["contact", "former", "cluster", "roster", "claim", "fact", "enrolment"])


def grow(session: Session, firm: Firm, kind: str, number: int, reviewer: Actor) -> None:
    """Hang one more thing on a firm."""
    {
        "contact": _contact, "former": _former, "cluster": _cluster, "roster": _roster, "claim": _claim, "fact": _fact,
        "enrolment": _enrolment,
    }[kind](session, firm, number, reviewer)  # fmt: skip
    session.flush()


def _contact(session: Session, firm: Firm, number: int, _by: Actor) -> None:
    draft = contacts.ContactDraft(name=f"人{number}", phone="13800000000", is_primary=number % 2 == 0)
    contacts.add(session, firm, draft, by=SYSTEM)


def _former(session: Session, firm: Firm, number: int, _by: Actor) -> None:
    name = f"虚构旧{number}厂"
    if name not in {one.name for one in queries.former_names(session, firm.id)}:
        service.add_former_name(session, firm, name, until=date(2020, 1, 1 + number), by=SYSTEM)


def _cluster(session: Session, firm: Firm, number: int, _by: Actor) -> None:
    draft, cluster = service.draft_of(firm, queries.clusters(session, firm.id)), list(ClusterCode)[number % 3]
    if cluster not in draft.clusters:
        changed = replace(draft, clusters=(*draft.clusters, cluster))
        service.edit(session, firm, changed, by=SYSTEM, version=firm.version)


def _roster(session: Session, firm: Firm, number: int, _by: Actor) -> None:
    service.set_roster(session, firm.id, 2020 + number % 3, True, source="名录", by=SYSTEM)


def _claim(session: Session, firm: Firm, number: int, _by: Actor) -> None:
    make_claim(session, firm.id, value=Decimal(number), raw=str(number))


def _fact(session: Session, firm: Firm, number: int, reviewer: Actor) -> None:
    make_fact(session, firm.id, "sales_revenue", 2020 + number % 3, Decimal(number), reviewer=reviewer)


def _enrolment(session: Session, firm: Firm, _number: int, _by: Actor) -> None:
    left = date(2024, 1, 1)
    session.add(Enrolment(firm_id=firm.id, programme=Programme.DIGITAL, stage="diagnosed", entered_on=left,
                          entry_reason="x", left_on=left))  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.booleans(), CHILD, st.integers(0, 4)), max_size=9),
    st.sets(st.sampled_from(["name", "credit_code", "security_code", "address", "town"])),
    st.booleans(),
)
def test_merging_loses_no_row_and_taking_it_back_leaves_identical_tables(
    session: Session, reviewer: Actor, children: list[tuple[bool, str, int]], fields: set[str], chooses: bool
) -> None:
    one, other = pair(session)
    for first, kind, number in children:
        grow(session, one if first else other, kind, number, reviewer)
    before = everything(session)
    own = counts(session, one.id), counts(session, other.id)
    seen = merge.outlook(session, one, other)
    chosen = [clash.loser_row for clash in seen.facts] if chooses else []
    done = merge.merge(session, one, other, Choice(REASON, fields, chosen), by=reviewer)
    after = everything(session)
    for table, rows in before.items():
        if table not in {"former_name", "firm_key", "duplicate_pair"}:
            assert len(after[table]) == len(rows), table
    together = {name: own[0].get(name, 0) + own[1].get(name, 0) for name in {*own[0], *own[1]}}
    now = counts(session, one.id), counts(session, other.id)
    for name, number in together.items():
        extra = 1 if name == "former_name" else 0
        assert number <= now[0].get(name, 0) + now[1].get(name, 0) <= number + extra + (name == "audit_event") * 2
    assert {one.name, *(name.name for name in queries.former_names(session, one.id))} >= {
        "江门市虚构机电有限公司", "虚构机电（江门）公司"
    }  # fmt: skip
    unmerge(session, done, reason="核对后确为两家", by=reviewer)
    back = everything(session)
    for table in before:
        assert back[table] == before[table], table
    session.rollback()


def test_what_the_survivor_is_found_by_and_the_merged_firm_is_not(session: Session, reviewer: Actor) -> None:
    one, other = pair(session)
    other_code = make_firm(session, name="虚构另一厂", credit_code=credit_code(7))
    merge.merge(session, one, other, Choice(REASON), by=reviewer)
    merge.merge(session, one, other_code, Choice(REASON), by=reviewer)
    assert [firm.id for firm in queries.search(session, "虚构机电（江门）公司", for_=SYSTEM)] == [one.id]
    found = keys.likely(session, keys.Sought(credit_codes=[credit_code(7)], names=["虚构机电（江门）公司"]))
    assert [(each.id, each.merged_codes) for each in found] == [(one.id, (credit_code(7),))]
    assert session.get_one(Firm, other.id).status is FirmStatus.MERGED
    actions = select(AuditEvent.action).where(AuditEvent.firm_id == other.id).order_by(AuditEvent.id)
    assert session.scalars(actions).all()[-1] == "firm:merge"


def test_of_two_current_facts_the_chosen_one_stays_and_both_histories_are_read(
    session: Session, reviewer: Actor
) -> None:
    one, other = pair(session)
    mine = make_fact(session, one.id, "sales_revenue", 2024, Decimal(1), reviewer=reviewer)
    theirs = make_fact(session, other.id, "sales_revenue", 2024, Decimal(2), reviewer=reviewer)
    session.commit()
    merge.merge(session, one, other, Choice(REASON, facts=[theirs.id]), by=reviewer)
    session.commit()
    session.expire_all()
    assert (theirs.firm_id, theirs.superseded_at) == (one.id, None)
    assert (mine.firm_id, mine.superseded_by) == (one.id, theirs.id)
    assert session.get_one(Claim, theirs.claim_id).firm_id == one.id


def test_only_one_primary_contact_is_left(session: Session, reviewer: Actor) -> None:
    one, other = pair(session)
    for firm in (one, other):
        contacts.add(session, firm, contacts.ContactDraft(name="主", is_primary=True), by=SYSTEM)
    merge.merge(session, one, other, Choice(REASON), by=reviewer)
    marked = session.scalars(select(Contact.is_primary).where(Contact.firm_id == one.id)).all()
    assert sorted(marked) == [False, True]


def test_the_database_moves_a_claim_or_fact_only_with_a_merge_that_names_it(
    database: Database, session: Session, reviewer: Actor
) -> None:
    one, other = pair(session)
    fact = make_fact(session, other.id, "sales_revenue", 2024, Decimal(2), reviewer=reviewer)
    bystander = make_claim(session, other.id, value=Decimal(5), raw="5")
    session.commit()

    def tried(statement: str) -> None:
        with pytest.raises(DBAPIError, match="never changes|stays so"), database.transaction() as writing:
            writing.execute(text(statement))

    tried(f"UPDATE claim SET firm_id = {one.id}")
    tried(f"UPDATE fact SET firm_id = {one.id}")
    done = merge.merge(session, one, other, Choice(REASON), by=reviewer)
    session.commit()
    tried(f"UPDATE fact SET firm_id = {other.id} WHERE id = {fact.id}")
    third = make_firm(session)
    with database.transaction() as writing:
        writing.execute(text(f"UPDATE firm_merge SET state = 'unmerging' WHERE id = {done.id}"))
        writing.execute(text(f"DELETE FROM firm_move WHERE row_id = {bystander.id} AND table_name = 'claim'"))
    tried(f"UPDATE claim SET firm_id = {other.id} WHERE id = {bystander.id}")
    tried(f"UPDATE claim SET firm_id = {third.id} WHERE id = {fact.claim_id}")
    tried(f"UPDATE claim SET number = 1 WHERE id = {fact.claim_id}")
    with database.transaction() as writing:
        writing.execute(text(f"UPDATE claim SET firm_id = {other.id} WHERE id = {fact.claim_id}"))


@pytest.fixture
def stranger() -> Iterator[Table]:
    table = Table("stranger", Base.metadata, Column("id", Integer, primary_key=True),
                  Column("firm_id", ForeignKey("firm.id")))  # fmt: skip
    yield table
    Base.metadata.remove(table)


def test_a_relation_that_declares_nothing_is_refused(session: Session, reviewer: Actor, stranger: Table) -> None:
    one, other = pair(session)
    with pytest.raises(UnknownRelation, match="不认识“stranger.firm_id”"):
        merge.merge(session, one, other, Choice(REASON), by=reviewer)
    session.rollback()
    assert session.scalars(select(FirmMerge)).all() == []


def test_every_relation_of_the_program_is_known() -> None:
    assert {one.way for one in relations()} == {"move", "keep", "derive"}


def test_two_open_enrolments_of_one_line_must_be_settled_first(session: Session, reviewer: Actor) -> None:
    one, other = pair(session)
    for firm in (one, other):
        session.add(Enrolment(firm_id=firm.id, programme=Programme.DIGITAL, stage="diagnosed",
                              entered_on=date(2024, 1, 1), entry_reason="x"))  # fmt: skip
    session.flush()
    with pytest.raises(Conflict, match="不能并存的在办记录"):
        merge.merge(session, one, other, Choice(REASON), by=reviewer)


@pytest.mark.parametrize("reason", ["", "  ", "同"])
def test_a_reason_is_needed(session: Session, reviewer: Actor, reason: str) -> None:
    one, other = pair(session)
    with pytest.raises(Invalid, match="理由"):
        merge.merge(session, one, other, Choice(reason), by=reviewer)
    with pytest.raises(Invalid, match="两家不同"):
        merge.merge(session, one, one, Choice(REASON), by=reviewer)


def test_what_was_decided_stays_and_a_decision_after_the_merge_forbids_taking_it_back(
    session: Session, people: People
) -> None:
    person, another = people.reviewer(), people.reviewer()
    one, other = pair(session)
    nomination = make_nomination(session, other, reviewer=person, figures={})
    session.commit()
    done = merge.merge(session, one, other, Choice(REASON), by=person.as_actor())
    session.commit()
    session.expire_all()
    assert nomination.firm_id == other.id
    assert obstacles(session, done) == []
    make_nomination(session, one, reviewer=another, figures={})
    session.commit()
    told = "；".join(map(str, obstacles(session, done)))
    assert "判定结果" in told
    with pytest.raises(Conflict, match="不能原样撤销.*请另建一家企业"):
        unmerge(session, done, reason="核对后确为两家", by=person.as_actor())


def test_a_moved_claim_accepted_afterwards_forbids_taking_it_back(session: Session, reviewer: Actor) -> None:
    one, other = pair(session)
    claim = make_claim(session, other.id, value=Decimal(5), raw="5")
    done = merge.merge(session, one, other, Choice(REASON), by=reviewer)
    session.expire_all()
    facts.accept(session, claim, by=reviewer)
    assert session.scalars(select(Fact.firm_id)).all() == [one.id]
    with pytest.raises(Conflict, match="核定值"):
        unmerge(session, done, reason="核对后确为两家", by=reviewer)


def test_merges_are_taken_back_in_the_order_last_first(session: Session, reviewer: Actor) -> None:
    one, other = pair(session)
    third = make_firm(session)
    first = merge.merge(session, one, other, Choice(REASON), by=reviewer)
    second = merge.merge(session, third, one, Choice(REASON), by=reviewer)
    with pytest.raises(Conflict, match="先撤销那一次"):
        unmerge(session, first, reason="核对后确为两家", by=reviewer)
    with pytest.raises(Conflict, match="已并入其他企业"):
        merge.merge(session, other, third, Choice(REASON), by=reviewer)
    unmerge(session, second, reason="核对后确为两家", by=reviewer)
    unmerge(session, first, reason="核对后确为两家", by=reviewer)
    assert session.scalars(select(FormerName)).all() == []
    assert Role.REVIEWER is reviewer.role


def test_a_firm_that_was_merged_while_the_page_was_open_is_not_merged_again(
    database: Database, session: Session, reviewer: Actor
) -> None:
    first, second, third = (make_firm(session) for _number in range(3))
    session.commit()  # what this session holds of the firms is as of now
    with database.transaction() as faster:
        merge.merge(faster, faster.get_one(Firm, third.id), faster.get_one(Firm, first.id), Choice(REASON), by=reviewer)
    with pytest.raises(Conflict, match="已并入其他企业"):
        merge.merge(session, first, second, Choice(REASON), by=reviewer)
