"""Accepting many claims at once: what is read, planned and written, in few statements whatever the number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Text, and_, cast, func, insert, literal, or_, select, type_coerce, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import record_many
from app.core import clock
from app.core.bulk import among
from app.core.text import Message, tr
from app.facts import queries, review
from app.facts.keeping import Columns, Place, are_same, name_of
from app.facts.models import Claim, ClaimState, Fact
from app.facts.shown import FactShown
from app.facts.telling import Kept, Telling
from app.firms import holding
from app.firms import queries as firms
from app.firms.models import Firm

FACT_COLUMNS = (
    "firm_id", "key", "year", "number", "value", "claim_id", "accepted_by", "accepted_by_name", "accepted_at", "reason",
)  # fmt: skip
GONE = tr("已被他人办理，或不在您的管理范围内")
OWN = tr("由您本人填报，须由另一位审核人核定")


class Waiting(NamedTuple):
    """A pending claim, as much of it as accepting needs, as the database gives it."""

    id: int
    firm_id: int
    key: str
    year: int | None
    scaled: int | None
    text: str | None
    stated_by: int | None
    corrected_by: int | None

    @property
    def place(self) -> Place:
        return self.firm_id, self.key, self.year

    @property
    def kept(self) -> Kept:
        return Kept(self.scaled, self.text)

    @property
    def columns(self) -> Columns:
        return self.kept.columns

    @property
    def name(self) -> str:
        return name_of(self.key, self.year)


WAITING = (
    Claim.id, Claim.firm_id, Claim.key, Claim.year, type_coerce(Claim.number, BigInteger), cast(Claim.value, Text),
    Claim.stated_by, review.corrector_if_any(),
)  # fmt: skip

# what Waiting._make does, without a call of Python
_waiting: Callable[[Sequence[Any]], Waiting] = partial(tuple.__new__, Waiting)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A claim that was not accepted, and why; ``name`` is the figure, empty when the claim is out of reach."""

    claim_id: int
    why: Message
    name: str = ""


class Held(NamedTuple):
    """A claim that becomes a fact, and the fact it replaces."""

    claim: Waiting
    old: FactShown | None


@dataclass(slots=True)
class Plan:
    """What will be done with each claim; ``fresh`` become facts where nothing stood."""

    fresh: list[Waiting] = field(default_factory=list)
    hold: list[Held] = field(default_factory=list)
    confirm: list[Waiting] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    @property
    def held(self) -> list[int]:
        """The claims that become facts, by their ids."""
        return sorted([claim.id for claim in self.fresh] + [one.claim.id for one in self.hold])


def waiting(session: Session, claim_ids: Sequence[int], by: Actor) -> list[Waiting]:
    """Return those of the claims that are pending and within reach, locked, in order of their ids."""
    found: list[Waiting] = []
    session.flush()
    for these in among(Claim.id, claim_ids):
        mine = select(Claim.firm_id).where(these, Claim.state == ClaimState.PENDING)
        holding.shared(session, Firm.id.in_(mine))
    connection = session.connection()  # plain columns need nothing of the ORM, and these are very many
    for these in among(Claim.id, claim_ids):
        rows = connection.execute(
            select(*WAITING)
            .join(Firm, Firm.id == Claim.firm_id)
            .where(these, Claim.state == ClaimState.PENDING, firms.visible_to(by))
            .order_by(Claim.id)
            .with_for_update(of=Claim)
        )
        found.extend(map(_waiting, rows.cursor.fetchall()))  # as the driver gives them: no column needs turning
        rows.close()
    return sorted(found)


def surroundings(
    session: Session, wanted: Sequence[Waiting]
) -> tuple[dict[Place, list[Waiting]], dict[Place, FactShown]]:
    """Return the pending claims of places where several wait, and the current facts of the places of the claims."""
    keys = sorted({claim.key for claim in wanted})
    years = {claim.year for claim in wanted}
    of_years = or_(Fact.year.is_(None), Fact.year.in_(sorted(year for year in years if year is not None)))
    pending: dict[Place, list[Waiting]] = {}
    facts: dict[Place, FactShown] = {}
    for part in review.portions(sorted({claim.firm_id for claim in wanted})):
        for claim in map(_waiting, _where_several_wait(session, part, keys)):
            pending.setdefault(claim.place, []).append(claim)
        at = (Fact.firm_id.in_(part), Fact.key.in_(keys), of_years)
        current = queries.facts_where(session, *at, Fact.superseded_at.is_(None))
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
        select(*WAITING)
        .join(crowded, and_(crowded.c.firm_id == Claim.firm_id, crowded.c.key == Claim.key, same_year))
        .where(Claim.state == ClaimState.PENDING)
    )


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
    mine = by.id if by.id is not None else 0
    for claim in wanted:
        place = claim[1:4]
        if place not in pending and place not in facts and mine not in claim[6:8]:
            result.fresh.append(claim)  # nothing is there, nobody else waits: most claims of an import
            continue
        rivals, current = pending.get(place, ()), facts.get(place)
        why = _obstacle(claim, rivals, current, by, reason if replaces else "")
        if why is not None:
            result.refused.append(Refusal(claim.id, why, claim.name))
        elif place in taken or (current is not None and are_same(current.columns, claim.columns)):
            result.confirm.append(claim)  # an equal claim of the same round stands there already
        else:
            taken.add(place)
            result.hold.append(Held(claim, current))
    return result


def _is_own(claim: Waiting, by: Actor) -> bool:
    return by.id is not None and (claim.stated_by == by.id or claim.corrected_by == by.id)


def _obstacle(
    claim: Waiting, pending: Sequence[Waiting], current: FactShown | None, by: Actor, reason: str
) -> Message | None:
    if _is_own(claim, by):
        return OWN
    if any(not are_same(other.columns, claim.columns) for other in pending):
        return tr("有来源不一致的待审数据，请逐条比对后选定")
    if current is not None and not are_same(current.columns, claim.columns) and not reason:
        return review.needs_reason(current.source)
    return None


def carry_out(session: Session, plan: Plan, *, by: Actor, reason: str, rule_run_id: int | None = None) -> None:
    """Write the plan. Raises Conflict when another reviewer was faster at one of the places."""
    decided: dict[str, Any] = {
        "state": ClaimState.ACCEPTED, "reviewed_by": by.id, "reviewed_by_name": by.name, "reviewed_at": clock.now(),
        "review_note": reason,
    }  # fmt: skip
    if rule_run_id is not None:
        decided["rule_run_id"] = rule_run_id
    held, now = plan.held, decided["reviewed_at"]
    for these in among(Claim.id, held + [claim.id for claim in plan.confirm]):
        session.execute(update(Claim).where(these).values(**decided))
    replaced = {one.claim.id: one.old.id for one in plan.hold if one.old is not None}
    for part in review.portions(list(replaced.values())):
        review.supersede(session, part, now)
    _insert_facts(session, held, by, reason, now)
    _name_followers(session, replaced)
    record_many(session, by, Action.CLAIM_ACCEPT, review.written_per_firm(_changes(plan)), note=reason)


def _insert_facts(session: Session, claim_ids: Sequence[int], by: Actor, reason: str, now: Any) -> None:
    """Make facts of claims inside the database; a fact holds the very value of its claim."""
    said = (Claim.firm_id, Claim.key, Claim.year, Claim.number, Claim.value, Claim.id)
    types = Fact.__table__.c
    noted = [
        literal(value, types[name].type)
        for name, value in zip(FACT_COLUMNS[len(said) :], (by.id, by.name, now, reason), strict=True)
    ]
    try:
        for these in among(Claim.id, claim_ids):
            rows = select(*said, *noted).where(these).order_by(Claim.id)
            session.execute(insert(Fact.__table__).from_select(FACT_COLUMNS, rows))  # type: ignore[arg-type]
    except IntegrityError as error:
        raise review.overtaken() from error


def _name_followers(session: Session, replaced: Mapping[int, int]) -> None:
    """Note on each replaced fact which one follows it; by claim that became the new fact, the old fact's id."""
    for part in review.portions(list(replaced)):
        new = session.execute(select(Fact.id, Fact.claim_id).where(Fact.claim_id.in_(part)))
        followed = [{"id": replaced[claim_id], "superseded_by": fact_id} for fact_id, claim_id in new]
        session.execute(update(Fact), followed)


def _changes(plan: Plan) -> dict[int, dict[str, str]]:
    """Return what the log tells of each firm: the old and the new value of every figure, as JSON."""
    telling = Telling()
    changes: dict[int, dict[str, str]] = {}
    for claim in plan.fresh:
        name, said = telling.told(claim.key, claim.year, claim[4:6])
        changes.setdefault(claim.firm_id, {})[name] = f"[null, {said}]"
    for claim, replaced in plan.hold:
        key, year = claim.key, claim.year
        name, said = telling.told(key, year, claim[4:6])
        old = telling.shown(key, year, replaced.columns) if replaced is not None else "null"
        changes.setdefault(claim.firm_id, {})[name] = f"[{old}, {said}]"
    for claim in plan.confirm:
        name, said = telling.told(claim.key, claim.year, claim[4:6])
        changes.setdefault(claim.firm_id, {}).setdefault(name, f"[{said}, {said}]")
    return changes
