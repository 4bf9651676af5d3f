"""One firm at a glance, gathered from every room below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import queries as log
from app.audit.queries import Entry, LogFilter
from app.core import clock
from app.core.text import tr
from app.eligibility.models import Verdict
from app.facts import queries as facts
from app.facts.models import Claim, ClaimState
from app.facts.shown import FactShown
from app.figures.line import LineChart, Series, line_chart
from app.programmes import queries as lines
from app.programmes.catalogue import STAGES, stage
from app.programmes.digital import queries as digital
from app.programmes.digital.models import DigitalAssessment
from app.programmes.models import Enrolment, Programme
from app.programmes.rd_institutions import queries as institutions
from app.programmes.rd_institutions.models import RdInstitution
from app.rulebooks.models import Edition

YEARS = 3
# what a person wants to see first, in this order; only those with a figure are shown
KEY_FIGURES = (
    "operating_revenue",
    "sales_revenue",
    "rd_expense_hnte",
    "rd_expense_audit",
    "rd_expense_super",
    "employees_total",
    "employees_month_avg",
    "tech_staff_month_avg",
    "parent_net_profit",
    "total_assets",
)
CHARTED = ("operating_revenue", "sales_revenue")


@dataclass(frozen=True)
class FigureRow:
    """One indicator over the last years; None where nothing is held."""

    label: str
    unit: str
    years: Sequence[FactShown | None]


@dataclass(frozen=True)
class LineSummary:
    """Where the firm stands in one line: ``text`` is the stage's msgid, empty when the firm is not in it."""

    label: str
    text: str


@dataclass(frozen=True)
class Overview:
    """What the overview page shows."""

    years: Sequence[int]
    figures: Sequence[FigureRow]
    chart: Markup | None
    pending: int
    lines: Sequence[LineSummary]
    institutions: Sequence[RdInstitution]
    assessment: DigitalAssessment | None
    verdicts: Sequence[tuple[Verdict, Edition]]
    events: Sequence[Entry]


def overview(session: Session, firm_id: int) -> Overview:
    """Gather one firm's page; the caller has checked that the firm is in reach."""
    last = clock.today().year - 1
    years = [last - back for back in reversed(range(YEARS))]
    held = {(fact.key, fact.year): fact for fact in facts.current_facts(session, firm_id)}
    rows = [row for key in KEY_FIGURES if (row := _row(key, years, held)) is not None]
    return Overview(
        years=years,
        figures=rows,
        chart=_chart(firm_id, years, held),
        pending=_pending(session, firm_id),
        lines=lines_of(session, firm_id),
        institutions=[found for found in institutions.of_firm(session, firm_id) if found.ended_on is None],
        assessment=next(iter(digital.of_firm(session, firm_id)), None),
        verdicts=latest_verdicts(session, firm_id),
        events=log.log(session, LogFilter(firm_id=firm_id), size=8).items,
    )


def _row(key: str, years: Sequence[int], held: dict[tuple[str, int | None], FactShown]) -> FigureRow | None:
    found = [held.get((key, year)) for year in years]
    first = next((fact for fact in found if fact is not None), None)
    return FigureRow(first.label, first.unit, found) if first else None


def _chart(firm_id: int, years: Sequence[int], held: dict[tuple[str, int | None], FactShown]) -> Markup | None:
    for key in CHARTED:
        found = [held.get((key, year)) for year in years]
        values = tuple(fact.value if fact and isinstance(fact.value, Decimal) else None for fact in found)
        if sum(value is not None for value in values) > 1:
            label = next(fact.label for fact in found if fact is not None)
            series = (Series(label, values, places=0),)
            chart = LineChart(title=label, unit=str(tr("万元")), periods=tuple(map(str, years)), series=series,
                              width=420, height=230, key=f"firm-{firm_id}")  # fmt: skip
            return line_chart(chart)
    return None


def _pending(session: Session, firm_id: int) -> int:
    waiting = select(func.count()).select_from(Claim)
    return session.scalar(waiting.where(Claim.firm_id == firm_id, Claim.state == ClaimState.PENDING)) or 0


def lines_of(session: Session, firm_id: int) -> list[LineSummary]:
    """Return where a firm stands in each line that has stages."""
    enrolled = lines.open_enrolments(session, firm_id)
    return [_line(line, enrolled.get(line)) for line in STAGES]


def _line(line: Programme, enrolment: Enrolment | None) -> LineSummary:
    found = stage(line, enrolment.stage) if enrolment else None
    return LineSummary(line.label, found.label if found else "")


def latest_verdicts(session: Session, firm_id: int) -> Sequence[tuple[Verdict, Edition]]:
    """Return the newest verdict under each edition."""
    newest = select(func.max(Verdict.id)).where(Verdict.firm_id == firm_id).group_by(Verdict.edition_id)
    rows = session.execute(
        select(Verdict, Edition)
        .join(Edition, Edition.id == Verdict.edition_id)
        .where(Verdict.id.in_(newest))
        .order_by(Edition.code)
    ).all()
    return [(row[0], row[1]) for row in rows]
