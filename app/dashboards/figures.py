"""The figures a person wants to see first on a firm's page, newest year of each, with where they come from."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.dashboards.overview import KEY_FIGURES
from app.facts import queries as facts
from app.facts.models import Fact
from app.facts.shown import FactShown
from app.firms.models import Firm

MOST = 6


def panel(session: Session, firm: Firm) -> dict[str, Any]:
    """Return the newest figure of each key, at most six, in the order of the keys."""
    found = facts.facts_where(session, Fact.firm_id == firm.id, Fact.key.in_(KEY_FIGURES), Fact.superseded_at.is_(None))
    newest: dict[str, FactShown] = {}
    for fact in found:
        held = newest.get(fact.key)
        if held is None or (fact.year or 0) > (held.year or 0):
            newest[fact.key] = fact
    return {"figures": [newest[key] for key in KEY_FIGURES if key in newest][:MOST]}
