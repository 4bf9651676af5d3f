"""The firms that a row may mean, found again by matching as a person looks at the row, for one click to choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.text import Message
from app.firms import queries as firms
from app.firms.models import Firm
from app.imports import repairs
from app.imports.cells.entry import Entry
from app.imports.cells.kept import named_of
from app.imports.models import ImportRow
from app.imports.plans import register
from app.imports.plans.matching import MOST_OFFERED
from app.imports.problem import Kind

ASKING_WHO = frozenset({Kind.AMBIGUOUS, Kind.BRANCH})


@dataclass(frozen=True, slots=True)
class Offered:
    """A firm of the register that a row may mean, and how it was found."""

    firm_id: int
    name: str
    code: str
    how: Message


def offers(session: Session, rows: Sequence[ImportRow], *, for_: Actor) -> Mapping[int, Sequence[Offered]]:
    """Return by row what may be chosen; firms out of the person's reach are never among them."""
    asking = [row for row in rows if _asks_who(row)]
    if not asking:
        return {}
    entries = [Entry(row.sheet, row.row, named_of(row)) for row in asking]
    found = register.matches(session, entries, by=for_)
    wanted = {one.firm_id for match in found for one in match.offers[:MOST_OFFERED]}
    known = {firm.id: firm for firm in firms.chosen(session, sorted(wanted), for_=for_)} if wanted else {}
    return {
        row.id: [
            Offered(one.firm_id, known[one.firm_id].name, _code_of(known[one.firm_id]), Message(one.how.label))
            for one in match.offers[:MOST_OFFERED]
            if one.firm_id in known
        ]
        for row, match in zip(asking, found, strict=True)
    }


def _asks_who(row: ImportRow) -> bool:
    return bool(row.values) and row.decision is None and any(
        problem.kind in ASKING_WHO for problem in repairs.problems_of(row)
    )  # fmt: skip


def _code_of(firm: Firm) -> str:
    return firm.credit_code or firm.security_code or ""
