"""How many firms a list holds: no further than a page can use, and each cluster where few enough match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, select, union_all
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.paging import MOST_COUNTED
from app.firms.candidates import Candidates
from app.firms.filtering import FirmFilter, asked_besides, listed, searched
from app.firms.models import Firm, FirmCluster
from app.firms.queries import standing
from app.firms.taxonomy import ClusterCode
from app.firms.walking import MOST_MET

MOST_FOUND = 1_000  # clusters are counted so far (1.2 µs a firm), and searches where each firm must be looked at
MOST_WALKED = 500  # on PostgreSQL, where what is frequent is found by reading one firm after another
_TABLE, _CLUSTER = Firm.__table__, FirmCluster.__table__.c
_FIRM = _TABLE.c
_MERGED = select(_FIRM.id).where(_FIRM.status == literal_column("'merged'"))


@dataclass(frozen=True)
class Counts:
    """How many firms there are under the filters (but the cluster), and in each cluster where that is known."""

    total: int
    by_cluster: Mapping[str, int]
    capped_at: int = MOST_COUNTED

    def of(self, cluster: ClusterCode | None) -> int:
        """Return the number of one cluster, or of all."""
        return self.total if cluster is None else self.by_cluster.get(cluster.value, 0)

    def known(self, cluster: ClusterCode | None) -> int | None:
        """Return the number of one cluster, or of all, unless the count stopped there."""
        return None if self.of(cluster) >= self.capped_at else self.of(cluster)


def counts(session: Session, actor: Actor, wanted: FirmFilter, search: Candidates | None = None) -> Counts:
    """Count, but never further than a page can use; ``search`` is what the index was asked already."""
    others = replace(wanted, cluster=None)
    search = search or searched(session, wanted)
    if search is None and not asked_besides(actor, others):
        total = _capped(session, select(literal(1)).select_from(_TABLE).where(standing()), MOST_COUNTED)
        return Counts(total, {row[0]: row[1] for row in session.execute(_EACH)})
    found, most = _found(actor, others, search)
    known = None if search is None else _known(search, asked_besides(actor, others), most)
    total = _capped(session, found, most) if known is None else known
    if total == 0:
        return Counts(0, dict.fromkeys((one.value for one in ClusterCode), 0), most)
    if total < MOST_FOUND and (search is None or search.is_few):
        return Counts(total, _clusters(session, found), most)
    if wanted.cluster is None:
        return Counts(total, {}, most)
    of_cluster, at_most = _found(actor, wanted, search)
    most = min(most, at_most)
    return Counts(min(total, most), {wanted.cluster.value: _capped(session, of_cluster, most)}, most)


def exact(session: Session, actor: Actor, wanted: FirmFilter) -> int:
    """Count to the last, for what is taken out whole."""
    found, _most = _found(actor, wanted, searched(session, wanted))
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _found(actor: Actor, wanted: FirmFilter, search: Candidates | None) -> tuple[Select[Any], int]:
    """Return the ids of what is wanted, and how far they should be counted.

    A search gives its hits one after another, so that counting can stop; an exact one needs no look at the firms.
    """
    if search is None:
        return select(_FIRM.id).where(*asked_besides(actor, wanted), *listed(wanted)), MOST_COUNTED
    rest = asked_besides(actor, wanted, walking=True)
    if _alone(search, rest):
        source, number, asked = search.source(alone=True)
        return select(number.label("id")).select_from(source).where(*asked, number.not_in(_MERGED)), MOST_COUNTED
    source, number, asked = search.source()
    most = MOST_FOUND if search.on_sqlite or search.is_few else MOST_WALKED
    return select(number.label("id")).select_from(source).where(*asked, *rest, *listed(wanted)), most


def _known(search: Candidates, rest: Sequence[ColumnElement[bool]], most: int) -> int | None:
    """Return the number that asking the index told already, up to ``most``; None where firms must be looked at.

    On PostgreSQL it told a share of a large sample: enough to know of 20,000 that there are 1,000.
    """
    if search.often is None or not search.is_exact or rest:
        return None
    if search.on_sqlite:
        return min(search.often, most)
    return most if search.often > MOST_MET and len(search.signs.grams) == 1 else None


def _alone(search: Candidates, rest: Sequence[ColumnElement[bool]]) -> bool:
    """True when the index alone knows the answer, to the last firm."""
    return search.is_exact and search.on_sqlite and not rest


def _capped(session: Session, statement: Select[Any], most: int) -> int:
    return session.scalar(select(func.count()).select_from(statement.limit(most).subquery())) or 0


def _clusters(session: Session, found: Select[Any]) -> dict[str, int]:
    numbers = session.execute(_BY_CLUSTER.where(_CLUSTER.firm_id.in_(found))).one()
    return {one.value: number for one, number in zip(ClusterCode, numbers, strict=True)}


# not GROUP BY: SQLite would read all firms of each cluster for it
_BY_CLUSTER = select(*(func.count().filter(_CLUSTER.cluster == one) for one in ClusterCode))
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
