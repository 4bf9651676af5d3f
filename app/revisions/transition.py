"""What stands on an edition and is not decided yet: how many lists and firms a transition rule speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.eligibility.models import EligibilityList
from app.firms import queries as firms
from app.firms.models import Firm
from app.nominations.models import ListState, Nomination, NominationList


@dataclass(frozen=True, slots=True)
class Affected:
    """Nomination lists of one state that were begun under an edition, and the firms on them, each counted once."""

    state: ListState
    lists: int
    firms: int


def affected(session: Session, edition_id: int) -> list[Affected]:
    """Return what there is of each state, in the order in which a list passes through them."""
    counted = (
        select(
            NominationList.state,
            func.count(NominationList.id.distinct()),
            func.count(Nomination.firm_id.distinct()),
        )
        .join(EligibilityList, NominationList.eligibility_list_id == EligibilityList.id)
        .outerjoin(Nomination, Nomination.list_id == NominationList.id)
        .where(EligibilityList.edition_id == edition_id)
        .group_by(NominationList.state)
    )
    found = {state: (lists, number) for state, lists, number in session.execute(counted)}
    return [Affected(state, *found.get(state, (0, 0))) for state in ListState]


def firms_on(session: Session, edition_id: int, state: ListState, *, for_: Actor) -> Sequence[tuple[int, str]]:
    """Return ``(id, name)`` of the firms on lists of that state within a person's reach, by name."""
    rows = session.execute(
        select(Firm.id, Firm.name, Firm.name_key)
        .join(Nomination, Nomination.firm_id == Firm.id)
        .join(NominationList, NominationList.id == Nomination.list_id)
        .join(EligibilityList, NominationList.eligibility_list_id == EligibilityList.id)
        .where(EligibilityList.edition_id == edition_id, NominationList.state == state, firms.visible_to(for_))
        .distinct()
        .order_by(Firm.name_key, Firm.id)
    )
    return [(row[0], row[1]) for row in rows]


def drawn_up_by(session: Session, edition_id: int) -> Sequence[tuple[str, str]]:
    """Return ``(person, title)`` of the lists that are not decided: those who must know."""
    rows = session.execute(
        select(NominationList.created_by_name, NominationList.title)
        .join(EligibilityList, NominationList.eligibility_list_id == EligibilityList.id)
        .where(EligibilityList.edition_id == edition_id, NominationList.state != ListState.FROZEN)
        .order_by(NominationList.id)
    )
    return [(row[0], row[1]) for row in rows]
