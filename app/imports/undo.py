"""Undo: the exact inverse of apply. It refuses, with a list, when later work would be lost."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record, record_many
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr
from app.facts import service as facts
from app.facts.models import Claim, ClaimState
from app.firms import holding, registry
from app.firms.models import Firm
from app.imports import filling, losses
from app.imports.models import BatchState, ImportBatch
from app.imports.queries import portions
from app.imports.service import subject


def undo(session: Session, batch: ImportBatch, *, by: Actor, reason: str) -> None:
    """Withdraw the pending figures of a batch and remove the firms it created.

    Raises ``Invalid`` (``reason``) without a reason, ``Conflict`` naming what later work would be lost.
    """
    if batch.state is not BatchState.APPLIED:
        raise Conflict(
            tr(
                "批次 %(id)s 的状态是“%(state)s”，只有已导入的批次可以撤销。",
                id=batch.id,
                state=Message(batch.state.label),
            )
        )
    if not reason.strip():
        raise Invalid("reason", tr("请写明撤销原因，原因会记入操作日志。"))
    # held fast first: what is decided between the look and the undo would be lost unseen
    holding.alone(session, losses.touched(batch))
    pending = select(Claim.id).where(Claim.batch_id == batch.id, Claim.state == ClaimState.PENDING)
    session.execute(pending.order_by(Claim.id).with_for_update())
    lost = losses.told(session, batch)
    if lost:
        told = "；".join(str(one) for one in lost)
        raise Conflict(tr("不能撤销批次 %(id)s，以下后续工作会丢失：%(lost)s", id=batch.id, lost=told))
    withdrawn = facts.withdraw_batch(session, batch.id, by=by)
    session.flush()
    emptied = filling.empty_again(session, batch, by)
    offered = registry.withdraw_offers(session, batch.id)
    removed = _remove_firms(session, batch, by)
    batch.state = BatchState.UNDONE
    batch.undone_by_name, batch.undone_at, batch.undo_reason = by.name, clock.now(), reason.strip()[:300]
    session.flush()
    changes: dict[str, list[Any]] = {
        "state": [BatchState.APPLIED, BatchState.UNDONE],
        "withdrawn": [None, withdrawn],
        "removed_firms": [None, removed],
        "emptied_fields": [None, emptied],
        "withdrawn_offers": [None, offered],
    }
    record(session, by, Action.IMPORT_UNDO, subject(batch), changes=changes, note=reason.strip())


def _remove_firms(session: Session, batch: ImportBatch, by: Actor) -> int:
    mine = select(Firm.id, Firm.name).where(Firm.id.in_(losses.created(batch)))
    created = session.execute(mine.order_by(Firm.id)).all()
    entries = [(Subject("firm", row.id, row.name, row.id), {"name": [row.name, None]}) for row in created]
    record_many(session, by, Action.IMPORT_UNDO, entries, note=str(tr("撤销导入批次 %(id)s", id=batch.id)))
    # only withdrawn claims of this very batch are left: their raw text stays in the rows of the batch
    for part in portions([row.id for row in created]):
        session.execute(delete(Claim).where(Claim.batch_id == batch.id, Claim.firm_id.in_(part)))
        session.execute(delete(Firm).where(Firm.id.in_(part)))
    session.expire_all()
    return len(created)
