"""Eligibility lists: which there are, their rows with filters and pages, and counts that equal the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.accounts.models import User
from app.core.choices import Choice
from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE, Page, SortKey, read_page
from app.core.text import N_, tr
from app.eligibility.models import EligibilityList, Shortfall, Verdict, VerdictState
from app.eligibility.queries import LARGEST_ID
from app.firms import queries as firms
from app.firms.models import Firm, FirmCluster
from app.firms.taxonomy import ClusterCode, FirmStatus, Town
from app.rulebooks.models import Edition

NOBODY = "none"
SHORT = "short"
ONE_SHORT = (Shortfall.ONE_DATA, Shortfall.ONE_SUBSTANCE, Shortfall.ONE_EXPERT)


class Tab(Choice):
    """What a list is looked at by: all, one verdict, or the firms that are one demand short."""

    ALL = "all", N_("全部")
    ELIGIBLE = "eligible", N_("符合条件")
    INELIGIBLE = "ineligible", N_("不符合条件")
    UNDETERMINED = "undetermined", N_("资料不足")
    NEEDS_REVIEW = "needs_review", N_("待专家评定")
    SHORT = "short", N_("只差一项")


@dataclass(frozen=True)
class ListFilter:
    """What a person asked for. ``short`` narrows the tab 只差一项; ``caseworker`` is a user's id or ``NOBODY``."""

    tab: Tab = Tab.ALL
    short: Shortfall | None = None
    text: str = ""
    town: Town | None = None
    cluster: ClusterCode | None = None
    caseworker: int | str | None = None
    clause: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> ListFilter:
        """Read the query of an address; values that mean nothing are left out."""
        tab = asked.get("tab", "")
        short = asked.get("short", "")
        town, cluster = asked.get("town", ""), asked.get("cluster", "")
        caseworker = asked.get("caseworker", "")
        return cls(
            tab=Tab(tab) if tab in set(Tab) else Tab.ALL,
            short=Shortfall(short) if short in {one.value for one in ONE_SHORT} else None,
            text=asked.get("q", "").strip(),
            town=Town(town) if town in set(Town) else None,
            cluster=ClusterCode(cluster) if cluster in set(ClusterCode) else None,
            caseworker=NOBODY if caseworker == NOBODY else _number(caseworker),
            clause=asked.get("clause", "").strip()[:40],
        )


@dataclass(frozen=True)
class ListRow:
    """One firm on a list."""

    verdict_id: int
    firm_id: int
    name: str
    credit_code: str | None
    town: str | None
    state: VerdictState
    shortfall: Shortfall
    short_clause: str
    score_low: Decimal | None
    score_high: Decimal | None
    reason: str
    name_key: str


@dataclass(frozen=True)
class Overview:
    """A list without its rows; ``counts`` by verdict are what the person may see of it."""

    id: int
    edition_id: int
    edition_code: str
    edition_title: str
    as_of: date
    kind: str
    title: str
    is_complete: bool
    job_id: int | None
    created_by: int | None
    created_by_name: str
    created_at: datetime
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def latest_lists(session: Session, *, for_: Actor, limit: int = PAGE_SIZE, only: int | None = None) -> list[Overview]:
    """Return the newest lists, complete or not, with counts within the person's reach."""
    statement = select(
        EligibilityList.id, EligibilityList.edition_id, Edition.code, Edition.title, EligibilityList.as_of,
        EligibilityList.kind, EligibilityList.title, EligibilityList.is_complete, EligibilityList.job_id,
        EligibilityList.created_by, EligibilityList.created_by_name, EligibilityList.created_at,
    ).join(Edition, Edition.id == EligibilityList.edition_id)  # fmt: skip
    if only is not None:
        statement = statement.where(EligibilityList.id == only)
    rows = session.execute(statement.order_by(EligibilityList.id.desc()).limit(limit)).all()
    counts: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    counted = session.execute(
        select(Verdict.list_id, Verdict.state, func.count())
        .join(Firm, Firm.id == Verdict.firm_id)
        .where(Verdict.list_id.in_([row.id for row in rows if row.is_complete]), firms.visible_to(for_))
        .group_by(Verdict.list_id, Verdict.state)
    )
    for list_id, state, number in counted:
        counts[list_id or 0][state.value] = number
    whole: list[tuple[Any, ...]] = [(*row, counts[row.id]) for row in rows]
    return [Overview(*values) for values in whole]


def overview(session: Session, list_id: int, *, for_: Actor) -> Overview:
    """Return one list without its rows, or raise ``NotFound``."""
    found = latest_lists(session, for_=for_, only=list_id) if 0 < list_id <= LARGEST_ID else []
    if not found:
        raise NotFound(tr("没有找到这份资格清单。"))
    return found[0]


def eligibility_list(session: Session, list_id: int, *, lock: bool = False) -> EligibilityList:
    """Return the row of a list, or raise ``NotFound``; ``lock`` keeps others from changing it meanwhile."""
    found = None
    if 0 < list_id <= LARGEST_ID:
        found = session.get(EligibilityList, list_id, with_for_update=True if lock else None)
    if found is None:
        raise NotFound(tr("没有找到这份资格清单。"))
    return found


def tab_counts(session: Session, list_id: int, asked: ListFilter, *, for_: Actor) -> dict[str, int]:
    """Return how many rows each tab and each kind of 只差一项 has under the other filters."""
    everything = replace(asked, tab=Tab.ALL, short=None)
    rows = session.execute(
        select(Verdict.state, Verdict.shortfall, func.count())
        .join(Firm, Firm.id == Verdict.firm_id)
        .where(*_conditions(list_id, everything, for_))
        .group_by(Verdict.state, Verdict.shortfall)
    )
    counts = dict.fromkeys([*(tab.value for tab in Tab), *(one.value for one in ONE_SHORT)], 0)
    for state, shortfall, number in rows:
        counts[Tab.ALL] += number
        counts[state.value] += number
        if shortfall in ONE_SHORT:
            counts[Tab.SHORT] += number
            counts[shortfall.value] += number
    return counts


def clause_counts(session: Session, list_id: int, asked: ListFilter, *, for_: Actor) -> dict[str, int]:
    """Return for each clause how many firms it stands in the way of, under the other filters."""
    texts = session.execute(
        select(Verdict.obstacles, func.count())
        .join(Firm, Firm.id == Verdict.firm_id)
        .where(*_conditions(list_id, replace(asked, clause=""), for_), Verdict.obstacles != "")
        .group_by(Verdict.obstacles)
    )
    counts: dict[str, int] = {}
    for text, number in texts:
        for clause in text.strip("|").split("|"):
            counts[clause] = counts.get(clause, 0) + number
    return counts


def page_of(
    session: Session, list_id: int, asked: ListFilter, *, for_: Actor, total: int, after: str = "", before: str = ""
) -> Page[ListRow]:
    """Return one page of rows, by the firms' names."""
    keys = (SortKey(Firm.name_key, "name"), SortKey(Verdict.id, "id"))
    page = read_page(
        session,
        _rows(list_id, asked, for_),
        keys,
        key_of=lambda row: (row.name_key, row.id),
        total=total,
        after=after,
        before=before,
    )
    return replace(page, items=[ListRow(*row) for row in page.items])  # type: ignore[return-value, misc]


def all_rows(session: Session, list_id: int, asked: ListFilter, *, for_: Actor) -> list[ListRow]:
    """Return all rows that the filter keeps, by the firms' names (for the export and the command line)."""
    rows = session.execute(_rows(list_id, asked, for_).order_by(Firm.name_key, Verdict.id))
    return [ListRow(*row) for row in rows]


def count_rows(session: Session, list_id: int, asked: ListFilter, *, for_: Actor) -> int:
    """Return how many rows the filter keeps."""
    return session.scalar(select(func.count()).select_from(_rows(list_id, asked, for_).subquery())) or 0


def refused(session: Session, list_id: int, *, for_: Actor) -> list[dict[str, Any]]:
    """Return the firms in reach that could not be judged: ``{"firm": id, "name": …, "reason": …}``."""
    return _in_reach(session, eligibility_list(session, list_id).scope.get("refused", []), for_)


def excluded(session: Session, list_id: int, *, for_: Actor) -> list[dict[str, Any]]:
    """Return the firms in reach that were left out for their registry status, as it was when the list was drawn up:
    ``{"firm": id, "name": …, "status": FirmStatus}``. Lists from before this was kept have none.
    """
    entries = _in_reach(session, eligibility_list(session, list_id).scope.get("excluded", []), for_)
    return [{**one, "status": FirmStatus(one["status"])} for one in entries]


def _in_reach(session: Session, entries: list[dict[str, Any]], for_: Actor) -> list[dict[str, Any]]:
    beyond = firms.beyond(session, [int(one["firm"]) for one in entries], for_)
    return [one for one in entries if one["firm"] not in beyond]


def row_total(counts: Mapping[str, int], asked: ListFilter) -> int:
    """Return how many rows the filter keeps, by the counts of the tabs."""
    if asked.tab is Tab.SHORT and asked.short is not None:
        return counts[asked.short.value]
    return counts[asked.tab.value]


def _rows(list_id: int, asked: ListFilter, for_: Actor) -> Any:
    return (
        select(
            Verdict.id, Firm.id.label("firm_id"), Firm.name, Firm.credit_code, Firm.town, Verdict.state,
            Verdict.shortfall, Verdict.short_clause, Verdict.score_low, Verdict.score_high, Verdict.reason,
            Firm.name_key,
        )
        .join(Firm, Firm.id == Verdict.firm_id)
        .where(*_conditions(list_id, asked, for_))
    )  # fmt: skip


def _conditions(list_id: int, asked: ListFilter, for_: Actor) -> Sequence[ColumnElement[bool]]:
    conditions = [Verdict.list_id == list_id, firms.visible_to(for_)]
    if asked.tab is Tab.SHORT:
        conditions.append(Verdict.shortfall.in_([asked.short] if asked.short else ONE_SHORT))
    elif asked.tab is not Tab.ALL:
        conditions.append(Verdict.state == VerdictState(asked.tab.value))
    if asked.clause:
        conditions.append(Verdict.obstacles.contains(f"|{asked.clause}|", autoescape=True))
    return [*conditions, *_of_firm(asked)]


def _of_firm(asked: ListFilter) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.text:
        conditions.append(firms.matching(asked.text))
    if asked.town is not None:
        conditions.append(Firm.town == asked.town)
    if asked.cluster is not None:
        conditions.append(Firm.id.in_(select(FirmCluster.firm_id).where(FirmCluster.cluster == asked.cluster)))
    if asked.caseworker == NOBODY:
        conditions.append(Firm.caseworker_id.is_(None))
    elif asked.caseworker is not None:
        conditions.append(Firm.caseworker_id == asked.caseworker)
    return conditions


def caseworker_name(session: Session, asked: ListFilter) -> str:
    """Return the name of the caseworker asked for, for the words above an export."""
    if asked.caseworker is None or asked.caseworker == NOBODY:
        return ""
    return session.scalar(select(User.name).where(User.id == asked.caseworker)) or ""


def _number(text: str) -> int | None:
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return found if 0 < found <= LARGEST_ID else None


def in_words(session: Session, asked: ListFilter) -> str:
    """Say in words which filters are on; empty when none is."""
    parts = [
        "" if asked.tab is Tab.ALL else asked.tab.label,
        asked.short.label if asked.short else "",
        asked.town.label if asked.town else "",
        asked.cluster.label if asked.cluster else "",
        f"经办人 {caseworker_name(session, asked) or '未分派'}" if asked.caseworker is not None else "",
        f"条款 {asked.clause}" if asked.clause else "",
        f"含“{asked.text}”" if asked.text else "",
    ]
    return "、".join(part for part in parts if part)
