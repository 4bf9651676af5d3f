"""From rehearsed to submitted, back with a reason, and who may confirm: never the person who submitted."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict, Invalid, Refused
from app.core.text import tr
from app.imports.models import BatchState, ImportBatch
from app.imports.rehearsal import GOOD
from app.imports.service import must_be, subject

LONGEST = 300


def submit(session: Session, batch: ImportBatch, *, by: Actor, note: str = "") -> None:
    """Hand a rehearsed batch over for another person to confirm.

    Raises ``Conflict`` when nothing can be imported or odd figures still lack a reason.
    """
    must_be(batch, BatchState.STAGED)
    if not any(batch.counts.get(one.value) for one in GOOD):
        raise Conflict(tr("没有可以导入的行：请按各行的提示修改后再提交。"))
    if asked := batch.report.get("asks"):
        raise Conflict(tr("还有 %(n)s 个变动异常的数据没有写明原因，请逐个填写或按同类填写同一原因。", n=asked))
    batch.state = BatchState.SUBMITTED
    batch.submitted_by, batch.submitted_by_name, batch.submitted_at = by.id, by.name, clock.now()
    batch.submit_note = note.strip()[:LONGEST]
    batch.returned_by_name, batch.returned_at, batch.return_reason = "", None, ""
    session.flush()
    _record(session, batch, Action.IMPORT_SUBMIT, BatchState.STAGED, by, note)


def take_back(session: Session, batch: ImportBatch, *, by: Actor) -> None:
    """Take a submitted batch back to go on working on it; only who submitted it may."""
    must_be(batch, BatchState.SUBMITTED)
    if batch.submitted_by != by.id:
        raise Refused(tr("这个批次由%(who)s提交，只有提交人可以收回；需要修改的请退回。", who=batch.submitted_by_name))
    batch.state = BatchState.STAGED
    session.flush()
    _record(session, batch, Action.IMPORT_SUBMIT, BatchState.SUBMITTED, by, "")


def return_for_correction(session: Session, batch: ImportBatch, *, by: Actor, reason: str) -> None:
    """Send a submitted batch back with a reason. Raises ``Invalid`` (``reason``), ``Refused`` for one's own."""
    must_be(batch, BatchState.SUBMITTED)
    refuse_own(batch, by, alone=False)
    if not reason.strip():
        raise Invalid("reason", tr("请写明退回原因，提交人会看到。"))
    batch.state = BatchState.STAGED
    batch.returned_by_name, batch.returned_at = by.name, clock.now()
    batch.return_reason = reason.strip()[:LONGEST]
    session.flush()
    _record(session, batch, Action.IMPORT_RETURN, BatchState.SUBMITTED, by, reason)


def refuse_own(batch: ImportBatch, by: Actor, *, alone: bool) -> None:
    """Raise ``Refused`` when a person would confirm what he uploaded or submitted himself."""
    if not alone and by.id in {batch.staged_by, batch.submitted_by}:
        raise Refused(tr("这个批次由您本人上传或提交，须由另一位同事确认导入。"))


def may_confirm(batch: ImportBatch, by: Actor, *, alone: bool) -> bool:
    """Tell whether the person may confirm the batch."""
    return batch.state is BatchState.SUBMITTED and (alone or by.id not in {batch.staged_by, batch.submitted_by})


def _record(session: Session, batch: ImportBatch, action: Action, old: BatchState, by: Actor, note: str) -> None:
    record(session, by, action, subject(batch), changes={"state": [old, batch.state]}, note=note.strip())
