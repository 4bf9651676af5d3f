"""Reading replays: which there are of a list, and the differences within a person's reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.paging import Page, SortKey, read_page
from app.eligibility.replay.models import Difference, EligibilityReplay, ReplayDifference
from app.firms import queries as firms
from app.firms.models import Firm


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """A firm that differs, as the page shows it."""

    id: int
    firm_id: int
    name: str
    verdict_id: int | None
    kind: Difference
    told: Sequence[Mapping[str, Any]]


def of_list(session: Session, list_id: int, *, limit: int = 20) -> Sequence[EligibilityReplay]:
    """Return the replays of a list, newest first."""
    return session.scalars(
        select(EligibilityReplay)
        .where(EligibilityReplay.list_id == list_id)
        .order_by(EligibilityReplay.id.desc())
        .limit(limit)
    ).all()


def counts(session: Session, replay_id: int, *, for_: Actor) -> dict[Difference, int]:
    """Return how many firms in reach differ, by kind."""
    rows = session.execute(
        select(ReplayDifference.kind, func.count())
        .join(Firm, Firm.id == ReplayDifference.firm_id)
        .where(ReplayDifference.replay_id == replay_id, firms.visible_to(for_))
        .group_by(ReplayDifference.kind)
    )
    found = {kind: number for kind, number in rows}
    return {kind: found[kind] for kind in Difference if kind in found}


def differences(
    session: Session, replay_id: int, *, for_: Actor, total: int, after: str = "", before: str = ""
) -> Page[DifferenceLine]:
    """Return one page of the firms in reach that differ."""
    statement = (
        select(
            ReplayDifference.id, ReplayDifference.firm_id, Firm.name, ReplayDifference.verdict_id,
            ReplayDifference.kind, ReplayDifference.told,
        )
        .join(Firm, Firm.id == ReplayDifference.firm_id)
        .where(ReplayDifference.replay_id == replay_id, firms.visible_to(for_))
    )  # fmt: skip
    page = read_page(
        session,
        statement,
        (SortKey(ReplayDifference.id, "id"),),
        key_of=lambda row: (row.id,),
        total=total,
        after=after,
        before=before,
    )
    return Page([DifferenceLine(*row) for row in page.items], page.total, page.after, page.before)
