"""The list of firms: filters, orders, one page of rows, counts for the tabs. Queries do not grow with the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, String, bindparam, case, func, literal, select, type_coerce
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.accounts.models import User
from app.core import clock
from app.core.paging import MOST_COUNTED, PAGE_SIZE, Page, Place, SortKey, page_of, read_place
from app.core.revision import Kept
from app.firms.candidates import Candidates
from app.firms.counting import counts
from app.firms.filtering import FirmFilter, listed, searched, ways
from app.firms.models import Contact, Firm, FirmCluster, RosterEntry
from app.firms.queries import LARGEST_ID
from app.firms.taxonomy import Town
from app.firms.walking import firms_from

PART = 500
DEFAULT_SORT = "-updated"


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
    """A page of firms; ``total`` counts all clusters under the other filters, ``by_cluster`` each of them.

    Counts go as far as ``capped_at`` and mean “so many or more” there. Clusters that are not counted are left out.
    """

    page: Page[FirmRow]
    total: int
    by_cluster: Mapping[str, int]
    capped_at: int = MOST_COUNTED

    @property
    def is_capped(self) -> bool:
        return self.total >= self.capped_at


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
    """Return one page of what ``actor`` may see of what is wanted; what it costs does not grow with what matches."""
    search = searched(session, wanted)
    counted = counts(session, actor, wanted, search)
    total = counted.of(wanted.cluster)
    column, keys = _order(sort)
    place = read_place(keys, after, before)
    known = counted.known(wanted.cluster)
    here = _firms_from(session, actor, wanted, keys, place, size, search=search, often=known) if total else ()
    found = page_of(here, place, key_of=lambda row: (_plain(row[1]), row[0]), total=total, size=size)
    rows = _rows(session, [row[0] for row in found.items])
    page = Page(rows, total, found.after, found.before, total >= counted.capped_at)
    return Listing(page, counted.total, counted.by_cluster, counted.capped_at)


_kept: Kept[Listing] = Kept()


def kept_listing(
    session: Session, actor: Actor, wanted: FirmFilter, sort: str, *, after: str = "", before: str = ""
) -> Listing:
    """Return ``listing``, from memory while nothing at all was committed since; for sessions that only read."""
    key = (actor, wanted, sort, after, before)
    return _kept.get(session, key, lambda: listing(session, actor, wanted, sort, after=after, before=before))


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
    _column, keys = _order(sort)
    place = read_place(keys, after, "")
    rows = _firms_from(session, actor, wanted, keys, place, PART, search=searched(session, wanted))
    found = page_of(rows, place, key_of=lambda row: (_plain(row[1]), row[0]), total=0, size=PART)
    return Page(_rows(session, [row[0] for row in found.items]), 0, found.after)


def _firms_from(
    session: Session,
    actor: Actor,
    wanted: FirmFilter,
    keys: Sequence[SortKey],
    place: Place,
    size: int,
    *,
    search: Candidates | None,
    often: int | None = None,
) -> Sequence[Row[*tuple[Any, ...]]]:
    # in the order of towns the firms of one town stand together: the order's own index finds them
    by_town = wanted.town is not None and keys[0].name == "town"
    rest = replace(wanted, town=None) if by_town else wanted
    within = [_FIRM.town == wanted.town] if by_town else []
    asked = ways(actor, rest, search, often)
    return firms_from(session, place, keys, asked, within=within, but=listed(wanted), size=size)


def rows_of(session: Session, ids: Sequence[int]) -> list[FirmRow]:
    """Return the rows of firms whose reach was checked, in the order given."""
    return [row for start in range(0, len(ids), 500) for row in _rows(session, ids[start : start + 500])]


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
    leads = name == "town"
    return column, [SortKey(column, name, falls, parse, leads=leads), SortKey(_FIRM.id, "id", falls, _id)]


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
