"""What a revision would change: every firm judged under the old text and the new, on the figures held (nothing is kept
but the sums and the names of those who gain or lose)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.models import EligibilityList
from app.facts import queries as facts
from app.facts.sheet import FactSheet
from app.firms.models import Firm, FirmCluster
from app.firms.taxonomy import FirmStatus
from app.nominations.models import ListState, Nomination, NominationList
from app.rulebooks import queries as rulebooks
from app.rulebooks.schema import Rulebook

AT_ONCE = 250
MOST_NAMED = 500
"""Firms named in each direction; all are counted."""
ELIGIBLE = "eligible"
REFUSED = "refused"
"""Stands for a firm whose figures cannot be judged."""


@dataclass
class Impact:
    """Sums so far: ``moves`` counts firms by (state before, state after); ``gained`` and ``lost`` name them.

    ``by_town`` and ``by_cluster`` count [gained, lost]. Money is in 万元, as text.
    """

    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    gained: list[tuple[int, str]] = field(default_factory=list)
    lost: list[tuple[int, str]] = field(default_factory=list)
    by_town: dict[str, list[int]] = field(default_factory=dict)
    by_cluster: dict[str, list[int]] = field(default_factory=dict)

    def count(self, before: str, after: str, town: str, clusters: Sequence[str], firm: tuple[int, str]) -> None:
        """Add one firm; ``firm`` is its id and the reason that can be read out."""
        self.moves[before, after] += 1
        if (before == ELIGIBLE) == (after == ELIGIBLE):
            return
        gains = after == ELIGIBLE
        (self.gained if gains else self.lost).append(firm)
        for held, key in [(self.by_town, town), *((self.by_cluster, one) for one in clusters)]:
            held.setdefault(key, [0, 0])[0 if gains else 1] += 1

    def as_json(self) -> dict[str, Any]:
        """Return the form in which a revision keeps it."""
        return {
            "moves": [[before, after, count] for (before, after), count in sorted(self.moves.items())],
            "gained": self.gained[:MOST_NAMED], "lost": self.lost[:MOST_NAMED],
            "gains": len(self.gained), "losses": len(self.lost),
            "by_town": self.by_town, "by_cluster": self.by_cluster,
        }  # fmt: skip


def firms_meant(session: Session) -> list[int]:
    """Return all firms in being, in the order of their ids."""
    return list(session.scalars(select(Firm.id).where(Firm.status == FirmStatus.ACTIVE).order_by(Firm.id)))


def weigh(
    session: Session, ids: Sequence[int], old: Rulebook, new: Rulebook, as_of: date, kind: str, into: Impact
) -> None:
    """Judge some firms under both texts and add them up."""
    sheets = facts.fact_sheets(session, ids, as_of)
    towns = {one: town.value if town else "" for one, town in _rows(session, ids)}
    clusters = _clusters(session, ids)
    for firm_id in ids:
        before, _why = _judged(old, sheets[firm_id], as_of, kind)
        after, why = _judged(new, sheets[firm_id], as_of, kind)
        into.count(before, after, towns.get(firm_id, ""), clusters.get(firm_id, ()), (firm_id, why))


def _judged(rulebook: Rulebook, sheet: FactSheet, as_of: date, kind: str) -> tuple[str, str]:
    try:
        judgement = evaluate(rulebook, sheet, as_of, kind)
    except Invalid as error:
        return REFUSED, str(error.message)
    return judgement.decision.value, judgement.reason


def _rows(session: Session, ids: Sequence[int]) -> Iterator[tuple[int, Any]]:
    return (tuple(row) for row in session.execute(select(Firm.id, Firm.town).where(Firm.id.in_(ids))))  # type: ignore[misc]


def _clusters(session: Session, ids: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for firm_id, cluster in session.execute(
        select(FirmCluster.firm_id, FirmCluster.cluster).where(FirmCluster.firm_id.in_(ids))
    ):
        found.setdefault(firm_id, []).append(cluster.value)
    return found


def asked_anew(old: Rulebook, new: Rulebook) -> list[str]:
    """Return the keys of figures that only the new text asks for."""
    return sorted(rulebooks.keys_of(new) - rulebooks.keys_of(old))


def lists_on(session: Session, edition_id: int) -> dict[str, list[list[Any]]]:
    """Return the lists that stand on an edition: eligibility lists, and nomination lists with their state and firms.

    All of them keep the edition that they were drawn up under.
    """
    drawn = session.execute(
        select(EligibilityList.id, EligibilityList.title)
        .where(EligibilityList.edition_id == edition_id, EligibilityList.is_complete)
        .order_by(EligibilityList.id.desc())
        .limit(20)
    )
    counted = (
        select(NominationList.id, NominationList.title, NominationList.state, func.count(Nomination.id))
        .join(EligibilityList, NominationList.eligibility_list_id == EligibilityList.id)
        .outerjoin(Nomination, Nomination.list_id == NominationList.id)
        .where(EligibilityList.edition_id == edition_id)
        .group_by(NominationList.id, NominationList.title, NominationList.state)
        .order_by(NominationList.id.desc())
        .limit(50)
    )
    return {
        "eligibility": [[number, title] for number, title in drawn],
        "nominations": [
            [number, title, ListState(state).value, firms] for number, title, state, firms in session.execute(counted)
        ],
    }


def cost(found: Mapping[str, Any], amount: str) -> dict[str, str] | None:
    """Return what the change costs where each eligible firm gets ``amount`` 万元; None where nobody has said."""
    if not amount:
        return None
    each = Decimal(amount)
    more, less = each * found["gains"], each * found["losses"]
    return {"each": str(each), "more": str(more), "less": str(less), "net": str(more - less)}
