"""Reading renewals: which there were, and what they changed within a person's reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.access.actor import Actor
from app.core.paging import Page, SortKey, read_page
from app.eligibility.models import Verdict, VerdictState
from app.eligibility.overtaken import Overtaken
from app.eligibility.renewal.models import EligibilityRenewal, RenewedVerdict
from app.firms import queries as firms
from app.firms.models import Firm
from app.rulebooks.models import Edition

CHANGED = or_(RenewedVerdict.after.is_(None), RenewedVerdict.after != RenewedVerdict.before)


@dataclass(frozen=True, slots=True)
class RenewedLine:
    """A verdict that was overtaken, as the page shows it."""

    id: int
    firm_id: int
    name: str
    old_id: int
    new_id: int | None
    why: Overtaken
    before: VerdictState
    after: VerdictState | None
    refused: str
    told: Sequence[Mapping[str, Any]]
    edition: str
    code: str


def latest(session: Session, *, limit: int = 30) -> Sequence[EligibilityRenewal]:
    """Return the newest looks through all verdicts."""
    return session.scalars(select(EligibilityRenewal).order_by(EligibilityRenewal.id.desc()).limit(limit)).all()


def counts(session: Session, renewal_id: int, *, for_: Actor) -> dict[Overtaken, tuple[int, int]]:
    """Return how many verdicts in reach each reason has overtaken, and how many of them came out otherwise."""
    rows = session.execute(
        select(RenewedVerdict.why, func.count(), func.count().filter(CHANGED))
        .join(Firm, Firm.id == RenewedVerdict.firm_id)
        .where(RenewedVerdict.renewal_id == renewal_id, firms.visible_to(for_))
        .group_by(RenewedVerdict.why)
    )
    found = {why: (number, changed) for why, number, changed in rows}
    return {why: found[why] for why in Overtaken if why in found}


def page_of(
    session: Session, renewal_id: int, *, for_: Actor, everything: bool, total: int, after: str = "", before: str = ""
) -> Page[RenewedLine]:
    """Return one page of the verdicts that came out otherwise, or of all that were overtaken."""
    judged_by = aliased(Edition)
    new = aliased(Verdict)
    statement = (
        select(
            RenewedVerdict.id, RenewedVerdict.firm_id, Firm.name, RenewedVerdict.old_id, RenewedVerdict.new_id,
            RenewedVerdict.why, RenewedVerdict.before, RenewedVerdict.after, RenewedVerdict.refused,
            RenewedVerdict.told, judged_by.title, judged_by.code,
        )
        .join(Firm, Firm.id == RenewedVerdict.firm_id)
        .join(Verdict, Verdict.id == RenewedVerdict.old_id)
        .join(new, new.id == RenewedVerdict.new_id, isouter=True)
        .join(judged_by, judged_by.id == func.coalesce(new.edition_id, Verdict.edition_id))
        .where(*_conditions(renewal_id, for_, everything))
    )  # fmt: skip
    page = read_page(
        session,
        statement,
        (SortKey(RenewedVerdict.id, "id"),),
        key_of=lambda row: (row.id,),
        total=total,
        after=after,
        before=before,
    )
    return Page([RenewedLine(*row) for row in page.items], page.total, page.after, page.before)


def _conditions(renewal_id: int, for_: Actor, everything: bool) -> list[ColumnElement[bool]]:
    conditions = [RenewedVerdict.renewal_id == renewal_id, firms.visible_to(for_)]
    return conditions if everything else [*conditions, CHANGED]
