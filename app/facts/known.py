"""What the bureau knew on a day: what stood accepted at its end, and what came later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.core import clock
from app.facts import queries
from app.facts.keeping import are_same
from app.facts.models import Fact
from app.facts.shown import FactShown


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The figures of a firm as they stood at the end of a day (None: now), and what stands now where it differs."""

    day: date | None
    facts: Sequence[FactShown]
    later: Mapping[tuple[str, int | None], FactShown]


def day_of(text: str | None) -> date | None:
    """Return the past day that an address names, or None: today and days to come are simply now."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day < clock.today() else None


def knowledge(session: Session, firm_id: int, day: date | None, *, key: str = "", year: int | None = None) -> Knowledge:
    """Return what was known of a firm at the end of a day; ``key`` narrows to one figure."""
    where = queries.at_place(firm_id, key, year, Fact) if key else Fact.firm_id == firm_id
    now = queries.facts_where(session, where, Fact.superseded_at.is_(None))
    if day is None:
        return Knowledge(None, now, {})
    then = queries.facts_where(session, where, queries.held_on(day))
    stood = {(fact.key, fact.year): fact for fact in then}
    later = {
        (fact.key, fact.year): fact
        for fact in now
        if (before := stood.get((fact.key, fact.year))) is None or not are_same(before.columns, fact.columns)
    }
    return Knowledge(day, then, later)
