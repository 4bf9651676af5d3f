"""What a list of firms is narrowed to, as conditions in the wording of each way to a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import True_

from app.access.actor import Actor
from app.firms import search_text
from app.firms.candidates import Candidates, candidates
from app.firms.models import Firm, FirmCluster, RosterEntry
from app.firms.queries import LARGEST_ID, standing, visible_to
from app.firms.taxonomy import ChainRole, ClusterCode, FirmStatus, Town
from app.firms.walking import Ways, unindexed

NOBODY = "none"


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


def searched(session: Session, wanted: FirmFilter) -> Candidates | None:
    """Ask the index about the words of a search, once a page; None when there are none."""
    return candidates(session, search_text.terms(wanted.text))


def ways(actor: Actor, wanted: FirmFilter, search: Candidates | None, often: int | None = None) -> Ways | None:
    """Return what firms must fulfil, worded for each way to a page; None for nothing.

    ``often``: so many do, when that is known.
    """
    rest = asked_besides(actor, wanted, walking=True)
    if search is None:
        return Ways(lambda: rest, lambda: asked_besides(actor, wanted), None, often) if rest else None
    return search.ways(lambda: rest)  # the search finds the firms, the rest is asked of each of them


def asked_besides(actor: Actor, wanted: FirmFilter, *, walking: bool = False) -> list[ColumnElement[bool]]:
    """Return all conditions but the search; ``walking``: as one firm after another is asked, else for an index."""
    equal = {
        Firm.town: wanted.town,
        Firm.chain_role: wanted.chain_role,
        Firm.status: wanted.status,
        Firm.caseworker_id: None if wanted.caseworker == NOBODY else wanted.caseworker,
    }
    found: list[ColumnElement[bool]] = [
        (unindexed(column) if walking else column) == value for column, value in equal.items() if value is not None
    ]
    reach = visible_to(actor, walking=walking)
    if not isinstance(reach, True_):
        found.append(reach)
    if wanted.caseworker == NOBODY:
        found.append((unindexed(Firm.caseworker_id) if walking else Firm.caseworker_id).is_(None))
    if wanted.cluster is not None:
        found.append(_among(FirmCluster, FirmCluster.__table__.c.cluster == wanted.cluster, walking=walking))
    if wanted.roster_year is not None:
        found.append(_among(RosterEntry, RosterEntry.__table__.c.year == wanted.roster_year, walking=walking))
    return found


def listed(wanted: FirmFilter) -> list[ColumnElement[bool]]:
    """Merged firms are not listed, unless they are what is asked for; they are few, so any order can leave them out."""
    return [] if wanted.status is FirmStatus.MERGED else [standing()]


def _among(table: type[FirmCluster | RosterEntry], condition: ColumnElement[bool], *, walking: bool) -> Any:
    column = table.__table__.c.firm_id
    if walking:
        # not EXISTS: PostgreSQL would gather all rows of the year or cluster before it begins to walk
        return select(true()).where(and_(column == _FIRM.id, condition)).correlate(_TABLE).scalar_subquery()
    return _FIRM.id.in_(select(column).where(condition))


_TABLE = Firm.__table__
_FIRM = _TABLE.c


def _choice(choices: Any, value: str | None) -> Any:
    return choices(value) if value in {member.value for member in choices} else None


def _number(text: str | None) -> int | None:
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return number if 0 < number <= LARGEST_ID else None
