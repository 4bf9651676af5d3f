"""Accepting many claims at once: what is read, planned and written, in few statements whatever the number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import record_many
from app.core import clock
from app.core.bulk import insert_rows
from app.core.text import Message, tr
from app.facts import queries, review
from app.facts.keeping import Columns, Place, are_same, name_of
from app.facts.models import Claim, ClaimState, Fact
from app.facts.shown import FactShown
from app.facts.telling import Telling
from app.firms import queries as firms
from app.firms.models import Firm

FACT_COLUMNS = (
    "firm_id", "key", "year", "number", "value", "claim_id", "accepted_by", "accepted_by_name", "accepted_at", "reason",
)  # fmt: skip
GONE = tr("已被他人办理，或不在您的管理范围内")
OWN = tr("由您本人填报，须由另一位审核人核定")


class Waiting(NamedTuple):
    """A pending claim, as much of it as accepting needs."""

    id: int
    place: Place
    columns: Columns
    source_label: str
    stated_by: int | None
    corrected_by: int | None

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
                   Claim.stated_by, review.corrector())
            .join(Firm, Firm.id == Claim.firm_id)
            .where(Claim.id.in_(part), Claim.state == ClaimState.PENDING, firms.visible_to(by))
            .order_by(Claim.id)
            .with_for_update(of=Claim)
        )  # fmt: skip
        found.extend(_all_waiting(rows))
    return found


def _all_waiting(rows: Iterable[Any]) -> Iterator[Waiting]:
    for number, firm_id, key, year, amount, value, label, stated_by, corrected_by in rows:
        yield Waiting(number, (firm_id, key, year), (amount, value), label, stated_by, corrected_by)


def surroundings(
    session: Session, wanted: Sequence[Waiting]
) -> tuple[dict[Place, list[Waiting]], dict[Place, FactShown]]:
    """Return the pending claims of places where several wait, and the current facts of the places of the claims."""
    places = {claim.place for claim in wanted}
    keys = sorted({key for _firm, key, _year in places})
    pending: dict[Place, list[Waiting]] = {}
    facts: dict[Place, FactShown] = {}
    for part in review.portions(sorted({firm_id for firm_id, _key, _year in places})):
        for claim in _all_waiting(_where_several_wait(session, part, keys)):
            if claim.place in places:
                pending.setdefault(claim.place, []).append(claim)
        current = queries.facts_where(session, Fact.firm_id.in_(part), Fact.key.in_(keys), Fact.superseded_at.is_(None))
        facts.update({(fact.firm_id, fact.key, fact.year): fact for fact in current})
    return pending, facts


def _where_several_wait(session: Session, firm_ids: Sequence[int], keys: Sequence[str]) -> Iterable[Any]:
    """Return the pending claims of places that more than one waits for; a claim alone has no rival."""
    waits = (Claim.firm_id.in_(firm_ids), Claim.key.in_(keys), Claim.state == ClaimState.PENDING)
    crowded = (
        select(Claim.firm_id, Claim.key, Claim.year).where(*waits)
        .group_by(Claim.firm_id, Claim.key, Claim.year).having(func.count() > 1).subquery()
    )  # fmt: skip
    same_year = or_(Claim.year == crowded.c.year, and_(Claim.year.is_(None), crowded.c.year.is_(None)))
    return session.execute(
        select(Claim.id, Claim.firm_id, Claim.key, Claim.year, Claim.number, Claim.value, Claim.source_label,
               Claim.stated_by, review.corrector())
        .join(crowded, and_(crowded.c.firm_id == Claim.firm_id, crowded.c.key == Claim.key, same_year))
        .where(Claim.state == ClaimState.PENDING)
    )  # fmt: skip


def plan(
    wanted: Sequence[Waiting],
    pending: Mapping[Place, Sequence[Waiting]],
    facts: Mapping[Place, FactShown],
    *,
    by: Actor,
    reason: str,
    replaces: bool = True,
) -> Plan:
    """Decide for each claim: becomes the fact, confirms it, or is left with a sentence that says why.

    A current fact that differs gives way only with a ``reason``, and never where ``replaces`` is false: to a rule.
    """
    result = Plan()
    taken: set[Place] = set()
    for claim in wanted:
        why = _obstacle(claim, pending.get(claim.place, ()), facts.get(claim.place), by, reason if replaces else "")
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
    if by.id is not None and by.id in (claim.stated_by, claim.corrected_by):
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
    rows = ((*held.claim.place, *held.claim.columns, held.claim.id, by.id, by.name, now, reason) for held in hold)
    try:
        insert_rows(session, Fact.__table__, FACT_COLUMNS, rows)  # type: ignore[arg-type]
    except IntegrityError as error:
        raise review.overtaken() from error
    replaced = {held.claim.id: held.old.id for held in hold if held.old is not None}
    for part in review.portions(list(replaced)):
        new = session.execute(select(Fact.id, Fact.claim_id).where(Fact.claim_id.in_(part)))
        followed = [{"id": replaced[claim_id], "superseded_by": fact_id} for fact_id, claim_id in new]
        session.execute(update(Fact), followed)


def _log(session: Session, plan: Plan, by: Actor, reason: str) -> None:
    telling = Telling()
    changes: dict[int, dict[str, list[str | None]]] = {}
    for held in plan.hold:
        firm_id, key, year = held.claim.place
        name, said = telling.written(key, year, *held.claim.columns)
        old = telling.written(key, year, *held.old.columns)[1] if held.old is not None else None
        changes.setdefault(firm_id, {})[name] = [old, said]
    for claim in plan.confirm:
        firm_id, key, year = claim.place
        name, said = telling.written(key, year, *claim.columns)
        changes.setdefault(firm_id, {}).setdefault(name, [said, said])
    record_many(session, by, Action.CLAIM_ACCEPT, review.per_firm(changes), note=reason)
