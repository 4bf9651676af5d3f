"""What a list of firms is narrowed to, as conditions, and how many firms that leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, literal_column, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import True_

from app.access.actor import Actor
from app.core.paging import MOST_COUNTED
from app.firms import search_index, search_text
from app.firms.models import Firm, FirmCluster, RosterEntry
from app.firms.queries import LARGEST_ID, standing, visible_to
from app.firms.taxonomy import ChainRole, ClusterCode, FirmStatus, Town

NOBODY = "none"
MOST_FOUND = 1_000  # a search that finds more needs another word, not a number


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

    def as_query(self) -> dict[str, str]:
        """Return the filters as an address carries them, without empty ones."""
        told = {
            "q": self.text,
            "town": self.town.value if self.town else "",
            "cluster": self.cluster.value if self.cluster else "",
            "chain": self.chain_role.value if self.chain_role else "",
            "status": self.status.value if self.status else "",
            "caseworker": str(self.caseworker or ""),
            "roster": str(self.roster_year or ""),
        }
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True)
class Counts:
    """How many firms there are under the filters (but the cluster), and in each cluster where that is known."""

    total: int
    by_cluster: Mapping[str, int]
    capped_at: int = MOST_COUNTED

    def of(self, cluster: ClusterCode | None) -> int:
        """Return the number of one cluster, or of all."""
        return self.total if cluster is None else self.by_cluster.get(cluster.value, 0)

    def is_few(self, cluster: ClusterCode | None) -> bool:
        """True when so few match that all of them may be sorted."""
        return self.of(cluster) < min(self.capped_at, search_index.MOST_SORTED)


def conditions(actor: Actor, wanted: FirmFilter, *, walking: bool = False) -> list[ColumnElement[bool]]:
    """Return what firms must fulfil: the person's reach always, and each filter.

    ``walking`` words them so that one firm after another is asked; otherwise so that an index can answer.
    """
    equal = {
        _FIRM.town: wanted.town,
        _FIRM.chain_role: wanted.chain_role,
        _FIRM.status: wanted.status,
        _FIRM.caseworker_id: None if wanted.caseworker == NOBODY else wanted.caseworker,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
    reach = visible_to(actor)
    if not isinstance(reach, True_):
        found.append(reach)
    if wanted.caseworker == NOBODY:
        found.append(_FIRM.caseworker_id.is_(None))
    if wanted.cluster is not None:
        found.append(_among(FirmCluster, FirmCluster.__table__.c.cluster == wanted.cluster, walking=walking))
    if wanted.roster_year is not None:
        found.append(_among(RosterEntry, RosterEntry.__table__.c.year == wanted.roster_year, walking=walking))
    terms = search_text.terms(wanted.text)
    if terms:
        found.append(search_index.holding(terms))
    if terms and not walking:
        found.append(search_index.indexed(terms))
    return found


def listed(wanted: FirmFilter) -> list[ColumnElement[bool]]:
    """Merged firms are not listed, unless they are what is asked for; they are few, so any order can leave them out."""
    return [] if wanted.status is FirmStatus.MERGED else [standing()]


def counts(session: Session, actor: Actor, wanted: FirmFilter) -> Counts:
    """Count, but never further than a page can use."""
    others = replace(wanted, cluster=None)
    if not conditions(actor, others):
        total = _capped(session, select(literal(1)).select_from(_TABLE).where(standing()), MOST_COUNTED)
        return Counts(total, {row[0]: row[1] for row in session.execute(_EACH)})
    most = _most_counted(session, others)
    if search_text.terms(wanted.text) and most == MOST_COUNTED:
        return _counted_at_once(session, actor, others)
    total = _found(session, actor, others, most)
    if total < most:
        return Counts(total, _clusters(session, actor, others), most)
    if wanted.cluster is None:
        return Counts(total, {}, most)
    return Counts(total, {wanted.cluster.value: _found(session, actor, wanted, most)}, most)


def _most_counted(session: Session, wanted: FirmFilter) -> int:
    terms = search_text.terms(wanted.text)
    if not terms:
        return MOST_COUNTED
    often = search_index.hits(session, terms, search_index.MOST_SORTED + 1)
    return MOST_FOUND if often is None or often > search_index.MOST_SORTED else MOST_COUNTED


def _found(session: Session, actor: Actor, wanted: FirmFilter, most: int) -> int:
    """Count up to ``most``: what matches often as the index gives it, for it would gather all of it otherwise."""
    terms = search_text.terms(wanted.text)
    if most != MOST_FOUND:
        return _capped(
            session, select(literal(1)).select_from(_TABLE).where(*conditions(actor, wanted), *listed(wanted)), most
        )
    streamed = select(literal(1)).select_from(search_index.source(session, terms))
    return _capped(session, streamed.where(*conditions(actor, wanted, walking=True), *listed(wanted)), most)


def exact(session: Session, actor: Actor, wanted: FirmFilter) -> int:
    """Count to the last, for what is taken out whole."""
    statement = select(func.count()).select_from(_TABLE).where(*conditions(actor, wanted), *listed(wanted))
    return session.scalar(statement) or 0


def _capped(session: Session, statement: Select[*tuple[Any, ...]], most: int) -> int:
    return session.scalar(select(func.count()).select_from(statement.limit(most).subquery())) or 0


def _counted_at_once(session: Session, actor: Actor, wanted: FirmFilter) -> Counts:
    """Count few hits and their clusters in one go: looking at the firms is what takes the time."""
    statement = _AT_ONCE.where(*conditions(actor, wanted), *listed(wanted))
    total, *numbers = session.execute(statement).one()
    return Counts(total, {one.value: number for one, number in zip(ClusterCode, numbers, strict=True)})


def _clusters(session: Session, actor: Actor, wanted: FirmFilter) -> dict[str, int]:
    within = select(_FIRM.id).where(*conditions(actor, wanted), *listed(wanted))
    each = select(_CLUSTER.cluster, func.count()).where(_CLUSTER.firm_id.in_(within)).group_by(_CLUSTER.cluster)
    return {one.value: 0 for one in ClusterCode} | {row[0].value: row[1] for row in session.execute(each)}


def _among(table: type[FirmCluster | RosterEntry], condition: ColumnElement[bool], *, walking: bool) -> Any:
    column = table.__table__.c.firm_id
    if walking:
        return select(literal(1)).where(and_(column == _FIRM.id, condition)).correlate(_TABLE).exists()
    return _FIRM.id.in_(select(column).where(condition))


_TABLE = Firm.__table__
_FIRM, _CLUSTER = _TABLE.c, FirmCluster.__table__.c
_AT_ONCE = select(
    func.count(_FIRM.id.distinct()), *(func.count().filter(_CLUSTER.cluster == one) for one in ClusterCode)
).select_from(_TABLE.outerjoin(FirmCluster.__table__, _CLUSTER.firm_id == _FIRM.id))
_MERGED = select(_FIRM.id).where(_FIRM.status == literal_column("'merged'"))
_EACH = union_all(
    *(
        select(literal(one.value), func.count()).select_from(
            select(literal(1))
            .where(_CLUSTER.cluster == one, _CLUSTER.firm_id.not_in(_MERGED))
            .limit(MOST_COUNTED)
            .subquery()
        )
        for one in ClusterCode
    )
)


def _choice(choices: Any, value: str | None) -> Any:
    return choices(value) if value in {member.value for member in choices} else None


def _number(text: str | None) -> int | None:
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return number if 0 < number <= LARGEST_ID else None
