"""Accepting many claims at once: what is read, planned and written, in few statements whatever the number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import record_many
from app.core import clock
from app.core.text import Message, tr
from app.facts import queries, review
from app.facts.keeping import Columns, Place, are_same, name_of
from app.facts.models import Claim, ClaimState, Fact
from app.facts.shown import FactShown
from app.firms import queries as firms
from app.firms.models import Firm

GONE = tr("已被他人办理，或不在您的管理范围内")
OWN = tr("由您本人填报，须由另一位审核人核定")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pending claim, as much of it as accepting needs."""

    id: int
    place: Place
    columns: Columns
    source_label: str
    stated_by: int | None

    @property
    def name(self) -> str:
        return name_of(self.place[1], self.place[2])


@dataclass(frozen=True, slots=True)
class Refusal:
    """A claim that was not accepted, and why; ``name`` is the figure, empty when the claim is out of reach."""

    claim_id: int
    why: Message
    name: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A claim that becomes a fact, and the fact it replaces."""

    claim: Waiting
    old: FactShown | None


@dataclass(slots=True)
class Plan:
    """What will be done with each claim."""

    hold: list[Held] = field(default_factory=list)
    confirm: list[Waiting] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def waiting(session: Session, claim_ids: Sequence[int], by: Actor) -> list[Waiting]:
    """Return those of the claims that are pending and within reach, locked, in order of their ids."""
    found: list[Waiting] = []
    for part in review.portions(sorted(set(claim_ids))):
        rows = session.execute(
            select(Claim.id, Claim.firm_id, Claim.key, Claim.year, Claim.number, Claim.value, Claim.source_label,
                   Claim.stated_by)
            .join(Firm, Firm.id == Claim.firm_id)
            .where(Claim.id.in_(part), Claim.state == ClaimState.PENDING, firms.visible_to(by))
            .order_by(Claim.id)
            .with_for_update(of=Claim)
        )  # fmt: skip
        found.extend(_waiting(row) for row in rows)
    return found


def _waiting(row: Any) -> Waiting:
    return Waiting(row.id, (row.firm_id, row.key, row.year), (row.number, row.value), row.source_label, row.stated_by)


def surroundings(
    session: Session, wanted: Sequence[Waiting]
) -> tuple[dict[Place, list[Waiting]], dict[Place, FactShown]]:
    """Return all pending claims and the current facts of the places of the claims."""
    places = {claim.place for claim in wanted}
    keys = sorted({key for _firm, key, _year in places})
    pending: dict[Place, list[Waiting]] = {}
    facts: dict[Place, FactShown] = {}
    for part in review.portions(sorted({firm_id for firm_id, _key, _year in places})):
        rows = session.execute(
            select(Claim.id, Claim.firm_id, Claim.key, Claim.year, Claim.number, Claim.value, Claim.source_label,
                   Claim.stated_by)
            .where(Claim.firm_id.in_(part), Claim.key.in_(keys), Claim.state == ClaimState.PENDING)
        )  # fmt: skip
        for row in rows:
            claim = _waiting(row)
            if claim.place in places:
                pending.setdefault(claim.place, []).append(claim)
        current = queries.facts_where(session, Fact.firm_id.in_(part), Fact.key.in_(keys), Fact.superseded_at.is_(None))
        facts.update({(fact.firm_id, fact.key, fact.year): fact for fact in current})
    return pending, facts


def plan(
    wanted: Sequence[Waiting],
    pending: Mapping[Place, Sequence[Waiting]],
    facts: Mapping[Place, FactShown],
    *,
    by: Actor,
    reason: str,
) -> Plan:
    """Decide for each claim: becomes the fact, confirms it, or is left with a sentence that says why."""
    result = Plan()
    taken: set[Place] = set()
    for claim in wanted:
        why = _obstacle(claim, pending.get(claim.place, ()), facts.get(claim.place), by, reason)
        current = facts.get(claim.place)
        if why is not None:
            result.refused.append(Refusal(claim.id, why, claim.name))
        elif claim.place in taken or (current is not None and are_same(current.columns, claim.columns)):
            result.confirm.append(claim)  # an equal claim of the same round stands there already
        else:
            taken.add(claim.place)
            result.hold.append(Held(claim, current))
    return result


def _obstacle(
    claim: Waiting, pending: Sequence[Waiting], current: FactShown | None, by: Actor, reason: str
) -> Message | None:
    if claim.stated_by == by.id:
        return OWN
    if any(not are_same(other.columns, claim.columns) for other in pending):
        return tr("有来源不一致的待审数据，请逐条比对后选定")
    if current is not None and not are_same(current.columns, claim.columns) and not reason:
        return review.needs_reason(current.source)
    return None


def carry_out(session: Session, plan: Plan, *, by: Actor, reason: str, rule_run_id: int | None = None) -> None:
    """Write the plan. Raises Conflict when another reviewer was faster at one of the places."""
    now = clock.now()
    accepted = [held.claim for held in plan.hold] + plan.confirm
    for part in review.portions([claim.id for claim in accepted]):
        session.execute(
            update(Claim)
            .where(Claim.id.in_(part))
            .values(
                state=ClaimState.ACCEPTED, reviewed_by=by.id, reviewed_by_name=by.name, reviewed_at=now,
                review_note=reason, rule_run_id=rule_run_id,
            )
        )  # fmt: skip
    replaced = [held.old.id for held in plan.hold if held.old is not None]
    for part in review.portions(replaced):
        review.supersede(session, part, now)
    _insert_facts(session, plan.hold, by, reason, now)
    _log(session, plan, by, reason)


def _insert_facts(session: Session, hold: Sequence[Held], by: Actor, reason: str, now: Any) -> None:
    rows = [
        {
            "firm_id": held.claim.place[0], "key": held.claim.place[1], "year": held.claim.place[2],
            "number": held.claim.columns[0], "value": held.claim.columns[1], "claim_id": held.claim.id,
            "accepted_by": by.id, "accepted_by_name": by.name, "accepted_at": now, "reason": reason,
        }
        for held in hold
    ]  # fmt: skip
    try:
        for start in range(0, len(rows), review.ROWS_AT_ONCE):
            session.execute(insert(Fact), rows[start : start + review.ROWS_AT_ONCE])
    except IntegrityError as error:
        raise review.overtaken() from error
    replaced = {held.claim.id: held.old.id for held in hold if held.old is not None}
    for part in review.portions(list(replaced)):
        new = session.execute(select(Fact.id, Fact.claim_id).where(Fact.claim_id.in_(part)))
        followed = [{"id": replaced[claim_id], "superseded_by": fact_id} for fact_id, claim_id in new]
        session.execute(update(Fact), followed)


def _log(session: Session, plan: Plan, by: Actor, reason: str) -> None:
    changes: dict[int, dict[str, list[str | None]]] = {}
    for held in plan.hold:
        firm_id, key, _year = held.claim.place
        old = review.written(key, held.old.columns) if held.old is not None else None
        changes.setdefault(firm_id, {})[held.claim.name] = [old, review.written(key, held.claim.columns)]
    for claim in plan.confirm:
        firm_id, key, _year = claim.place
        said = review.written(key, claim.columns)
        changes.setdefault(firm_id, {}).setdefault(claim.name, [said, said])
    record_many(session, by, Action.CLAIM_ACCEPT, review.per_firm(changes), note=reason)
