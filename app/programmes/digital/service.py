"""Record digital assessments."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.changes import diff
from app.audit.service import Subject
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.firms.models import Firm
from app.programmes.digital.models import DigitalAssessment, DigitalLevel, DigitalSource


@dataclass(frozen=True)
class AssessmentDraft:
    """What a person enters."""

    level: DigitalLevel
    source_kind: DigitalSource
    source: str
    assessed_on: date
    score: Decimal | None = None
    note: str = ""


def subject(assessment: DigitalAssessment, firm: Firm) -> Subject:
    """Return an assessment as the log names it."""
    return Subject("digital_assessment", assessment.id, f"{firm.name}：数字化水平", firm.id)


def record(session: Session, firm: Firm, draft: AssessmentDraft, *, by: Actor) -> DigitalAssessment:
    """Add an assessment; earlier ones stay."""
    _check(draft)
    assessment = DigitalAssessment(firm_id=firm.id, created_by_name=by.name, **asdict(draft))
    session.add(assessment)
    session.flush()
    changes = {"level": (None, draft.level), "assessed_on": (None, draft.assessed_on)}
    audit.record(session, by, Action.PROGRAMME_EDIT, subject(assessment, firm), changes=changes)
    return assessment


def edit(
    session: Session,
    assessment: DigitalAssessment,
    firm: Firm,
    draft: AssessmentDraft,
    *,
    by: Actor,
    version: int | None = None,
) -> None:
    """Correct an entry; old values stay in the log. ``version`` is the one the person looked at."""
    if version is not None and version != assessment.version:
        raise Conflict(tr("这条登记在您打开之后被别人修改过，您的修改没有保存。请返回刷新，核对后再改。"))
    _check(draft)
    for name, value in asdict(draft).items():
        if getattr(assessment, name) != value:
            setattr(assessment, name, value)
    changes = diff(assessment)
    if changes:
        audit.record(session, by, Action.PROGRAMME_EDIT, subject(assessment, firm), changes=changes)


def _check(draft: AssessmentDraft) -> None:
    if draft.assessed_on > clock.today():
        raise Invalid("assessed_on", tr("评测日期 %(day)s 在今天之后，请核对。", day=draft.assessed_on))
    if not draft.source.strip():
        raise Invalid("source", tr("请写明出处（平台结果截图、诊断报告或验收文件名称）。"))
    if draft.score is not None and not 0 <= draft.score <= 100:
        raise Invalid("score", tr("得分 %(score)s 不在 0–100 之间。", score=draft.score))
