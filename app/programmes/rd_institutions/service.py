"""Register, correct and end R&D institutions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

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
from app.programmes.rd_institutions.models import InstitutionKind, InstitutionLevel, RdInstitution


@dataclass(frozen=True)
class InstitutionDraft:
    """What a person enters."""

    name: str
    kind: InstitutionKind
    level: InstitutionLevel
    source: str
    recognised_on: date | None = None
    document_number: str = ""
    valid_until: date | None = None
    note: str = ""


def subject(institution: RdInstitution, firm: Firm) -> Subject:
    """Return an institution as the log names it."""
    return Subject("rd_institution", institution.id, f"{firm.name}：{institution.name}", firm.id)


def register(session: Session, firm: Firm, draft: InstitutionDraft, *, by: Actor) -> RdInstitution:
    """Add an institution to the register."""
    _check(draft)
    institution = RdInstitution(firm_id=firm.id, **asdict(draft))
    session.add(institution)
    session.flush()
    changes = {"name": (None, draft.name), "kind": (None, draft.kind), "level": (None, draft.level)}
    audit.record(session, by, Action.PROGRAMME_EDIT, subject(institution, firm), changes=changes)
    return institution


def edit(
    session: Session,
    institution: RdInstitution,
    firm: Firm,
    draft: InstitutionDraft,
    *,
    by: Actor,
    version: int | None = None,
) -> None:
    """Correct an entry; old values stay in the log. ``version`` is the one the person looked at."""
    if version is not None and version != institution.version:
        raise Conflict(tr("这条登记在您打开之后被别人修改过，您的修改没有保存。请返回刷新，核对后再改。"))
    _check(draft)
    for name, value in asdict(draft).items():
        if getattr(institution, name) != value:
            setattr(institution, name, value)
    changes = diff(institution)
    if changes:
        audit.record(session, by, Action.PROGRAMME_EDIT, subject(institution, firm), changes=changes)


def end(
    session: Session, institution: RdInstitution, firm: Firm, *, by: Actor, reason: str, ended_on: date | None = None
) -> None:
    """Say that an institution exists no longer; it stays in the register."""
    if institution.ended_on is not None:
        raise Conflict(tr("该机构已于 %(day)s 终止。", day=institution.ended_on))
    if not reason.strip():
        raise Invalid("reason", tr("请写明终止原因。"))
    day = ended_on or clock.today()
    if day > clock.today():
        raise Invalid("ended_on", tr("日期 %(day)s 在今天之后，请核对。", day=day))
    institution.ended_on = day
    audit.record(
        session, by, Action.PROGRAMME_EDIT, subject(institution, firm), changes={"ended_on": (None, day)}, note=reason
    )


def _check(draft: InstitutionDraft) -> None:
    if not draft.name.strip():
        raise Invalid("name", tr("请填写机构名称。"))
    if not draft.source.strip():
        raise Invalid("source", tr("请写明出处（认定文件、统计报表或现场核查记录）。"))
    if draft.recognised_on and draft.recognised_on > clock.today():
        raise Invalid("recognised_on", tr("认定日期 %(day)s 在今天之后，请核对。", day=draft.recognised_on))
    if draft.recognised_on and draft.valid_until and draft.valid_until < draft.recognised_on:
        raise Invalid("valid_until", tr("有效期至不能早于认定日期 %(day)s。", day=draft.recognised_on))
    if draft.level is not InstitutionLevel.OWN and not (draft.recognised_on or draft.document_number.strip()):
        raise Invalid("document_number", tr("经认定的机构请填写认定日期或文号；未经认定的请选择“未经认定”。"))
