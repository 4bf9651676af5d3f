"""Reading figures: the sheet the judge is given, what the bureau holds, what was said about a figure and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.access.actor import Actor
from app.core import clock
from app.core.errors import NotFound
from app.facts import shown as showing
from app.facts.definitions import is_own
from app.facts.keeping import Columns, Place, indicator_of, restored
from app.facts.models import Claim, ClaimState, Document, Evidence, Fact, SourceKind
from app.facts.sheet import FactSheet, FactValue
from app.facts.shown import ClaimShown, EvidenceShown, FactShown, Happening
from app.firms import queries as firms
from app.firms.models import Firm

MOST_IDS = 10_000
"""How many ids go into one statement: below the limit of parameters of both databases."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at a place: the current fact or a pending claim, its two columns and where it came from."""

    columns: Columns
    source_label: str
    claim_id: int
    fact_id: int | None


def fact_sheet(session: Session, firm_id: int, as_of: date, *, known_on: date | None = None) -> FactSheet:
    """Return the figures of one firm; see ``fact_sheets``."""
    return fact_sheets(session, [firm_id], as_of, known_on=known_on)[firm_id]


def fact_sheets(
    session: Session, firm_ids: Sequence[int], as_of: date, *, known_on: date | None = None
) -> dict[int, FactSheet]:
    """Return the figures of each firm, in one statement for 10,000 firms; a firm without figures has an empty sheet.

    Two dates must not be mixed up. ``as_of`` is the day the judgement speaks of: figures of later years are left
    out. ``known_on`` is the day on whose evening the bureau knew: a figure imported today counts for an application
    day of last month, as it must when last year's workbook arrives in May. Without ``known_on`` (the rule) the
    current facts are used; with a past day, the facts that were current at the end of that day in the district.
    """
    found: dict[int, list[FactValue]] = {firm_id: [] for firm_id in firm_ids}
    for part in portions(list(found)):
        rows = session.execute(
            select(
                Fact.id, Fact.firm_id, Fact.key, Fact.year, Fact.number, Fact.value,
                Fact.accepted_by_name, Fact.accepted_at, Claim.source_label, Claim.source_kind,
            )
            .join(Claim, Claim.id == Fact.claim_id)
            .where(Fact.firm_id.in_(part), held_on(known_on), or_(Fact.year.is_(None), Fact.year <= as_of.year))
        )  # fmt: skip
        for fact_id, firm_id, key, year, number, plain, name, at, label, kind in rows:
            if is_own(key):
                continue  # rulebooks ask for entries of the sealed catalogue only
            value = restored(indicator_of(key), number, plain)
            found[firm_id].append(FactValue(key, year, value, fact_id, showing.source_text(label, kind, name, at)))
    return {firm_id: FactSheet(facts) for firm_id, facts in found.items()}


def portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut a long list of ids to what one statement takes."""
    for start in range(0, len(ids), MOST_IDS):
        yield ids[start : start + MOST_IDS]


def held_on(known_on: date | None) -> ColumnElement[bool]:
    """Return the condition that a fact stood accepted at the end of that day in the district; None is now."""
    if known_on is None or known_on >= clock.today():
        return Fact.superseded_at.is_(None)
    end = datetime.combine(known_on + timedelta(days=1), time(), tzinfo=clock.BUSINESS_ZONE)
    return and_(Fact.accepted_at < end, or_(Fact.superseded_at.is_(None), Fact.superseded_at >= end))


def current_facts(session: Session, firm_id: int) -> Sequence[FactShown]:
    """Return what the bureau holds of a firm now, by key and year."""
    return facts_where(session, Fact.firm_id == firm_id, Fact.superseded_at.is_(None))


def facts_where(session: Session, *conditions: ColumnElement[bool]) -> list[FactShown]:
    """Return facts with their source, by key and year, newest first, in one statement."""
    rows = session.execute(
        select(Fact, Claim.source_kind, Claim.source, Claim.source_label)
        .join(Claim, Claim.id == Fact.claim_id)
        .where(*conditions)
        .order_by(Fact.key, Fact.year, Fact.id.desc())
    )
    return [showing.fact_shown(row[0], row[1], row[2], row[3]) for row in rows]


def at_place(firm_id: int, key: str, year: int | None, table: type[Claim] | type[Fact]) -> ColumnElement[bool]:
    """Return the condition that a claim or fact stands at a place."""
    same_year = table.year.is_(None) if year is None else table.year == year
    return and_(table.firm_id == firm_id, table.key == key, same_year)


def current_fact(session: Session, firm_id: int, key: str, year: int | None) -> FactShown | None:
    """Return the fact that now stands at a place."""
    found = facts_where(session, at_place(firm_id, key, year, Fact), Fact.superseded_at.is_(None))
    return found[0] if found else None


def history(session: Session, firm_id: int, key: str, year: int | None) -> list[Happening]:
    """Return everything said and decided about one figure, newest first: who, when, what, why."""
    claims = session.scalars(select(Claim).where(at_place(firm_id, key, year, Claim)).order_by(Claim.id)).all()
    facts = session.scalars(select(Fact).where(at_place(firm_id, key, year, Fact))).all()
    return showing.happenings(claims, facts)


def claim(session: Session, claim_id: int, *, for_: Actor) -> Claim:
    """Return one claim with its evidence. Raises NotFound when it is out of reach.

    A firm reaches what it stated itself, never what others said about it.
    """
    if not 0 < claim_id <= firms.LARGEST_ID:
        raise NotFound
    conditions = [Claim.id == claim_id, firms.visible_to(for_)]
    if for_.is_firm:
        conditions.append(Claim.source_kind == SourceKind.FIRM)
    found = session.scalars(
        select(Claim)
        .join(Firm, Firm.id == Claim.firm_id)
        .where(*conditions)
        .options(selectinload(Claim.evidence).joinedload(Evidence.document).joinedload(Document.file))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def evidence(session: Session, claim_id: int, evidence_id: int, *, for_: Actor) -> Evidence:
    """Return a file of a claim, reached only through that claim. Raises NotFound."""
    for found in claim(session, claim_id, for_=for_).evidence:
        if found.id == evidence_id:
            return found
    raise NotFound


def claim_in_full(session: Session, claim_id: int, *, for_: Actor) -> ClaimShown:
    """Return one claim with its evidence, its rivals, the current fact and the fact of the year before."""
    found = claim(session, claim_id, for_=for_)
    year = found.year
    name = firms.names(session, [found.firm_id])[found.firm_id]
    rivals = claims_where(
        session,
        at_place(found.firm_id, found.key, year, Claim),
        Claim.state == ClaimState.PENDING,
        Claim.id != found.id,
    )
    return showing.claim_shown(
        found,
        name,
        current=current_fact(session, found.firm_id, found.key, year),
        last_year=current_fact(session, found.firm_id, found.key, year - 1) if year is not None else None,
        rivals=[showing.claim_shown(rival, name) for rival in rivals],
        evidence=[evidence_shown(item) for item in found.evidence],
    )


def evidence_shown(item: Evidence) -> EvidenceShown:
    """Return a file of a claim as pages show it, with what is wrong with it today."""
    document, file = item.document, item.document.file
    return EvidenceShown(
        id=item.id,
        document_id=document.id,
        kind=document.kind,
        title=item.title,
        name=file.name,
        size=file.size,
        sha256=file.sha256,
        attached_by_name=item.attached_by_name,
        created_at=item.created_at,
        valid_from=document.valid_from,
        valid_until=document.valid_until,
        withdrawn_why=document.withdrawn_why,
        trouble=showing.standing(document, clock.today()),
    )


def claims_where(session: Session, *conditions: ColumnElement[bool]) -> Sequence[Claim]:
    """Return claims in the order they were stated."""
    return session.scalars(select(Claim).where(*conditions).order_by(Claim.id)).all()


def pending_of(session: Session, firm_id: int) -> Sequence[ClaimShown]:
    """Return what waits for review of one firm."""
    found = claims_where(session, Claim.firm_id == firm_id, Claim.state == ClaimState.PENDING)
    return [showing.claim_shown(item, "") for item in found]


def stated_by_firm(session: Session, firm_id: int) -> Sequence[ClaimShown]:
    """Return what a firm stated itself, newest first."""
    found = session.scalars(
        select(Claim)
        .where(Claim.firm_id == firm_id, Claim.source_kind == SourceKind.FIRM)
        .order_by(Claim.id.desc())
        .limit(500)
    )
    return [showing.claim_shown(item, "") for item in found]


def standing(session: Session, firm_ids: Sequence[int]) -> dict[Place, list[Standing]]:
    """Return current facts and pending claims of many firms, to compare what comes in with what is there."""
    found: dict[Place, list[Standing]] = {}
    for part in portions(list(dict.fromkeys(firm_ids))):
        facts = session.execute(
            select(Fact.firm_id, Fact.key, Fact.year, Fact.number, Fact.value, Claim.source_label, Claim.id, Fact.id)
            .join(Claim, Claim.id == Fact.claim_id)
            .where(Fact.firm_id.in_(part), Fact.superseded_at.is_(None))
        )
        for firm_id, key, year, number, value, label, claim_id, fact_id in facts:
            entry = Standing((number, value), label, claim_id, fact_id)
            found.setdefault((firm_id, key, year), []).append(entry)
        claims = session.execute(
            select(Claim.firm_id, Claim.key, Claim.year, Claim.number, Claim.value, Claim.source_label, Claim.id)
            .where(Claim.firm_id.in_(part), Claim.state == ClaimState.PENDING)
            .order_by(Claim.id)
        )
        for firm_id, key, year, number, value, label, claim_id in claims:
            entry = Standing((number, value), label, claim_id, None)
            found.setdefault((firm_id, key, year), []).append(entry)
    return found


def pending_places(session: Session, firm_ids: Sequence[int]) -> dict[int, frozenset[tuple[str, int | None]]]:
    """Return the figures of many firms for which a claim waits for review: ``{firm: {(key, year)}}``."""
    found: dict[int, set[tuple[str, int | None]]] = {}
    for part in portions(list(dict.fromkeys(firm_ids))):
        waiting = select(Claim.firm_id, Claim.key, Claim.year).where(
            Claim.firm_id.in_(part), Claim.state == ClaimState.PENDING
        )
        for firm_id, key, year in session.execute(waiting):
            found.setdefault(firm_id, set()).add((key, year))
    return {firm_id: frozenset(places) for firm_id, places in found.items()}


def batch_states(session: Session, batch_id: int) -> dict[ClaimState, int]:
    """Return how many claims of an import batch stand in each state."""
    rows = session.execute(select(Claim.state, func.count()).where(Claim.batch_id == batch_id).group_by(Claim.state))
    return {state: count for state, count in rows}


def accepted_of_batch(session: Session, batch_id: int, *, limit: int = 20) -> Sequence[ClaimShown]:
    """Return claims of a batch that were accepted already, to be named when the batch is to be undone."""
    rows = session.execute(
        select(Claim, Firm.name)
        .join(Firm, Firm.id == Claim.firm_id)
        .where(Claim.batch_id == batch_id, Claim.state == ClaimState.ACCEPTED)
        .order_by(Claim.id)
        .limit(limit)
    )
    return [showing.claim_shown(found, name) for found, name in rows]
