"""What a rule takes and leaves of the claims that wait: read in pieces, few statements a piece whatever its size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core import clock
from app.facts import queue, review
from app.facts import shown as showing
from app.facts.filtering import QueueFilter
from app.facts.keeping import Columns, Place
from app.facts.models import Claim, ClaimState, Document, Evidence, Fact
from app.facts.rules.law import Around, Candidate, Rule, Why, leaves
from app.facts.shown import ClaimShown

AT_ONCE = 2_000
EXAMPLES = 5


@dataclass(slots=True)
class Sifted:
    """How many claims a rule takes and leaves, with a few of each to look at.

    ``upper`` is the last claim that was looked at: what comes in later is not part of it.
    """

    upper: int = 0
    taken: int = 0
    left: Counter[Why] = field(default_factory=Counter)
    examples: dict[Why | None, list[ClaimShown]] = field(default_factory=dict)

    @property
    def looked_at(self) -> int:
        return self.taken + sum(self.left.values())

    @property
    def reasons(self) -> Sequence[tuple[Why, int]]:
        """The reasons for leaving claims, in the order of the rule's questions."""
        return [(why, self.left[why]) for why in Why if self.left[why]]


def preview(session: Session, chosen: QueueFilter, rule: Rule, percent: int, *, for_: Actor) -> Sifted:
    """Return what the rule would do with what waits under these filters, within reach. Changes nothing."""
    found = Sifted(upper=session.scalar(select(func.max(Claim.id)).where(Claim.state == ClaimState.PENDING)) or 0)
    shown: dict[Why | None, list[int]] = {}
    for piece in pieces(session, chosen, upper=found.upper, for_=for_):
        for claim, why in sift(session, piece, rule, percent, reviewer=for_.id):
            if why is None:
                found.taken += 1
            else:
                found.left[why] += 1
            ids = shown.setdefault(why, [])
            if len(ids) < EXAMPLES:
                ids.append(claim.id)
    found.examples = _examples(session, shown)
    return found


def pieces(session: Session, chosen: QueueFilter, *, upper: int, for_: Actor, after: int = 0) -> Iterator[list[Any]]:
    """Return the claims under these filters up to ``upper`` in order of their ids, some at a time."""
    while rows := piece(session, chosen, upper=upper, for_=for_, after=after):
        yield rows
        after = rows[-1].id


def piece(session: Session, chosen: QueueFilter, *, upper: int, for_: Actor, after: int) -> list[Any]:
    """Return the next claims after an id."""
    statement = queue.waiting_claims(
        select(Claim.id, Claim.firm_id, Claim.key, Claim.year, Claim.number, Claim.value, Claim.source,
               Claim.stated_by, review.corrector().label("corrected_by"), Claim.note,
               queue.in_conflict().label("rivals")),
        chosen, for_=for_,
    )  # fmt: skip
    rows = session.execute(statement.where(Claim.id > after, Claim.id <= upper).order_by(Claim.id).limit(AT_ONCE))
    return list(rows)


def how_many(session: Session, chosen: QueueFilter, *, upper: int, for_: Actor) -> int:
    """Return how many claims wait under these filters up to ``upper``, within reach."""
    return session.scalar(queue.waiting_claims(select(func.count()), chosen, for_=for_).where(Claim.id <= upper)) or 0


def sift(
    session: Session, rows: Sequence[Any], rule: Rule, percent: int, *, reviewer: int | None
) -> Iterator[tuple[Candidate, Why | None]]:
    """Return for each claim why the rule leaves it, or None."""
    doubted = _doubted(session, [row.id for row in rows])
    held = _held_beside(session, rows)
    for row in rows:
        place = (row.firm_id, row.key, row.year)
        said_by = row.corrected_by if row.corrected_by == reviewer else row.stated_by
        claim = Candidate(
            row.id, place, (row.number, row.value), row.source, said_by, bool(row.note), row.id in doubted
        )
        current = held.get(place)
        before = held.get((row.firm_id, row.key, row.year - 1)) if row.year is not None else None
        around = Around(
            row.rivals,
            current[0] if current is not None else None,
            before[0] if before is not None else None,
            before[1] if before is not None else "",
        )
        yield claim, leaves(rule, percent, claim, around, reviewer=reviewer)


def _held_beside(session: Session, rows: Sequence[Any]) -> Mapping[Place, tuple[Columns, str]]:
    held = session.execute(
        select(Fact.firm_id, Fact.key, Fact.year, Fact.number, Fact.value, Claim.source)
        .join(Claim, Claim.id == Fact.claim_id)
        .where(_near(rows), Fact.superseded_at.is_(None))
    )
    return {(firm_id, key, year): ((number, value), source) for firm_id, key, year, number, value, source in held}


def _near(rows: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that a fact stands at the place of one of the claims, or the year before."""
    years = {row.year for row in rows if row.year is not None}
    return and_(
        Fact.firm_id.in_({row.firm_id for row in rows}),
        Fact.key.in_({row.key for row in rows}),
        or_(Fact.year.is_(None), Fact.year.in_(years | {year - 1 for year in years})),
    )


def _doubted(session: Session, claim_ids: Sequence[int]) -> set[int]:
    """Return those of the claims whose evidence was declared wrong or has run out."""
    rows = session.execute(
        select(Evidence.claim_id, Document)
        .join(Document, Document.id == Evidence.document_id)
        .where(Evidence.claim_id.in_(claim_ids))
    )
    today = clock.today()
    return {row[0] for row in rows if showing.trouble_with(row[1], today) in ("withdrawn", "expired")}


def _examples(session: Session, ids: Mapping[Why | None, Sequence[int]]) -> dict[Why | None, list[ClaimShown]]:
    wanted = [claim_id for some in ids.values() for claim_id in some]
    shown = {claim.id: claim for claim in queue.claims_shown(session, wanted)}
    return {why: [shown[claim_id] for claim_id in some if claim_id in shown] for why, some in ids.items()}
