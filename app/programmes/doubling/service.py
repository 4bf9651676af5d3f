"""Take a firm into the doubling plan with its target; change the target openly."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.changes import diff
from app.core import clock
from app.core.errors import Invalid
from app.core.text import tr
from app.facts.catalogue import load_catalogue
from app.facts.models import Claim, Fact
from app.firms.models import Firm
from app.programmes import service as enrolments
from app.programmes.doubling.models import DoublingTarget
from app.programmes.models import Enrolment, Programme

METRICS = ("operating_revenue", "main_business_revenue", "sales_revenue")


@dataclass(frozen=True)
class TargetDraft:
    """What a person enters. ``baseline`` None takes the accepted fact of the baseline year (万元)."""

    metric: str
    baseline_year: int
    baseline: Decimal | None
    baseline_source: str
    multiple: Decimal
    years: int
    scheme: str = ""


def enrol(session: Session, firm: Firm, draft: TargetDraft, *, by: Actor, stage: str, reason: str) -> Enrolment:
    """Take the firm in and fix its target in one step."""
    baseline, source = _baseline(session, firm, draft)
    _check(draft, baseline)
    enrolment = enrolments.enrol(session, firm, Programme.DOUBLING, by=by, stage=stage, reason=reason)
    session.add(
        DoublingTarget(
            enrolment_id=enrolment.id,
            metric=draft.metric,
            baseline_year=draft.baseline_year,
            baseline=baseline,
            baseline_source=source,
            multiple=draft.multiple,
            years=draft.years,
            scheme=draft.scheme.strip(),
        )
    )
    session.flush()
    return enrolment


def edit_target(
    session: Session,
    target: DoublingTarget,
    enrolment: Enrolment,
    firm: Firm,
    draft: TargetDraft,
    *,
    by: Actor,
    reason: str,
) -> None:
    """Change a target; the reason and the old values stay in the log."""
    if not reason.strip():
        raise Invalid("reason", tr("请写明调整目标的理由。"))
    baseline, source = _baseline(session, firm, draft)
    _check(draft, baseline)
    target.metric, target.baseline_year, target.baseline = draft.metric, draft.baseline_year, baseline
    target.baseline_source, target.multiple, target.years = source, draft.multiple, draft.years
    target.scheme = draft.scheme.strip()
    changes = diff(target)
    if changes:
        audit.record(
            session, by, Action.PROGRAMME_EDIT, enrolments.subject(enrolment, firm), changes=changes, note=reason
        )


def _baseline(session: Session, firm: Firm, draft: TargetDraft) -> tuple[Decimal, str]:
    if draft.baseline is not None:
        if not draft.baseline_source.strip():
            raise Invalid("baseline_source", tr("手工填写基期值时，请写明出处（文件名称和页码，或审计报告文号）。"))
        return draft.baseline, draft.baseline_source.strip()
    row = session.execute(
        select(Fact.number, Claim.source_label)
        .join(Claim, Claim.id == Fact.claim_id)
        .where(
            Fact.firm_id == firm.id,
            Fact.key == draft.metric,
            Fact.year == draft.baseline_year,
            Fact.superseded_at.is_(None),
        )
    ).first()
    if row is None or row[0] is None:
        label = load_catalogue().get(draft.metric).label
        raise Invalid(
            "baseline",
            tr(
                "没有 %(year)s 年『%(label)s』的核定值：请先核定该数据，或在此填写基期值并写明出处。",
                year=draft.baseline_year,
                label=label,
            ),
        )
    return row[0], row[1]


def _check(draft: TargetDraft, baseline: Decimal) -> None:
    if draft.metric not in METRICS:
        raise Invalid("metric", tr("请从列表中选择倍增口径。"))
    if baseline <= 0:
        raise Invalid("baseline", tr("基期值 %(value)s 不是正数，无法计算倍增进度。", value=baseline))
    if draft.multiple <= 1:
        raise Invalid("multiple", tr("倍数 %(value)s 应大于 1，例如翻一番填 2。", value=draft.multiple))
    if not 1 <= draft.years <= 10:
        raise Invalid("years", tr("年限应为 1–10 年。"))
    if not 2000 <= draft.baseline_year <= clock.today().year:
        raise Invalid("baseline_year", tr("基期年度 %(year)s 不在 2000 年至今年之间。", year=draft.baseline_year))
