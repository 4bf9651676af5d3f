"""Reading verdicts: one in full, those of a firm, and which of them newer figures have overtaken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.errors import NotFound
from app.core.text import tr
from app.eligibility import overtaken
from app.eligibility.models import EligibilityList, Shortfall, Verdict, VerdictState
from app.eligibility.overtaken import Overtaken
from app.facts.documents import queries as documents
from app.facts.documents.queries import Doubt
from app.facts.models import Claim, Fact, SourceKind
from app.firms import queries as firms
from app.firms.models import Firm
from app.rulebooks.models import Edition

LARGEST_ID = 2**31 - 1
HISTORY = 100


@dataclass(frozen=True)
class VerdictLine:
    """A verdict as lists of one firm show it; ``stale`` says by what it was overtaken since, if it was."""

    id: int
    edition_id: int
    edition_code: str
    edition_title: str
    as_of: date
    kind: str
    state: VerdictState
    shortfall: Shortfall
    short_clause: str
    score_low: Decimal | None
    score_high: Decimal | None
    reason: str
    list_id: int | None
    judged_at: datetime
    judged_by: int | None
    stale: Overtaken | None

    @property
    def is_stale(self) -> bool:
        """Whether it no longer rests on what stands."""
        return self.stale is not None


def shown() -> ColumnElement[bool]:
    """Return the condition that a verdict may be shown: it belongs to no list, or to a complete one."""
    complete = select(EligibilityList.id).where(EligibilityList.is_complete)
    return or_(Verdict.list_id.is_(None), Verdict.list_id.in_(complete))


def verdict(session: Session, verdict_id: int, *, for_: Actor) -> Verdict:
    """Return one verdict with its findings. Raises NotFound when its firm is out of reach."""
    found = None
    if 0 < verdict_id <= LARGEST_ID:
        found = session.scalars(
            select(Verdict)
            .join(Firm, Firm.id == Verdict.firm_id)
            .where(Verdict.id == verdict_id, shown(), firms.visible_to(for_))
        ).first()
    if found is None:
        raise NotFound(tr("没有找到这次判定，可能不在您的管理范围内。"))
    return found


def of_firm(session: Session, firm_id: int, *, limit: int = HISTORY) -> Sequence[VerdictLine]:
    """Return the verdicts of a firm, newest first; the caller has checked that the person may see it."""
    return lines(session, Verdict.firm_id == firm_id, limit=limit)


def latest_verdicts(session: Session, firm_id: int) -> Sequence[VerdictLine]:
    """Return the newest verdict of each edition and kind of application for one firm, by edition."""
    newest = (
        select(func.max(Verdict.id))
        .join(Edition, Edition.id == Verdict.edition_id)
        .where(Verdict.firm_id == firm_id, shown())
        .group_by(Edition.code, Verdict.kind)
    )
    found = lines(session, Verdict.id.in_(newest), limit=HISTORY)
    return sorted(found, key=lambda line: (line.edition_code, line.kind))


def lines(session: Session, which: ColumnElement[bool], *, limit: int) -> Sequence[VerdictLine]:
    """Return the verdicts that meet a condition and may be shown, newest first."""
    rows = session.execute(
        select(
            Verdict.id, Verdict.edition_id, Edition.code, Edition.title, Verdict.as_of, Verdict.kind, Verdict.state,
            Verdict.shortfall, Verdict.short_clause, Verdict.score_low, Verdict.score_high, Verdict.reason,
            Verdict.list_id, Verdict.judged_at, Verdict.judged_by,
        )
        .join(Edition, Edition.id == Verdict.edition_id)
        .where(which, shown())
        .order_by(Verdict.id.desc())
        .limit(limit)
    ).all()  # fmt: skip
    old = stale(session, [row.id for row in rows])
    whole: list[tuple[Any, ...]] = [(*row, old.get(row.id)) for row in rows]
    return [VerdictLine(*values) for values in whole]


def stale(session: Session, verdict_ids: Sequence[int]) -> dict[int, Overtaken]:
    """Return those of the verdicts that no longer rest on what stands, and why.

    A figure counts when the edition may look at it: a fact that was used and is not the current one any more, or a
    current one for a key that was missing. An edition counts when another now applies to the verdict's own day.
    """
    return overtaken.of(session, verdict_ids)


def stale_count(session: Session, list_id: int, *, for_: Actor) -> int:
    """Return how many verdicts of a list newer figures have overtaken, within reach."""
    return len(overtaken.in_list(session, list_id, firms.visible_to(for_)))


@dataclass(frozen=True, slots=True)
class ClaimOf:
    """The claim a fact was accepted from, as much as a page needs to lead there and to say whose it is."""

    id: int
    source: str
    kind: SourceKind


def claims_of(session: Session, fact_ids: Sequence[int]) -> dict[int, ClaimOf]:
    """Return ``{fact id: its claim}``, so that a figure can be followed to where it came from."""
    if not fact_ids:
        return {}
    rows = session.execute(
        select(Fact.id, Claim.id, Claim.source, Claim.source_kind)
        .join(Claim, Claim.id == Fact.claim_id)
        .where(Fact.id.in_(set(fact_ids)))
    )
    return {fact_id: ClaimOf(claim_id, source, kind) for fact_id, claim_id, source, kind in rows}


def doubted(session: Session, verdict_ids: Sequence[int]) -> dict[int, Doubt]:
    """Return those of the verdicts whose sheet holds a fact that leans on a document declared wrong.

    Sheets are read only of firms that have such a document.
    """
    firm_of = dict(session.execute(select(Verdict.id, Verdict.firm_id).where(Verdict.id.in_(verdict_ids))).all())
    wrong = documents.doubted_facts(session, list(firm_of.values()))
    if not wrong:
        return {}
    concerned = set(session.scalars(select(Fact.firm_id).where(Fact.id.in_(wrong))))
    ids = [verdict_id for verdict_id, firm_id in firm_of.items() if firm_id in concerned]
    sheets = session.execute(select(Verdict.id, Verdict.sheet).where(Verdict.id.in_(ids)))
    found = {}
    for verdict_id, sheet in sheets:
        on_it = [wrong[entry[3]] for entry in sheet if entry[3] in wrong]
        if on_it:
            found[verdict_id] = on_it[0]
    return found
