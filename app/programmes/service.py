"""Enrol, move, leave: what can happen to a firm in a line."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.service import Subject
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr
from app.firms.models import Firm
from app.programmes import catalogue, queries
from app.programmes.models import Enrolment, Programme, StageMove


def subject(enrolment: Enrolment, firm: Firm) -> Subject:
    """Return an enrolment as the log names it."""
    label = f"{enrolment.programme.label}：{firm.name}"
    return Subject("enrolment", enrolment.id, label, firm.id)


def enrol(
    session: Session,
    firm: Firm,
    programme: Programme,
    *,
    by: Actor,
    stage: str,
    reason: str,
    entered_on: date | None = None,
    caseworker_id: int | None = None,
) -> Enrolment:
    """Take a firm into a line. A firm is in a line once at a time; a reason is required."""
    _check_stage(programme, stage)
    day = entered_on or clock.today()
    _check_day("entered_on", day)
    _check_reason(reason)
    if queries.open_enrolment(session, firm.id, programme) is not None:
        raise Conflict(tr("%(firm)s 已在“%(line)s”中，不能重复入库。", firm=firm.name, line=Message(programme.label)))
    enrolment = Enrolment(
        firm_id=firm.id,
        programme=programme,
        stage=stage,
        caseworker_id=caseworker_id,
        entered_on=day,
        entry_reason=reason.strip(),
    )
    session.add(enrolment)
    session.flush()
    _record_move(session, enrolment, "", stage, day, reason, by)
    audit.record(
        session, by, Action.PROGRAMME_EDIT, subject(enrolment, firm), changes={"stage": ("", stage)}, note=reason
    )
    return enrolment


def move(
    session: Session, enrolment: Enrolment, firm: Firm, *, to: str, by: Actor, reason: str, moved_on: date | None = None
) -> StageMove:
    """Move to another stage. Going back needs a reason; a closed enrolment does not move."""
    _check_open(enrolment)
    _check_stage(enrolment.programme, to)
    day = moved_on or clock.today()
    _check_day("moved_on", day)
    if day < enrolment.entered_on:
        raise Invalid("moved_on", tr("变更日期不能早于入库日期 %(day)s。", day=enrolment.entered_on))
    if to == enrolment.stage:
        raise Invalid("to", tr("企业已经处于这个阶段，请选择另一个阶段。"))
    here = catalogue.position(enrolment.programme, enrolment.stage)
    if catalogue.position(enrolment.programme, to) < here:
        _check_reason(reason)
    changes = {"stage": (enrolment.stage, to)}
    moved = _record_move(session, enrolment, enrolment.stage, to, day, reason, by)
    enrolment.stage = to
    audit.record(session, by, Action.PROGRAMME_EDIT, subject(enrolment, firm), changes=changes, note=reason)
    return moved


def assign(session: Session, enrolment: Enrolment, firm: Firm, *, caseworker_id: int | None, by: Actor) -> None:
    """Put another person in charge of the firm in this line."""
    _check_open(enrolment)
    if enrolment.caseworker_id == caseworker_id:
        return
    changes = {"caseworker_id": (enrolment.caseworker_id, caseworker_id)}
    enrolment.caseworker_id = caseworker_id
    audit.record(session, by, Action.PROGRAMME_EDIT, subject(enrolment, firm), changes=changes)


def leave(
    session: Session, enrolment: Enrolment, firm: Firm, *, by: Actor, reason: str, left_on: date | None = None
) -> None:
    """Close an enrolment with a reason; it stays readable."""
    _check_open(enrolment)
    day = left_on or clock.today()
    _check_day("left_on", day)
    if day < enrolment.entered_on:
        raise Invalid("left_on", tr("出库日期不能早于入库日期 %(day)s。", day=enrolment.entered_on))
    _check_reason(reason)
    enrolment.left_on = day
    enrolment.exit_reason = reason.strip()
    _record_move(session, enrolment, enrolment.stage, "", day, reason, by)
    audit.record(
        session,
        by,
        Action.PROGRAMME_EDIT,
        subject(enrolment, firm),
        changes={"left_on": (None, day)},
        note=reason,
    )


def _record_move(
    session: Session, enrolment: Enrolment, from_stage: str, to_stage: str, day: date, reason: str, by: Actor
) -> StageMove:
    moved = StageMove(
        enrolment_id=enrolment.id,
        from_stage=from_stage,
        to_stage=to_stage,
        moved_on=day,
        reason=reason.strip(),
        moved_by=by.id,
        moved_by_name=by.name,
    )
    session.add(moved)
    session.flush()
    return moved


def _check_open(enrolment: Enrolment) -> None:
    if enrolment.left_on is not None:
        raise Conflict(tr("企业已于 %(day)s 出库，如需继续请重新入库。", day=enrolment.left_on))


def _check_stage(programme: Programme, code: str) -> None:
    if catalogue.stage(programme, code) is None:
        raise Invalid("stage", tr("没有“%(code)s”这个阶段，请从列表中选择。", code=code))


def _check_day(field: str, day: date) -> None:
    if day > clock.today():
        raise Invalid(field, tr("日期 %(day)s 在今天之后，请核对。", day=day))


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("reason", tr("请写明理由，以便日后说明。"))
