"""Reading digital assessments: the newest of each firm counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Subquery, func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.errors import NotFound
from app.core.paging import Page, SortKey, read_page
from app.firms import queries as firms
from app.firms.models import Firm, RosterEntry
from app.programmes.digital.models import DigitalAssessment, DigitalLevel


@dataclass(frozen=True)
class AssessedFirm:
    """A firm with its newest assessment, or none: unknown is not “below level one”."""

    firm: Firm
    assessment: DigitalAssessment | None


def of_firm(session: Session, firm_id: int) -> Sequence[DigitalAssessment]:
    """Return all assessments of a firm, the newest first."""
    return session.scalars(
        select(DigitalAssessment)
        .where(DigitalAssessment.firm_id == firm_id)
        .order_by(DigitalAssessment.assessed_on.desc(), DigitalAssessment.id.desc())
    ).all()


def assessment(session: Session, assessment_id: int, *, for_: Actor) -> tuple[DigitalAssessment, Firm]:
    """Return one assessment with its firm, or raise ``NotFound``."""
    row = session.execute(
        select(DigitalAssessment, Firm)
        .join(Firm, Firm.id == DigitalAssessment.firm_id)
        .where(DigitalAssessment.id == assessment_id, firms.visible_to(for_))
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


def _newest() -> Subquery:
    place = func.row_number().over(
        partition_by=DigitalAssessment.firm_id,
        order_by=(DigitalAssessment.assessed_on.desc(), DigitalAssessment.id.desc()),
    )
    ranked = select(DigitalAssessment.id, DigitalAssessment.firm_id, place.label("place")).subquery()
    return select(ranked.c.id, ranked.c.firm_id).where(ranked.c.place == 1).subquery()


def counts(session: Session, *, for_: Actor, year: int | None = None) -> Mapping[str, int]:
    """Return ``{level: firms}`` of the newest assessments, ``""`` for firms never assessed.

    With ``year``, only firms on the above-scale roster of that year.
    """
    newest = _newest()
    statement = (
        select(DigitalAssessment.level, func.count())
        .select_from(Firm)
        .outerjoin(newest, newest.c.firm_id == Firm.id)
        .outerjoin(DigitalAssessment, DigitalAssessment.id == newest.c.id)
        .where(*_reach(for_, year))
        .group_by(DigitalAssessment.level)
    )
    return {level.value if level else "": n for level, n in session.execute(statement).all()}


def listed(
    session: Session,
    *,
    for_: Actor,
    total: int,
    level: str | None = None,
    year: int | None = None,
    after: str = "",
    before: str = "",
) -> Page[AssessedFirm]:
    """Return a page of firms with their newest assessment; ``level`` ``""`` means never assessed, None means all."""
    newest = _newest()
    statement = (
        select(Firm, DigitalAssessment)
        .outerjoin(newest, newest.c.firm_id == Firm.id)
        .outerjoin(DigitalAssessment, DigitalAssessment.id == newest.c.id)
        .where(*_reach(for_, year))
    )
    if level is not None:
        statement = statement.where(
            DigitalAssessment.level == DigitalLevel(level) if level else DigitalAssessment.id.is_(None)
        )
    page = read_page(
        session,
        statement,
        [SortKey(Firm.name, "name"), SortKey(Firm.id, "id")],
        key_of=lambda row: (row[0].name, row[0].id),
        total=total,
        after=after,
        before=before,
    )
    return Page([AssessedFirm(row[0], row[1]) for row in page.items], page.total, page.after, page.before)


def _reach(for_: Actor, year: int | None) -> list[ColumnElement[bool]]:
    conditions = [firms.visible_to(for_)]
    if year is not None:
        conditions.append(Firm.id.in_(select(RosterEntry.firm_id).where(RosterEntry.year == year)))
    return conditions
