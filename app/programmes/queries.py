"""Reading enrolments: who is in which line, in which stage, and how they came there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.accounts.models import User
from app.core.errors import NotFound
from app.core.paging import Page, SortKey, read_page
from app.firms import queries as firms
from app.firms.models import Firm, RosterEntry
from app.programmes.models import Enrolment, Programme, StageMove


@dataclass(frozen=True)
class EnrolledFirm:
    """A row of a line's list."""

    enrolment: Enrolment
    firm: Firm
    caseworker: str


def enrolment(session: Session, enrolment_id: int, *, for_: Actor) -> tuple[Enrolment, Firm]:
    """Return one enrolment with its firm, or raise ``NotFound`` when out of reach."""
    row = session.execute(
        select(Enrolment, Firm)
        .join(Firm, Firm.id == Enrolment.firm_id)
        .where(Enrolment.id == enrolment_id, firms.visible_to(for_))
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


def open_enrolment(session: Session, firm_id: int, programme: Programme) -> Enrolment | None:
    """Return the firm's open enrolment in a line, or None."""
    return session.scalars(
        select(Enrolment).where(
            Enrolment.firm_id == firm_id, Enrolment.programme == programme, Enrolment.left_on.is_(None)
        )
    ).first()


def open_enrolments(session: Session, firm_id: int) -> dict[Programme, Enrolment]:
    """Return the firm's open enrolments by their line."""
    found = session.scalars(
        select(Enrolment).where(Enrolment.firm_id == firm_id, Enrolment.left_on.is_(None)).order_by(Enrolment.id.desc())
    )
    return {one.programme: one for one in found}


def enrolments_of(session: Session, firm_id: int, programme: Programme) -> Sequence[Enrolment]:
    """Return all of a firm's enrolments in a line, the newest first."""
    return session.scalars(
        select(Enrolment)
        .where(Enrolment.firm_id == firm_id, Enrolment.programme == programme)
        .order_by(Enrolment.id.desc())
    ).all()


def moves(session: Session, enrolment_ids: Sequence[int]) -> Sequence[StageMove]:
    """Return the moves of some enrolments, the newest first."""
    return session.scalars(
        select(StageMove).where(StageMove.enrolment_id.in_(enrolment_ids)).order_by(StageMove.id.desc())
    ).all()


def counts_by_stage(session: Session, programme: Programme, *, for_: Actor) -> Mapping[str, int]:
    """Return ``{stage: firms}`` of the open enrolments in reach."""
    rows = session.execute(
        select(Enrolment.stage, func.count())
        .join(Firm, Firm.id == Enrolment.firm_id)
        .where(Enrolment.programme == programme, Enrolment.left_on.is_(None), firms.visible_to(for_))
        .group_by(Enrolment.stage)
    ).all()
    return {row[0]: row[1] for row in rows}


def left_count(session: Session, programme: Programme, *, for_: Actor) -> int:
    """Return how many enrolments in reach have been closed."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Enrolment)
            .join(Firm, Firm.id == Enrolment.firm_id)
            .where(Enrolment.programme == programme, Enrolment.left_on.is_not(None), firms.visible_to(for_))
        )
        or 0
    )


def enrolled(
    session: Session,
    programme: Programme,
    *,
    for_: Actor,
    total: int,
    stage: str = "",
    left: bool = False,
    after: str = "",
    before: str = "",
) -> Page[EnrolledFirm]:
    """Return a page of a line's list: open enrolments (of one stage), or the closed ones."""
    statement = (
        select(Enrolment, Firm, User.name)
        .join(Firm, Firm.id == Enrolment.firm_id)
        .outerjoin(User, User.id == Enrolment.caseworker_id)
        .where(Enrolment.programme == programme, firms.visible_to(for_))
        .where(Enrolment.left_on.is_not(None) if left else Enrolment.left_on.is_(None))
    )
    if stage and not left:
        statement = statement.where(Enrolment.stage == stage)
    page = read_page(
        session,
        statement,
        [SortKey(Firm.name, "name"), SortKey(Enrolment.id, "id")],
        key_of=lambda row: (row[1].name, row[0].id),
        total=total,
        after=after,
        before=before,
    )
    items = [EnrolledFirm(row[0], row[1], row[2] or "") for row in page.items]
    return Page(items=items, total=page.total, after=page.after, before=page.before)


def roster_years(session: Session) -> Sequence[int]:
    """Return the years that have a roster, the newest first."""
    return session.scalars(select(RosterEntry.year).distinct().order_by(RosterEntry.year.desc())).all()
