"""Reading nomination lists: which there are, the firms on one, and those that are not on it, each with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core import clock
from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE, Page, SortKey, read_page
from app.core.text import N_, tr
from app.eligibility.models import EligibilityList, Verdict, VerdictState
from app.firms import queries as firms
from app.firms.models import Firm
from app.nominations.models import Decision, ListState, Nomination, NominationList
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition, Follow
from app.rulebooks.queries import Succeeded

LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class Overview:
    """A list without its rows; ``nominated`` and ``undecided`` count the rows in reach."""

    id: int
    title: str
    state: ListState
    quota: int | None
    edition_title: str
    edition_code: str
    created_by_name: str
    created_at: datetime
    frozen_at: datetime | None
    counts: dict[str, int]


@dataclass(frozen=True)
class Place:
    """One firm's place on a list, as pages, exports and the frozen content show it."""

    id: int
    firm_id: int
    name: str
    credit_code: str | None
    town: str | None
    verdict_id: int
    verdict_digest: str
    state: VerdictState
    verdict_reason: str
    decision: Decision
    reason: str
    rank: int | None
    amount: Decimal | None
    amount_source: str
    added_by_name: str
    added_reason: str
    decided_by: int | None
    decided_by_name: str
    decided_at: datetime | None
    version: int

    @property
    def is_exception(self) -> bool:
        """Nominated although the verdict is not “eligible”."""
        return self.decision is Decision.NOMINATE and self.state is not VerdictState.ELIGIBLE


@dataclass(frozen=True)
class Absent:
    """A firm of the eligibility list that is not nominated, and the one line why."""

    firm_id: int
    name: str
    credit_code: str | None
    verdict_id: int
    verdict_digest: str
    state: VerdictState
    decision: Decision | None
    line: str
    name_key: str


def lists(session: Session, *, for_: Actor, limit: int = PAGE_SIZE) -> list[Overview]:
    """Return the newest nomination lists with counts by decision, within reach."""
    rows = session.execute(
        select(
            NominationList.id, NominationList.title, NominationList.state, NominationList.quota, Edition.title,
            Edition.code, NominationList.created_by_name, NominationList.created_at, NominationList.frozen_at,
        )
        .join(EligibilityList, EligibilityList.id == NominationList.eligibility_list_id)
        .join(Edition, Edition.id == EligibilityList.edition_id)
        .order_by(NominationList.id.desc())
        .limit(limit)
    ).all()  # fmt: skip
    counts: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    for list_id, decision, number in session.execute(
        select(Nomination.list_id, Nomination.decision, func.count())
        .join(Firm, Firm.id == Nomination.firm_id)
        .where(Nomination.list_id.in_(counts), firms.visible_to(for_))
        .group_by(Nomination.list_id, Nomination.decision)
    ):
        counts[list_id][decision.value] = number
    whole: list[tuple[Any, ...]] = [(*row, counts[row.id]) for row in rows]
    return [Overview(*values) for values in whole]


def nomination_list(session: Session, list_id: int, *, lock: bool = False) -> NominationList:
    """Return one list, or raise ``NotFound``; ``lock`` keeps others from changing it until the transaction ends."""
    found = None
    if 0 < list_id <= LARGEST_ID:
        found = session.get(NominationList, list_id, with_for_update=True if lock else None)
    if found is None:
        raise NotFound(tr("没有找到这份推荐名单。"))
    return found


def nomination(session: Session, nomination_id: int, *, for_: Actor) -> Nomination:
    """Return one firm's place on a list. Raises NotFound when the firm is out of reach."""
    found = None
    if 0 < nomination_id <= LARGEST_ID:
        found = session.scalars(
            select(Nomination)
            .join(Firm, Firm.id == Nomination.firm_id)
            .where(Nomination.id == nomination_id, firms.visible_to(for_))
        ).first()
    if found is None:
        raise NotFound(tr("没有找到这家企业的推荐记录，可能不在您的管理范围内。"))
    return found


def places(session: Session, list_id: int, *, for_: Actor) -> list[Place]:
    """Return the firms on a list: the nominated by rank, then undecided, deferred and declined, each by name."""
    rows = session.execute(
        select(
            Nomination.id, Firm.id, Firm.name, Firm.credit_code, Firm.town, Verdict.id, Verdict.digest, Verdict.state,
            Verdict.reason, Nomination.decision, Nomination.reason, Nomination.rank, Nomination.amount,
            Nomination.amount_source, Nomination.added_by_name, Nomination.added_reason, Nomination.decided_by,
            Nomination.decided_by_name, Nomination.decided_at, Nomination.version,
        )
        .join(Firm, Firm.id == Nomination.firm_id)
        .join(Verdict, Verdict.id == Nomination.verdict_id)
        .where(Nomination.list_id == list_id, firms.visible_to(for_))
        .order_by(Firm.name_key, Firm.id)
    ).all()  # fmt: skip
    whole: list[tuple[Any, ...]] = [tuple(row) for row in rows]
    order = list((Decision.NOMINATE, Decision.UNDECIDED, Decision.DEFER, Decision.DECLINE))
    return sorted(
        (Place(*values) for values in whole), key=lambda place: (order.index(place.decision), place.rank or 0)
    )


def is_whole(session: Session, list_id: int, *, for_: Actor) -> bool:
    """Tell whether the person reaches every firm on the list (ranking and freezing need to see them all)."""
    out = select(Nomination.id).join(Firm, Firm.id == Nomination.firm_id).where(
        Nomination.list_id == list_id, ~firms.visible_to(for_)
    )  # fmt: skip
    return session.scalar(out.limit(1)) is None


def absent(
    session: Session, found: NominationList, *, for_: Actor, text: str = "", after: str = "", before: str = ""
) -> Page[Absent]:
    """Return one page of the firms of the eligibility list that are not nominated, by name."""
    statement = _absent(found, for_, text)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    keys = (SortKey(Firm.name_key, "name"), SortKey(Firm.id, "id"))
    page = read_page(
        session,
        statement,
        keys,
        key_of=lambda row: (row.name_key, row.firm_id),
        total=total,
        after=after,
        before=before,
    )
    return replace(page, items=[_absence(tuple(row)) for row in page.items])  # type: ignore[return-value, misc]


def all_absent(session: Session, found: NominationList, *, for_: Actor) -> list[Absent]:
    """Return all firms of the eligibility list that are not nominated, by name."""
    return [_absence(tuple(row)) for row in session.execute(_absent(found, for_).order_by(Firm.name_key, Firm.id))]


def could_join(session: Session, found: NominationList, text: str, *, for_: Actor, limit: int = 20) -> Sequence[Absent]:
    """Return firms of the eligibility list that are not on this list yet, found by ``text``."""
    if not text.strip():
        return []
    statement = _absent(found, for_, text).where(Nomination.id.is_(None)).order_by(Firm.name_key, Firm.id)
    return [_absence(tuple(row)) for row in session.execute(statement.limit(limit))]


def _absent(found: NominationList, for_: Actor, text: str = "") -> Any:
    """The firms judged for this list without those nominated; the decision taken, if any, stands beside."""
    statement = (
        select(
            Firm.id.label("firm_id"), Firm.name, Firm.credit_code, Verdict.id, Verdict.digest, Verdict.state,
            Verdict.reason, Nomination.decision, Nomination.reason.label("decided_because"), Firm.name_key,
        )
        .select_from(Verdict)
        .join(Firm, Firm.id == Verdict.firm_id)
        .outerjoin(Nomination, (Nomination.firm_id == Verdict.firm_id) & (Nomination.list_id == found.id))
        .where(
            Verdict.list_id == found.eligibility_list_id,
            firms.visible_to(for_),
            (Nomination.id.is_(None)) | (Nomination.decision != Decision.NOMINATE),
        )
    )  # fmt: skip
    return statement.where(firms.matching(text)) if text.strip() else statement


def _absence(row: tuple[Any, ...]) -> Absent:
    firm_id, name, code, verdict_id, digest, state, reason, decision, because, name_key = row
    line = reason
    if decision in (Decision.DEFER, Decision.DECLINE):
        line = f"{decision.label}：{because}"
    elif decision is Decision.UNDECIDED:
        line = N_("尚未提出推荐意见。")
    elif state is VerdictState.ELIGIBLE:
        line = N_("判定符合条件，但未列入本推荐名单的候选企业。")
    return Absent(firm_id, name, code, verdict_id, digest, state, decision, line, name_key)


def must_follow(session: Session, found: NominationList) -> Succeeded | None:
    """Return the edition that an open list must follow by now instead of its own, or None.

    What a revision of the edition says of drafts or of submitted lists holds; a frozen list follows nothing.
    """
    if found.state is ListState.FROZEN:
        return None
    drawn = session.get_one(EligibilityList, found.eligibility_list_id)
    after = rulebooks.successor(session, drawn.edition_id, clock.today())
    if after is None:
        return None
    follow = after.rules.drafts if found.state is ListState.DRAFT else after.rules.submitted
    return after if follow is Follow.NEW else None
