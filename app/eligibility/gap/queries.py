"""Reading a firm's gap and plan from the figures held now; nothing of it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.eligibility.gap.models import Intake, LeverSetting
from app.eligibility.reach.changes import FigurePlace
from app.eligibility.reach.gap import Gap, gap
from app.eligibility.reach.levers import Lever, defaults
from app.eligibility.reach.plan import Plan, plan
from app.eligibility.reach.turn import carried
from app.facts import queries as facts
from app.facts.sheet import FactSheet
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition
from app.rulebooks.schema import Rulebook


@dataclass(frozen=True)
class Reached:
    """A firm's gap and plan under an edition on a day, with the figures they rest on and the next time of intake."""

    edition: Edition
    as_of: date
    kind: str
    sheet: FactSheet
    gap: Gap
    plan: Plan
    intake: Intake | None
    carried: tuple[FigurePlace, ...] = ()


def reached(
    session: Session, firm_id: int, edition: Edition, as_of: date, kind: str, *, today: date, carry: bool = False
) -> Reached:
    """Return a firm's gap and plan; the caller has checked that the person may see the firm.

    With ``carry`` figures of fiscal years that are not over by ``today`` are taken for what they were a year before:
    that is how an application of next year can be looked at. Raises Invalid (``as_of``/``kind`` do not fit the edition,
    or a figure is impossible).
    """
    sheet, rulebook, taken = figures(session, firm_id, edition, as_of, kind, today=today, carry=carry)
    known = levers(session)
    window = next_intake(session, edition.programme, today)
    return Reached(
        edition=edition,
        as_of=as_of,
        kind=kind,
        sheet=sheet,
        gap=gap(rulebook, sheet, as_of, kind, levers=known, today=today),
        plan=plan(rulebook, sheet, as_of, kind, levers=known, today=today, until=window.closes_on if window else None),
        intake=window,
        carried=taken,
    )


def figures(
    session: Session, firm_id: int, edition: Edition, as_of: date, kind: str, *, today: date, carry: bool = False
) -> tuple[FactSheet, Rulebook, tuple[FigurePlace, ...]]:
    """Return the figures held of a firm, the rulebook to try them under, and which figures are taken over.

    Raises Invalid as ``reached`` does.
    """
    rulebooks.must_apply(session, edition, as_of, kind)
    sheet = facts.fact_sheet(session, firm_id, as_of)
    sheet, taken = carried(sheet, as_of, today) if carry else (sheet, ())
    return sheet, rulebooks.rulebook_of(edition), taken


# --- what the office assumes -----------------------------------------------------------------------------------------


def settings(session: Session) -> Mapping[str, LeverSetting]:
    """Return the office's own assumptions by key of the figure."""
    return {one.key: one for one in session.scalars(select(LeverSetting))}


def levers(session: Session) -> Mapping[str, Lever]:
    """Return what is assumed of every figure: the office's own where there is one, else the default."""
    return {**defaults(), **{key: lever_of(one) for key, one in settings(session).items()}}


def lever_of(one: LeverSetting) -> Lever:
    """Return a setting as the search takes it."""
    return Lever(one.key, one.means, one.who, one.direction, one.lead_days, one.correct_days, one.effort, one.note)


def setting(session: Session, key: str) -> LeverSetting | None:
    """Return the office's own assumption about one figure, or None."""
    return session.scalars(select(LeverSetting).where(LeverSetting.key == key)).first()


def intakes(session: Session) -> Sequence[Intake]:
    """Return all times of intake, withdrawn ones too, the latest first."""
    return session.scalars(select(Intake).order_by(Intake.closes_on.desc(), Intake.id.desc())).all()


def intake(session: Session, intake_id: int) -> Intake:
    """Return one time of intake, or raise NotFound."""
    found = session.get(Intake, intake_id)
    if found is None:
        raise NotFound
    return found


def next_intake(session: Session, programme: str, today: date) -> Intake | None:
    """Return the time of intake that ends next, today included; None where none is entered."""
    return session.scalars(
        select(Intake)
        .where(Intake.programme == programme, Intake.closes_on >= today, Intake.withdrawn_at.is_(None))
        .order_by(Intake.closes_on, Intake.id)
        .limit(1)
    ).first()


def next_intakes(session: Session, today: date) -> Mapping[str, Intake]:
    """Return the time of intake that ends next, by programme."""
    found: dict[str, Intake] = {}
    statement = select(Intake).where(Intake.closes_on >= today, Intake.withdrawn_at.is_(None))
    for one in session.scalars(statement.order_by(Intake.closes_on, Intake.id)):
        found.setdefault(one.programme, one)
    return found


def programmes(session: Session) -> list[tuple[str, str]]:
    """Return ``(programme, title of its newest edition)`` of all programmes that have an edition."""
    return list({one.programme: one.title for one in rulebooks.editions(session)}.items())


def asked_by_editions(session: Session) -> frozenset[str]:
    """Return the keys of all figures that some edition asks for."""
    return frozenset().union(*(rulebooks.keys_of(rulebooks.rulebook_of(one)) for one in rulebooks.editions(session)))
