"""The list of firms: filters, orders, one page of rows, counts for the tabs. Queries do not grow with the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    String,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import True_

from app.access.actor import Actor
from app.accounts.models import User
from app.core import clock
from app.core.paging import PAGE_SIZE, Page, SortKey, read_page
from app.core.revision import Kept
from app.firms.models import Contact, Firm, FirmCluster, RosterEntry
from app.firms.queries import LARGEST_ID, matching, standing, visible_to
from app.firms.taxonomy import ChainRole, ClusterCode, FirmStatus, Town

NOBODY = "none"
DEFAULT_SORT = "-updated"


@dataclass(frozen=True)
class FirmFilter:
    """What a person asked for; every field may be empty. ``caseworker`` is a user's id or ``NOBODY``."""

    text: str = ""
    town: Town | None = None
    cluster: ClusterCode | None = None
    chain_role: ChainRole | None = None
    status: FirmStatus | None = None
    caseworker: int | str | None = None
    roster_year: int | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> FirmFilter:
        """Read the query of an address; values that mean nothing are left out."""
        caseworker = asked.get("caseworker", "")
        return cls(
            text=asked.get("q", "").strip(),
            town=_choice(Town, asked.get("town")),
            cluster=_choice(ClusterCode, asked.get("cluster")),
            chain_role=_choice(ChainRole, asked.get("chain")),
            status=_choice(FirmStatus, asked.get("status")),
            caseworker=NOBODY if caseworker == NOBODY else _number(caseworker),
            roster_year=_number(asked.get("roster")),
        )

    @property
    def is_empty(self) -> bool:
        return self == FirmFilter()


class FirmRow(NamedTuple):
    """One firm as the list shows it. ``town``, ``chain_role``, ``status`` and ``clusters`` are stored values."""

    id: int
    name: str
    short_name: str
    credit_code: str | None
    security_code: str | None
    town: str | None
    chain_role: str | None
    status: str
    is_demo: bool
    clusters: tuple[str, ...]
    caseworker: str | None
    contact: str | None
    roster_year: int | None
    updated_at: datetime

    @property
    def updated_on(self) -> str:
        return clock.local(self.updated_at).strftime("%Y-%m-%d")


@dataclass(frozen=True)
class Listing:
    """A page of firms; ``total`` counts all clusters under the other filters, ``by_cluster`` each of them."""

    page: Page[FirmRow]
    total: int
    by_cluster: Mapping[str, int]


def listing(
    session: Session,
    actor: Actor,
    wanted: FirmFilter,
    sort: str = DEFAULT_SORT,
    *,
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
) -> Listing:
    """Return one page of what ``actor`` may see of what is wanted, in three queries."""
    total, by_cluster = counts(session, actor, wanted)
    column, keys = _order(sort)
    found = read_page(
        session,
        select(_FIRM.id, column).where(*_conditions(actor, wanted), *_standing(wanted)),
        keys,
        key_of=lambda row: (_plain(row[1]), row[0]),
        total=by_cluster.get(wanted.cluster.value, 0) if wanted.cluster else total,
        after=after,
        before=before,
        size=size,
    )
    rows = _rows(session, [row[0] for row in found.items])
    return Listing(Page(rows, found.total, found.after, found.before), total, by_cluster)


_kept: Kept[Listing] = Kept()


def kept_listing(
    session: Session, actor: Actor, wanted: FirmFilter, sort: str, *, after: str = "", before: str = ""
) -> Listing:
    """Return ``listing``, from memory while nothing at all was committed since; for sessions that only read."""
    key = (actor, wanted, sort, after, before)
    return _kept.get(session, key, lambda: listing(session, actor, wanted, sort, after=after, before=before))


def counts(session: Session, actor: Actor, wanted: FirmFilter) -> tuple[int, dict[str, int]]:
    """Return how many firms there are under the filters (but the cluster), altogether and in each cluster."""
    conditions = _conditions(actor, replace(wanted, cluster=None))
    statement = _COUNTS
    if conditions:
        each = _EACH.join(Firm.__table__, _FIRM.id == FirmCluster.__table__.c.firm_id)
        here = [*conditions, *_standing(wanted)]
        statement = union_all(_ALL.where(*here), each.where(*here))
    found: Counter[str] = Counter()
    for cluster, number in session.execute(statement):
        found[cluster or ""] += number
    return found.pop("", 0), dict(found)


def _standing(wanted: FirmFilter) -> list[ColumnElement[bool]]:
    """Merged firms are not listed, unless they are what is asked for."""
    return [] if wanted.status is FirmStatus.MERGED else [standing()]


def export_rows(session: Session, actor: Actor, wanted: FirmFilter, sort: str) -> Iterator[FirmRow]:
    """Give every firm of the present view in its order, page by page."""
    after = ""
    while True:
        part = listing_part(session, actor, wanted, sort, after)
        yield from part.items
        after = part.after
        if not after:
            return


def listing_part(session: Session, actor: Actor, wanted: FirmFilter, sort: str, after: str) -> Page[FirmRow]:
    """Return the next 500 firms after a cursor, without counting."""
    column, keys = _order(sort)
    found = read_page(
        session,
        select(_FIRM.id, column).where(*_conditions(actor, wanted), *_standing(wanted)),
        keys,
        key_of=lambda row: (_plain(row[1]), row[0]),
        total=0,
        after=after,
        size=500,
    )
    return Page(_rows(session, [row[0] for row in found.items]), 0, found.after)


def rows_of(session: Session, ids: Sequence[int]) -> list[FirmRow]:
    """Return the rows of firms whose reach was checked, in the order given."""
    return [row for start in range(0, len(ids), 500) for row in _rows(session, ids[start : start + 500])]


def _conditions(actor: Actor, wanted: FirmFilter) -> list[ColumnElement[bool]]:
    equal = {
        Firm.town: wanted.town,
        Firm.chain_role: wanted.chain_role,
        Firm.status: wanted.status,
        Firm.caseworker_id: None if wanted.caseworker == NOBODY else wanted.caseworker,
    }
    found = [column == value for column, value in equal.items() if value is not None]
    reach = visible_to(actor)
    if not isinstance(reach, True_):
        found.append(reach)
    if wanted.caseworker == NOBODY:
        found.append(Firm.caseworker_id.is_(None))
    if wanted.cluster is not None:
        found.append(Firm.id.in_(select(FirmCluster.firm_id).where(FirmCluster.cluster == wanted.cluster)))
    if wanted.roster_year is not None:
        found.append(Firm.id.in_(select(RosterEntry.firm_id).where(RosterEntry.year == wanted.roster_year)))
    if wanted.text:
        found.append(matching(wanted.text))
    return found


_FIRM, _USER = Firm.__table__.c, User.__table__.c

SORTS: Mapping[str, Any] = {
    "name": (_FIRM.name_key, str),
    "town": (_FIRM.town, Town),
    "code": (_FIRM.credit_code, str),
    "updated": (_FIRM.updated_at, datetime.fromisoformat),
}


def known_sort(sort: str) -> str:
    """Return ``sort`` when it is one (``name``, ``-updated`` …), else the default."""
    return sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT


def _order(sort: str) -> tuple[Any, list[SortKey]]:
    sort = known_sort(sort)
    name, falls = sort.removeprefix("-"), sort.startswith("-")
    column, parse = SORTS[name]
    return column, [SortKey(column, name, falls, parse), SortKey(_FIRM.id, "id", falls, _id)]


def _id(value: Any) -> int:
    if not isinstance(value, int) or not 0 < value <= LARGEST_ID:
        raise ValueError("no id")
    return value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


# One statement for all that a row shows. It is written on the tables, built once, and reads choices as plain text:
# fifty rows need no entities and no enum members, and that is half of the time of the page.
_CLUSTERS = (
    select(
        func.aggregate_strings(
            case((FirmCluster.__table__.c.is_primary, literal("0")), else_=literal("1"))
            + type_coerce(FirmCluster.__table__.c.cluster, String),
            " ",
        )
    )
    .where(FirmCluster.__table__.c.firm_id == _FIRM.id)
    .correlate(Firm.__table__)
    .scalar_subquery()
)
_CONTACT = (
    select(Contact.__table__.c.name)
    .where(Contact.__table__.c.firm_id == _FIRM.id)
    .order_by(Contact.__table__.c.is_primary.desc(), Contact.__table__.c.id)
    .limit(1)
    .correlate(Firm.__table__)
    .scalar_subquery()
)
_ROSTER = (
    select(func.max(RosterEntry.__table__.c.year))
    .where(RosterEntry.__table__.c.firm_id == _FIRM.id)
    .correlate(Firm.__table__)
    .scalar_subquery()
)
_ALL = select(type_coerce(null(), String).label("cluster"), func.count().label("n")).select_from(Firm.__table__)
_EACH = select(type_coerce(FirmCluster.__table__.c.cluster, String).label("cluster"), func.count().label("n")).group_by(
    FirmCluster.__table__.c.cluster
)
# all firms less the merged ones: two indexes are counted, and a handful of rows taken off
_GONE = _FIRM.status == literal_column("'merged'")
_COUNTS = union_all(
    _ALL,
    _EACH,
    select(type_coerce(null(), String), -func.count()).select_from(Firm.__table__).where(_GONE),
    select(type_coerce(FirmCluster.__table__.c.cluster, String), -func.count())
    .select_from(Firm.__table__.join(FirmCluster.__table__, _FIRM.id == FirmCluster.__table__.c.firm_id))
    .where(_GONE)
    .group_by(FirmCluster.__table__.c.cluster),
)
_DETAILS = (
    select(
        _FIRM.id,
        _FIRM.name,
        _FIRM.short_name,
        _FIRM.credit_code,
        _FIRM.security_code,
        type_coerce(_FIRM.town, String),
        type_coerce(_FIRM.chain_role, String),
        type_coerce(_FIRM.status, String),
        _FIRM.is_demo,
        _CLUSTERS,
        _USER.name,
        _CONTACT,
        _ROSTER,
        _FIRM.updated_at,
    )
    .select_from(Firm.__table__.outerjoin(User.__table__, _USER.id == _FIRM.caseworker_id))
    .where(_FIRM.id.in_(bindparam("ids", expanding=True)))
)


def _rows(session: Session, ids: Sequence[int]) -> list[FirmRow]:
    if not ids:
        return []
    found = {
        row[0]: FirmRow._make([*row[:9], tuple(one[1:] for one in sorted((row[9] or "").split())), *row[10:]])
        for row in session.execute(_DETAILS, {"ids": ids})
    }
    return [found[number] for number in ids if number in found]


def _choice(choices: Any, value: str | None) -> Any:
    return choices(value) if value in {member.value for member in choices} else None


def _number(text: str | None) -> int | None:
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return number if 0 < number <= LARGEST_ID else None
