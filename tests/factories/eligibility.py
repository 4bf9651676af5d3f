"""Firms with figures that the editions judge, and lists drawn up from them. All figures are invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor
from app.access.roles import Role
from app.accounts import queries as accounts
from app.accounts import service as account_service
from app.eligibility import service
from app.eligibility.models import EligibilityList, Verdict
from app.facts import service as facts
from app.facts.models import SourceKind
from app.facts.service import Statement
from app.facts.sheet import EXPERT, FactSheet
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks
from app.rulebooks import service as rulebook_service
from app.rulebooks.models import Edition
from tests.factories.firms import make_firm

HNTE, TECH_SME = "hnte-2016", "tech-sme-2017"
AS_OF = date(2026, 6, 1)
STATER = Actor(id=None, login="importer", name="系统导入", role=Role.CASEWORKER)

# meets every demand of hnte-2016 on 2026-06-01
GOOD: Mapping[str, Any] = {
    "registration_date": "2018-05-01",
    "ip_class1_count": 1,
    "ip_class2_unused_count": 0,
    "hitech_field_code": "8.2.3",
    "tech_staff_month_avg": {2025: 20},
    "employees_month_avg": {2025: 100},
    "sales_revenue": {2023: 2000, 2024: 2700, 2025: 3645},
    "rd_expense_hnte": {2023: 150, 2024: 170, 2025: 180},
    "rd_expense_hnte_domestic": {2023: 150, 2024: 170, 2025: 180},
    "total_income": {2025: 3700},
    "non_taxable_income": {2025: 0},
    "hitech_income": {2025: 3000},
    "total_assets": {2023: 3000, 2024: 3700, 2025: 4645},
    "total_liabilities": {2023: 1000, 2024: 1000, 2025: 1000},
    "tech_transfer_count_3y": 15,
    "major_safety_incident_dates": [],
    "major_quality_incident_dates": [],
    "serious_env_violation_dates": [],
    "expert": {"IP1": 8, "IP2": 8, "IP4": 6, "IP5": 0, "RM1": 6, "RM2": 6, "RM3": 4, "RM4": 4},
}
# what is left out (None) is unknown
LACKS_STAFF = {"tech_staff_month_avg": None}
TOO_LITTLE_RESEARCH = {"rd_expense_hnte": {2023: 100, 2024: 110, 2025: 120}}
NO_EXPERTS = {"expert": None}


def editions(session: Session) -> None:
    """Bring the sealed editions into the database."""
    rulebook_service.sync(session, by=SYSTEM)
    session.commit()


def edition(session: Session, code: str = HNTE) -> Edition:
    """Return an edition, synced when the database is still empty."""
    if not rulebooks.editions(session):
        editions(session)
    return rulebooks.by_code(session, code)


def figures_reviewer(session: Session) -> Actor:
    """Return the reviewer of all figures made here: a user, since nobody accepts what they stated themselves."""
    user = accounts.by_login(session, "figures-reviewer")
    if user is None:
        user, _ = account_service.create(
            session, login="figures-reviewer", name="王审核", role=Role.REVIEWER, by=SYSTEM, password="tong-xin-7731"
        )
    return user.as_actor()


def hold(session: Session, firm_id: int, figures: Mapping[str, Any], *, reason: str = "更正") -> None:
    """Make the figures facts of the firm, stated by an import and accepted by a reviewer; commits."""
    plain = {key: value for key, value in figures.items() if value is not None}
    statements = [
        Statement(
            firm_id,
            fact.key,
            fact.year,
            fact.value,
            str(fact.value),
            SourceKind.IMPORT,
            "虚构企业情况表.xlsx Sheet1!F12",
        )
        for fact in FactSheet.from_plain(plain).facts()
    ]
    ids = facts.state_many(session, statements, by=STATER)
    report = facts.accept_many(session, ids, by=figures_reviewer(session), reason=reason)
    assert not report.refused
    session.commit()


def make_judged_firm(session: Session, name: str, *changes: Mapping[str, Any], **identity: Any) -> Firm:
    """Return a firm whose figures are the good ones with changes; a change to None leaves the figure out."""
    firm = make_firm(session, name=name, **identity)
    figures = dict(GOOD)
    for change in changes:
        figures.update(change)
    hold(session, firm.id, figures)
    return firm


def make_verdict(session: Session, firm: Firm, *, by: Actor = SYSTEM, code: str = HNTE) -> Verdict:
    """Return a committed verdict of a firm."""
    found = service.judge(session, firm.id, edition(session, code), AS_OF, by=by)
    session.commit()
    return found


def make_list(session: Session, *, by: Actor = SYSTEM, code: str = HNTE, **arguments: Any) -> EligibilityList:
    """Return a complete, committed list of all firms."""
    found = service.draw_up(session, edition(session, code), AS_OF, by=by, **arguments)
    session.commit()
    return found


def make_four_firms(session: Session) -> dict[str, Firm]:
    """Return firms that come out eligible, ineligible, undetermined and in need of experts."""
    return {
        "eligible": make_judged_firm(session, "江门甲电机有限公司"),
        "ineligible": make_judged_firm(session, "江门乙灯饰有限公司", TOO_LITTLE_RESEARCH),
        "undetermined": make_judged_firm(session, "江门丙五金有限公司", LACKS_STAFF),
        "needs_review": make_judged_firm(session, "江门丁摩配有限公司", NO_EXPERTS),
    }


def expert(item: str) -> str:
    """Return the key of an expert score."""
    return EXPERT + item
