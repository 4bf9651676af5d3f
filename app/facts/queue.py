"""The review queue: what waits (or was decided), grouped by firm, with what a reviewer compares it with.

What waits is listed by case: several claims of the same firm, indicator and year are one case, not rows to be guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.access.actor import Actor
from app.core.paging import PAGE_SIZE, Page, SortKey, read_page
from app.facts import queries
from app.facts import shown as showing
from app.facts.filtering import QueueFilter
from app.facts.keeping import Place, indicator_of
from app.facts.models import Claim, ClaimState, Fact, SourceKind
from app.facts.shown import ClaimShown, FactShown
from app.facts.trust import source_of
from app.firms import queries as firms
from app.firms.models import Firm

Ts = TypeVarTuple("Ts")

MOST_BATCHES = 50


@dataclass(frozen=True)
class QueueChoices:
    """What the filters offer: ``(value, label)`` pairs of what is there."""

    batches: Sequence[tuple[int, str]]
    keys: Sequence[tuple[str, str]]
    origins: Sequence[tuple[str, str]]


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
    total: int | None = None,
) -> Page[ClaimShown]:
    """Return one page of cases within reach, by firm, indicator and year, each with its surroundings.

    A case that waits is shown by the first of its claims that fits the filters, the others are its rivals; decided
    claims are listed one by one. ``total`` is how many there are, counted here without one. Six statements whatever the
    number of rows.
    """
    if total is None:
        total = counts_by_source(session, chosen, for_=for_)[chosen.source]
    conditions = _conditions(chosen, for_)
    first = [_is_first_of_case(chosen)] if chosen.state is ClaimState.PENDING else []
    found = read_page(
        session,
        _from_claims(select(Claim, Firm.name)).where(*conditions, *first),
        KEYS,
        key_of=lambda row: (row[0].firm_id, row[0].key, row[0].year, row[0].id),
        total=total,
        after=after,
        before=before,
        size=size,
    )
    items = _with_surroundings(session, [(row[0], str(row[1])) for row in found.items])
    return Page(items, total, found.after, found.before)


def _with_surroundings(session: Session, rows: Sequence[tuple[Claim, str]]) -> Sequence[ClaimShown]:
    """Return the rows, each with the facts beside it and the other claims that wait at its place."""
    facts = _facts_beside(session, [claim for claim, _name in rows])
    rivals = _rivals_beside(session, rows)
    return [
        _shown(
            claim,
            name,
            facts,
            [r for r in rivals.get((claim.firm_id, claim.key, claim.year), ()) if r.id != claim.id],
        )
        for claim, name in rows
    ]


def counts_by_source(session: Session, chosen: QueueFilter, *, for_: Actor) -> dict[SourceKind | None, int]:
    """Return how many rows the list has for each source under the same filters; None is all of them.

    A case that two sources speak of stands in the list of both and once in the list of all.
    """
    conditions = _conditions(replace(chosen, source=None), for_)
    counts: dict[SourceKind | None, int] = {kind: 0 for kind in SourceKind}
    if chosen.state is not ClaimState.PENDING:
        rows = _from_claims(select(Claim.source_kind, func.count())).where(*conditions).group_by(Claim.source_kind)
        counts.update({row[0]: row[1] for row in session.execute(rows)})
        return {None: sum(counts.values()), **counts}
    spoken = [func.max(case((Claim.source_kind == kind, 1), else_=0)).label(kind.value) for kind in SourceKind]
    grouped = _from_claims(select(*spoken)).where(*conditions).group_by(Claim.firm_id, Claim.key, Claim.year).subquery()
    row = session.execute(select(func.count(), *(func.sum(grouped.c[kind.value]) for kind in SourceKind))).one()
    return {None: row[0], **{kind: row[place] or 0 for place, kind in enumerate(SourceKind, start=1)}}


def pending_cases(session: Session, for_: Actor) -> int:
    """Return how many cases wait within reach: the length of the queue as it opens."""
    cases = (
        select(Claim.firm_id)
        .where(Claim.state == ClaimState.PENDING)
        .group_by(Claim.firm_id, Claim.key, Claim.year)
        .subquery()
    )
    statement = select(func.count()).select_from(cases).join(Firm, Firm.id == cases.c.firm_id)
    return session.scalar(statement.where(firms.visible_to(for_))) or 0


def waiting_claims(statement: Select[*Ts], chosen: QueueFilter, *, for_: Actor) -> Select[*Ts]:
    """Return the statement narrowed to the single claims that wait under these filters, within reach."""
    return _from_claims(statement).where(*_conditions(replace(chosen, state=ClaimState.PENDING), for_))


def claims_shown(session: Session, ids: Sequence[int]) -> Sequence[ClaimShown]:
    """Return claims with the facts beside them; the caller has checked that the person may see them."""
    found = session.execute(_from_claims(select(Claim, Firm.name)).where(Claim.id.in_(ids)).order_by(Claim.id)).all()
    facts = _facts_beside(session, [row[0] for row in found])
    return [_shown(claim, name, facts) for claim, name in found]


def _shown(claim: Claim, name: str, facts: Mapping[Place, FactShown], rivals: Sequence[ClaimShown] = ()) -> ClaimShown:
    return showing.claim_shown(
        claim,
        name,
        current=facts.get((claim.firm_id, claim.key, claim.year)),
        last_year=facts.get((claim.firm_id, claim.key, claim.year - 1)) if claim.year is not None else None,
        rivals=rivals,
    )


def with_equals(session: Session, claim_ids: Sequence[int]) -> Sequence[int]:
    """Return the claims and all others that wait at the same places: a case is accepted as a whole or not at all."""
    other = aliased(Claim)
    found = set(claim_ids)
    for part in queries.portions(sorted(found)):
        rows = session.scalars(
            select(other.id)
            .join(Claim, and_(Claim.firm_id == other.firm_id, Claim.key == other.key, _same_year(other)))
            .where(Claim.id.in_(part), other.state == ClaimState.PENDING)
        )
        found.update(rows)
    return sorted(found)


def choices(session: Session, chosen: QueueFilter, *, for_: Actor) -> QueueChoices:
    """Return the batches (with as many rows as their list has), indicators and sources of the chosen state."""
    reach = (Claim.state == chosen.state, firms.visible_to(for_))
    listed = [Claim.batch_id, Claim.firm_id, Claim.key, Claim.year]
    if chosen.state is not ClaimState.PENDING:
        listed.append(Claim.id)
    rows = _from_claims(select(Claim.batch_id)).where(*reach, Claim.batch_id.is_not(None)).group_by(*listed).subquery()
    batches = session.execute(
        select(rows.c.batch_id, func.count())
        .group_by(rows.c.batch_id)
        .order_by(rows.c.batch_id.desc())
        .limit(MOST_BATCHES)
    )
    keys = session.scalars(_from_claims(select(Claim.key)).where(*reach).group_by(Claim.key).order_by(Claim.key))
    codes = session.scalars(_from_claims(select(Claim.source)).where(*reach).group_by(Claim.source)).all()
    origins = sorted({source_of(code) for code in codes if code}, key=lambda source: source.rank)
    return QueueChoices(
        [(batch_id, f"{batch_id}（{count}）") for batch_id, count in batches if batch_id],
        [(key, indicator_of(key).short) for key in keys],
        [(source.code, source.label) for source in origins],
    )


def ids_of_batch(session: Session, batch_id: int, *, for_: Actor) -> Sequence[int]:
    """Return the pending claims of an import batch within reach."""
    statement = _from_claims(select(Claim.id)).where(
        Claim.batch_id == batch_id, Claim.state == ClaimState.PENDING, firms.visible_to(for_)
    )
    session.flush()
    return session.connection().scalars(statement.order_by(Claim.id)).all()


def _from_claims(statement: Select[*Ts]) -> Select[*Ts]:
    return statement.select_from(Claim).join(Firm, Firm.id == Claim.firm_id)


def _conditions(chosen: QueueFilter, for_: Actor) -> list[ColumnElement[bool]]:
    conditions = [Claim.state == chosen.state, firms.visible_to(for_), *_said_by(chosen, Claim)]
    if chosen.conflicts:
        conditions.append(in_conflict())
    if chosen.run_id is not None:
        conditions.append(Claim.rule_run_id == chosen.run_id)
    if chosen.town is not None:
        conditions.append(Firm.town == chosen.town)
    if chosen.key:
        conditions.append(Claim.key == chosen.key)
    if chosen.firm_id is not None:
        conditions.append(Claim.firm_id == chosen.firm_id)
    if chosen.text:
        conditions.append(firms.matching(chosen.text))
    return conditions


def _said_by(chosen: QueueFilter, claim: type[Claim]) -> list[ColumnElement[bool]]:
    """Return the filters that speak of a single claim, not of its place."""
    conditions: list[ColumnElement[bool]] = []
    if chosen.source is not None:
        conditions.append(claim.source_kind == chosen.source)
    if chosen.origin:
        conditions.append(claim.source == chosen.origin)
    if chosen.batch_id is not None:
        conditions.append(claim.batch_id == chosen.batch_id)
    return conditions


def _same_year(other: type[Claim]) -> ColumnElement[bool]:
    return or_(other.year == Claim.year, and_(other.year.is_(None), Claim.year.is_(None)))


def _beside(other: type[Claim]) -> ColumnElement[bool]:
    """Return the condition that another claim waits at the same place."""
    return and_(
        other.state == ClaimState.PENDING, other.firm_id == Claim.firm_id, other.key == Claim.key, _same_year(other)
    )


def _is_first_of_case(chosen: QueueFilter) -> ColumnElement[bool]:
    other = aliased(Claim)
    return ~exists(select(other.id).where(_beside(other), other.id < Claim.id, *_said_by(chosen, other)))


def in_conflict() -> ColumnElement[bool]:
    """Return the condition that another claim waits at the same place and says something else."""
    other = aliased(Claim)
    differ = or_(
        other.number.is_distinct_from(Claim.number),
        cast(other.value, Text).is_distinct_from(cast(Claim.value, Text)),
    )
    return exists(select(other.id).where(_beside(other), differ))


def _facts_beside(session: Session, claims: Sequence[Claim]) -> dict[Place, FactShown]:
    """Return the current facts of the places of the claims and of the year before."""
    years = {year for claim in claims if claim.year is not None for year in (claim.year, claim.year - 1)}
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


def all_claims(session: Session, chosen: QueueFilter, *, for_: Actor) -> Iterator[tuple[Claim, str, str | None]]:
    """Give every claim that the filters keep, with the firm's name and code, a few hundred at a time."""
    conditions, after = _conditions(chosen, for_), ""
    while True:
        statement = _from_claims(select(Claim, Firm.name, Firm.credit_code)).where(*conditions)
        page = read_page(
            session, statement, KEYS, key_of=lambda row: (row[0].firm_id, row[0].key, row[0].year, row[0].id),
            total=0, after=after, size=500,
        )  # fmt: skip
        yield from ((row[0], row[1], row[2]) for row in page.items)
        after = page.after
        session.expunge_all()
        if not after:
            return


def count_claims(session: Session, chosen: QueueFilter, *, for_: Actor) -> int:
    """Count the claims that the filters keep."""
    return session.scalar(_from_claims(select(func.count())).where(*_conditions(chosen, for_))) or 0
