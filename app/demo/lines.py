"""The four lines of the invented firms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.demo.invented import LAST_YEAR, SOURCE
from app.firms.models import Firm
from app.programmes import service as enrolments
from app.programmes.digital import service as digital
from app.programmes.digital.models import DigitalLevel, DigitalSource
from app.programmes.digital.service import AssessmentDraft
from app.programmes.doubling import service as doubling
from app.programmes.doubling.service import TargetDraft
from app.programmes.models import Programme
from app.programmes.rd_institutions import service as institutions
from app.programmes.rd_institutions.models import InstitutionKind, InstitutionLevel
from app.programmes.rd_institutions.service import InstitutionDraft

YOUNG = frozenset({8, 17, 26, 35})
STAGES = ("lead", "pooled", "coaching", "applying", "recognised")
KINDS = (
    (InstitutionKind.ENGINEERING_CENTRE, InstitutionLevel.CITY),
    (InstitutionKind.TECHNOLOGY_CENTRE, InstitutionLevel.PROVINCIAL),
    (InstitutionKind.OWN, InstitutionLevel.OWN),
    (InstitutionKind.ENGINEERING_CENTRE, InstitutionLevel.DISTRICT),
)


def load(session: Session, firms: Mapping[int, Firm], *, by: Actor) -> None:
    """Enrol, register and assess some of the invented firms."""
    for number, firm in firms.items():
        if number % 4 == 1:
            _double(session, number, firm, by)
        if number % 2 == 0:
            _pool(session, number, firm, by)
        if number % 5 in {1, 2, 3}:
            _institution(session, number, firm, by)
        if number % 3:
            _assess(session, number, firm, by)


def _double(session: Session, number: int, firm: Firm, by: Actor) -> None:
    if number in YOUNG:
        return
    draft = TargetDraft(
        metric="operating_revenue",
        baseline_year=LAST_YEAR - 2,
        baseline=None,
        baseline_source="",
        multiple=Decimal(2),
        years=5 if number % 3 else 3,
    )
    doubling.enrol(session, firm, draft, by=by, stage="growing", reason="演示：重点企业")


def _pool(session: Session, number: int, firm: Firm, by: Actor) -> None:
    enrolment = enrolments.enrol(
        session,
        firm,
        Programme.CULTIVATION,
        by=by,
        stage="lead",
        reason="演示：研发投入增长较快",
        entered_on=date(2025, 3, 1 + number % 20),
        caseworker_id=firm.caseworker_id,
    )
    for step in range(1, (number // 2) % len(STAGES) + 1):
        enrolments.move(
            session, enrolment, firm, to=STAGES[step], by=by, reason="", moved_on=date(2025, 3 + 2 * step, 10)
        )
    if number == 40:
        enrolments.leave(session, enrolment, firm, by=by, reason="演示：企业调整主业", left_on=date(2026, 5, 20))


def _institution(session: Session, number: int, firm: Firm, by: Actor) -> None:
    kind, level = KINDS[number % 4]
    recognised = level is not InstitutionLevel.OWN
    draft = InstitutionDraft(
        name=f"{firm.short_name}{kind.label}",
        kind=kind,
        level=level,
        source=SOURCE,
        recognised_on=date(2021 + number % 4, 6, 18) if recognised else None,
        document_number=f"演示〔{2021 + number % 4}〕{number}号" if recognised else "",
        valid_until=date(2027, 6, 17) if recognised else None,
    )
    institutions.register(session, firm, draft, by=by)


def _assess(session: Session, number: int, firm: Firm, by: Actor) -> None:
    levels = (DigitalLevel.ONE, DigitalLevel.TWO, DigitalLevel.TWO, DigitalLevel.THREE, DigitalLevel.BELOW)
    draft = AssessmentDraft(
        level=levels[number % 5],
        source_kind=DigitalSource.PLATFORM if number % 2 else DigitalSource.DIAGNOSIS,
        source=SOURCE,
        assessed_on=date(2025, 4 + number % 8, 12),
    )
    digital.record(session, firm, draft, by=by)
