"""The review queue: what waits (or was decided), grouped by firm, with what a reviewer compares it with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.towns import Town
from app.core.paging import PAGE_SIZE, Page, SortKey, read_page
from app.facts import queries
from app.facts import shown as showing
from app.facts.keeping import Place, indicator_of
from app.facts.models import Claim, ClaimState, Fact, SourceKind
from app.facts.shown import ClaimShown, FactShown
from app.firms import queries as firms
from app.firms.models import Firm

Ts = TypeVarTuple("Ts")

MOST_BATCHES = 50


@dataclass(frozen=True)
class QueueFilter:
    """What the queue is narrowed to; a field left at its default narrows nothing but the state."""

    state: ClaimState = ClaimState.PENDING
    source: SourceKind | None = None
    batch_id: int | None = None
    town: Town | None = None
    key: str = ""
    text: str = ""
    firm_id: int | None = None


@dataclass(frozen=True)
class QueueChoices:
    """What the filters offer: ``(value, label)`` pairs of what is there."""

    batches: Sequence[tuple[int, str]]
    keys: Sequence[tuple[str, str]]


KEYS = (
    SortKey(Claim.firm_id.expression, "firm"),
    SortKey(Claim.key.expression, "key"),
    SortKey(Claim.year.expression, "year"),
    SortKey(Claim.id.expression, "id"),
)


def review_queue(
    session: Session,
    chosen: QueueFilter,
    *,
    for_: Actor,
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
) -> Page[ClaimShown]:
    """Return one page of claims within reach, by firm, indicator and year, each with its surroundings.

    Six statements whatever the number of rows.
    """
    conditions = _conditions(chosen, for_)
    found = read_page(
        session,
        _from_claims(select(Claim, Firm.name)).where(*conditions),
        KEYS,
        key_of=lambda row: (row[0].firm_id, row[0].key, row[0].year, row[0].id),
        total=session.scalar(_from_claims(select(func.count())).where(*conditions)) or 0,
        after=after,
        before=before,
        size=size,
    )
    rows = [(row[0], str(row[1])) for row in found.items]
    facts = _facts_beside(session, [claim for claim, _name in rows])
    rivals = _rivals_beside(session, rows)
    items = [
        showing.claim_shown(
            claim,
            name,
            current=facts.get((claim.firm_id, claim.key, claim.year)),
            last_year=facts.get((claim.firm_id, claim.key, claim.year - 1)) if claim.year is not None else None,
            rivals=[r for r in rivals.get((claim.firm_id, claim.key, claim.year), ()) if r.id != claim.id],
        )
        for claim, name in rows
    ]
    return Page(items, found.total, found.after, found.before)


def counts_by_source(session: Session, chosen: QueueFilter, *, for_: Actor) -> dict[SourceKind | None, int]:
    """Return how many claims each source has under the same filters; None is all of them."""
    without = replace(chosen, source=None)
    rows = session.execute(
        _from_claims(select(Claim.source_kind, func.count()))
        .where(*_conditions(without, for_))
        .group_by(Claim.source_kind)
    )
    counts: dict[SourceKind | None, int] = {row[0]: row[1] for row in rows}
    return {None: sum(counts.values()), **counts}


def choices(session: Session, chosen: QueueFilter, *, for_: Actor) -> QueueChoices:
    """Return the batches and indicators that claims of the chosen state have."""
    reach = (Claim.state == chosen.state, firms.visible_to(for_))
    batches = session.execute(
        _from_claims(select(Claim.batch_id, func.count()))
        .where(*reach, Claim.batch_id.is_not(None))
        .group_by(Claim.batch_id)
        .order_by(Claim.batch_id.desc())
        .limit(MOST_BATCHES)
    )
    keys = session.scalars(_from_claims(select(Claim.key)).where(*reach).group_by(Claim.key).order_by(Claim.key))
    return QueueChoices(
        [(batch_id, f"{batch_id}（{count}）") for batch_id, count in batches if batch_id],
        [(key, indicator_of(key).short) for key in keys],
    )


def ids_of_batch(session: Session, batch_id: int, *, for_: Actor) -> Sequence[int]:
    """Return the pending claims of an import batch within reach."""
    statement = _from_claims(select(Claim.id)).where(
        Claim.batch_id == batch_id, Claim.state == ClaimState.PENDING, firms.visible_to(for_)
    )
    return session.scalars(statement.order_by(Claim.id)).all()


def _from_claims(statement: Select[*Ts]) -> Select[*Ts]:
    return statement.select_from(Claim).join(Firm, Firm.id == Claim.firm_id)


def _conditions(chosen: QueueFilter, for_: Actor) -> list[ColumnElement[bool]]:
    conditions = [Claim.state == chosen.state, firms.visible_to(for_)]
    if chosen.source is not None:
        conditions.append(Claim.source_kind == chosen.source)
    if chosen.batch_id is not None:
        conditions.append(Claim.batch_id == chosen.batch_id)
    if chosen.town is not None:
        conditions.append(Firm.town == chosen.town)
    if chosen.key:
        conditions.append(Claim.key == chosen.key)
    if chosen.firm_id is not None:
        conditions.append(Claim.firm_id == chosen.firm_id)
    if chosen.text:
        conditions.append(firms.matching(chosen.text))
    return conditions


def _facts_beside(session: Session, claims: Sequence[Claim]) -> dict[Place, FactShown]:
    """Return the current facts of the places of the claims and of the year before."""
    years = {year for claim in claims if claim.year is not None for year in (claim.year, claim.year - 1)}
    if not claims:
        return {}
    found = queries.facts_where(
        session,
        Fact.firm_id.in_({claim.firm_id for claim in claims}),
        Fact.key.in_({claim.key for claim in claims}),
        or_(Fact.year.is_(None), Fact.year.in_(years)),
        Fact.superseded_at.is_(None),
    )
    return {(fact.firm_id, fact.key, fact.year): fact for fact in found}


def _rivals_beside(session: Session, rows: Sequence[tuple[Claim, str]]) -> dict[Place, list[ClaimShown]]:
    """Return the pending claims of the places of the rows."""
    if not rows:
        return {}
    names = {claim.firm_id: name for claim, name in rows}
    places = {(claim.firm_id, claim.key, claim.year) for claim, _name in rows}
    found: dict[Place, list[ClaimShown]] = {}
    pending = queries.claims_where(
        session,
        Claim.firm_id.in_(list(names)),
        Claim.key.in_({claim.key for claim, _name in rows}),
        Claim.state == ClaimState.PENDING,
    )
    for claim in pending:
        place = (claim.firm_id, claim.key, claim.year)
        if place in places:
            found.setdefault(place, []).append(showing.claim_shown(claim, names[claim.firm_id]))
    return found
