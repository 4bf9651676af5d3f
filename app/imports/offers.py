"""The firms that a row may mean, found again by matching as a person looks at the row, for one click to choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.text import Message
from app.firms import credit_code
from app.firms import queries as firms
from app.firms.models import Firm
from app.imports import repairs
from app.imports.cells.entry import Entry
from app.imports.cells.kept import named_of, texts_of
from app.imports.models import ImportRow
from app.imports.plans import register
from app.imports.plans.matching import MOST_OFFERED, How, Match, Offer
from app.imports.problem import Kind

ASKING_WHO = frozenset({Kind.AMBIGUOUS, Kind.BRANCH, Kind.CODE})
MOST_BY_DIGITS = 100


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
    beyond = firms.beyond(session, [match.firm_id for match in found if match.firm_id is not None], for_)
    left = {row.id: _left_of_code(row) for row in asking}
    alike = firms.beginning_with(session, sorted({*left.values()} - {""}), for_=for_, most=MOST_BY_DIGITS)
    meant = {
        row.id: _meant(match, beyond, [one.id for one in alike if left[row.id] and _begins(one, left[row.id])])
        for row, match in zip(asking, found, strict=True)
    }
    wanted = {one.firm_id for offers_of in meant.values() for one in offers_of}
    known = {firm.id: firm for firm in firms.chosen(session, sorted(wanted), for_=for_)} if wanted else {}
    return {
        row_id: [
            Offered(one.firm_id, known[one.firm_id].name, _code_of(known[one.firm_id]), Message(one.how.label))
            for one in offers_of
            if one.firm_id in known
        ]
        for row_id, offers_of in meant.items()
    }


def _meant(match: Match, beyond: set[int], by_digits: Sequence[int]) -> Sequence[Offer]:
    """Return whom a row may mean: by name though its code is ruined, by names alike, by what is left of the code."""
    sure = [Offer(match.firm_id, How.NAME)] if match.firm_id is not None and match.firm_id not in beyond else []
    found: dict[int, Offer] = {}
    for one in (*sure, *match.offers, *(Offer(firm_id, How.DIGITS) for firm_id in by_digits)):
        found.setdefault(one.firm_id, one)
    return list(found.values())[:MOST_OFFERED]


def _left_of_code(row: ImportRow) -> str:
    """Return the digits that are left of a code which a spreadsheet took for a number."""
    cells = [problem.cell for problem in repairs.problems_of(row) if problem.kind is Kind.CODE and problem.cell]
    return credit_code.surviving(texts_of(row).get(repairs.letter_of(cells[0]), "")) if cells else ""


def _begins(firm: Firm, digits: str) -> bool:
    return (firm.credit_code or "").startswith(digits)


def _asks_who(row: ImportRow) -> bool:
    return bool(row.values) and row.decision is None and any(
        problem.kind in ASKING_WHO for problem in repairs.problems_of(row)
    )  # fmt: skip


def _code_of(firm: Firm) -> str:
    return firm.credit_code or firm.security_code or ""
