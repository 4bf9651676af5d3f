"""Reading institutions and the coverage that follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core import clock
from app.core.choices import Choice
from app.core.errors import NotFound
from app.core.paging import Page, SortKey, read_page
from app.core.text import N_
from app.facts.models import Fact
from app.firms import queries as firms
from app.firms.models import Firm, RosterEntry
from app.programmes.rd_institutions.models import InstitutionKind, InstitutionLevel, RdInstitution

BUILT = "rd_institution_built"  # catalogue key: a reviewed yes or no about having an institution


class Covered(Choice):
    """What is known of a firm on the roster."""

    YES = "yes", N_("有研发机构")
    NO = "no", N_("核定没有")
    UNKNOWN = "unknown", N_("未登记")


@dataclass(frozen=True)
class RosterFirm:
    """A firm on the roster of the year, what is known, and from where."""

    firm: Firm
    covered: Covered
    institutions: Sequence[RdInstitution]


@dataclass(frozen=True)
class Coverage:
    """Coverage over the above-scale roster of a year, with numerator and denominator as lists.

    A firm counts when an institution of any kind is registered and valid on the counting day (31 December of the
    year, or today in the running year), or a reviewed fact says so. The plan leaves the definition open, so firms of
    which nothing is known are kept apart: the true value lies between ``low`` and ``high`` (fractions; None for an
    empty roster).
    """

    year: int
    day: date
    firms: Sequence[RosterFirm]

    def of(self, covered: Covered) -> Sequence[RosterFirm]:
        return [row for row in self.firms if row.covered is covered]

    @property
    def total(self) -> int:
        return len(self.firms)

    @property
    def low(self) -> Fraction | None:
        return Fraction(len(self.of(Covered.YES)), self.total) if self.total else None

    @property
    def high(self) -> Fraction | None:
        known = len(self.of(Covered.YES)) + len(self.of(Covered.UNKNOWN))
        return Fraction(known, self.total) if self.total else None


def institution(session: Session, institution_id: int, *, for_: Actor) -> tuple[RdInstitution, Firm]:
    """Return one institution with its firm, or raise ``NotFound``."""
    row = session.execute(
        select(RdInstitution, Firm)
        .join(Firm, Firm.id == RdInstitution.firm_id)
        .where(RdInstitution.id == institution_id, firms.visible_to(for_))
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


def of_firm(session: Session, firm_id: int) -> Sequence[RdInstitution]:
    """Return the institutions of a firm, ended ones last."""
    return session.scalars(
        select(RdInstitution)
        .where(RdInstitution.firm_id == firm_id)
        .order_by(RdInstitution.ended_on.is_not(None), RdInstitution.id)
    ).all()


def valid_on(day: date) -> ColumnElement[bool]:
    """Return the condition that an institution counts on ``day``; an unknown start or end does not exclude it."""
    return and_(
        or_(RdInstitution.recognised_on.is_(None), RdInstitution.recognised_on <= day),
        or_(RdInstitution.valid_until.is_(None), RdInstitution.valid_until >= day),
        or_(RdInstitution.ended_on.is_(None), RdInstitution.ended_on > day),
    )


def register(
    session: Session,
    *,
    for_: Actor,
    kind: InstitutionKind | None = None,
    level: InstitutionLevel | None = None,
    state: str = "",
    after: str = "",
    before: str = "",
) -> Page[tuple[RdInstitution, Firm]]:
    """Return a page of the register; ``state`` is ``valid``, ``ended`` or empty for all."""
    conditions: list[ColumnElement[bool]] = [firms.visible_to(for_)]
    if kind:
        conditions.append(RdInstitution.kind == kind)
    if level:
        conditions.append(RdInstitution.level == level)
    if state:
        valid = valid_on(clock.today())
        conditions.append(valid if state == "valid" else ~valid)
    joined = select(RdInstitution, Firm).join(Firm, Firm.id == RdInstitution.firm_id).where(*conditions)
    page = read_page(
        session,
        joined,
        [SortKey(Firm.name, "name"), SortKey(RdInstitution.id, "id")],
        key_of=lambda row: (row[1].name, row[0].id),
        total=_count(session, conditions),
        after=after,
        before=before,
    )
    return Page([(row[0], row[1]) for row in page.items], page.total, page.after, page.before)


def _count(session: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
    statement = select(func.count()).select_from(RdInstitution).join(Firm, Firm.id == RdInstitution.firm_id)
    return session.scalar(statement.where(*conditions)) or 0


def coverage(session: Session, year: int, *, for_: Actor) -> Coverage:
    """Return the coverage over the roster of ``year`` for the firms in reach."""
    day = min(date(year, 12, 31), clock.today())
    on_roster = session.scalars(
        select(Firm)
        .join(RosterEntry, RosterEntry.firm_id == Firm.id)
        .where(RosterEntry.year == year, firms.visible_to(for_))
        .order_by(Firm.name, Firm.id)
    ).all()
    in_roster = select(RosterEntry.firm_id).where(RosterEntry.year == year)
    held: dict[int, list[RdInstitution]] = {}
    for found in session.scalars(select(RdInstitution).where(RdInstitution.firm_id.in_(in_roster), valid_on(day))):
        held.setdefault(found.firm_id, []).append(found)
    said = {
        firm_id: value
        for firm_id, value in session.execute(
            select(Fact.firm_id, Fact.value)
            .where(Fact.firm_id.in_(in_roster), Fact.key == BUILT, Fact.superseded_at.is_(None))
            .where(or_(Fact.year.is_(None), Fact.year == year))  # what was so in another year is not known of this one
            .order_by(Fact.year.asc().nulls_first())
        )
    }
    return Coverage(year, day, [_row(firm, held.get(firm.id, []), said.get(firm.id)) for firm in on_roster])


def _row(firm: Firm, institutions: Sequence[RdInstitution], said: object) -> RosterFirm:
    if institutions or said is True:
        return RosterFirm(firm, Covered.YES, institutions)
    return RosterFirm(firm, Covered.NO if said is False else Covered.UNKNOWN, institutions)
