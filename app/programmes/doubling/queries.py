"""Reading targets with the yearly facts that count against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import NotFound
from app.facts.models import Fact
from app.programmes.doubling import path
from app.programmes.doubling.models import DoublingTarget
from app.programmes.models import Enrolment


@dataclass(frozen=True)
class Progress:
    """A target and where the firm stands: ``latest`` is the last year with a figure, ``needed`` the yearly growth from
    there to the target (fraction), ``standing`` that of the latest year."""

    target: DoublingTarget
    years: Sequence[path.PathYear]
    latest: path.PathYear
    needed: Decimal | None
    standing: path.Standing


def target(session: Session, enrolment_id: int) -> DoublingTarget:
    """Return the target of an enrolment, or raise ``NotFound``."""
    found = session.scalars(select(DoublingTarget).where(DoublingTarget.enrolment_id == enrolment_id)).first()
    if found is None:
        raise NotFound
    return found


def progress_of(session: Session, enrolments: Sequence[Enrolment]) -> Mapping[int, Progress]:
    """Return ``{enrolment id: progress}`` with two queries, however many enrolments."""
    ids = [enrolment.id for enrolment in enrolments]
    targets = session.scalars(select(DoublingTarget).where(DoublingTarget.enrolment_id.in_(ids))).all()
    firm_of = {enrolment.id: enrolment.firm_id for enrolment in enrolments}
    rows = session.execute(
        select(Fact.firm_id, Fact.key, Fact.year, Fact.number).where(
            Fact.firm_id.in_(set(firm_of.values())),
            Fact.key.in_({found.metric for found in targets}),
            Fact.superseded_at.is_(None),
        )
    ).all()
    actuals: dict[tuple[int, str], dict[int, Decimal]] = {}
    for firm_id, key, year, number in rows:
        if year is not None and number is not None:
            actuals.setdefault((firm_id, key), {})[year] = number
    return {
        found.enrolment_id: _progress(found, actuals.get((firm_of[found.enrolment_id], found.metric), {}))
        for found in targets
    }


def _progress(found: DoublingTarget, actuals: Mapping[int, Decimal]) -> Progress:
    years = path.years_of(
        base=found.baseline,
        multiple=found.multiple,
        baseline_year=found.baseline_year,
        years=found.years,
        actuals=actuals,
        last_year=clock.today().year - 1,
    )
    known = [year for year in years if year.actual is not None]
    latest = known[-1]
    needed = path.required_growth(
        start=latest.actual or Decimal(0), goal=found.target, years=found.target_year - latest.year
    )
    return Progress(found, years, latest, needed, latest.standing)
