"""Which forms a firm may begin: programmes with an edition in force, and when applications are taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assessments.models import OPEN_STATES, Assessment
from app.core import clock
from app.eligibility.gap.models import Intake
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition


@dataclass(frozen=True, slots=True)
class Offer:
    """A programme whose form may be begun; ``intake`` is the one that ends next, None where none is known."""

    edition: Edition
    kinds: Sequence[str]
    intake: Intake | None
    is_begun: bool


def offers(session: Session, firm_id: int) -> list[Offer]:
    """Return what may be begun today: those with a known time of intake first, the earliest end first."""
    today = clock.today()
    found: dict[str, Edition] = {}
    for kind in ("new", "review"):
        for one in rulebooks.proposals(session, today, kind):
            found.setdefault(one.edition.programme, one.edition)
    windows: dict[str, Intake] = {}
    ending = select(Intake).where(Intake.closes_on >= today, Intake.withdrawn_at.is_(None))
    for window in session.scalars(ending.order_by(Intake.closes_on, Intake.id)):
        windows.setdefault(window.programme, window)
    begun = set(
        session.scalars(
            select(Assessment.programme).where(
                Assessment.firm_id == firm_id,
                Assessment.year == today.year - 1,
                Assessment.state.in_(OPEN_STATES),
            )
        )
    )
    made = [
        Offer(edition, rulebooks.rulebook_of(edition).kinds, windows.get(programme), programme in begun)
        for programme, edition in found.items()
    ]
    return sorted(made, key=lambda one: (one.intake is None, one.intake.closes_on if one.intake else today))
