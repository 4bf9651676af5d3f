"""Undo: the exact inverse of apply. It refuses, with a list, when later work would be lost."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.accounts.models import Mandate
from app.audit.service import Subject, record, record_many
from app.core import clock
from app.core.db import Base
from app.core.errors import Conflict, Invalid
from app.core.text import N_, Message, tr
from app.facts import service as facts
from app.facts.keeping import name_of
from app.facts.models import Claim, ClaimState, Evidence
from app.firms import registry
from app.firms.models import Firm
from app.imports import filling
from app.imports.models import BatchState, ImportBatch, ImportRow
from app.imports.queries import portions
from app.imports.service import subject

NAMED = 10
_OWN = frozenset({"import_row", "firm_cluster", "former_name", "firm_key", "claim", "duplicate_pair"})
"""Tables that an import itself fills for a new firm; what was changed there later is looked at apart."""

_TABLES = {
    "contact": N_("联系人"),
    "roster_entry": N_("规上名录"),
    "fact": N_("核定值"),
    "verdict": N_("资格判定"),
    "firm_merge": N_("合并记录"),
    "firm_event": N_("登记变动"),
    "name_offer": N_("更名提示"),
    "nomination": N_("推荐名单"),
    "dossier": N_("申报材料"),
    "enrolment": N_("培育专项"),
}


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
    # held fast first: a figure accepted between the look and the undo would be lost unseen
    pending = select(Claim.id).where(Claim.batch_id == batch.id, Claim.state == ClaimState.PENDING)
    session.execute(pending.order_by(Claim.id).with_for_update())
    lost = losses(session, batch)
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


def _created(batch: ImportBatch) -> Select[int | None]:
    return select(ImportRow.firm_id).where(
        ImportRow.batch_id == batch.id, ImportRow.created_firm, ImportRow.firm_id.is_not(None)
    )


def _remove_firms(session: Session, batch: ImportBatch, by: Actor) -> int:
    created = session.execute(select(Firm.id, Firm.name).where(Firm.id.in_(_created(batch))).order_by(Firm.id)).all()
    entries = [(Subject("firm", row.id, row.name, row.id), {"name": [row.name, None]}) for row in created]
    record_many(session, by, Action.IMPORT_UNDO, entries, note=str(tr("撤销导入批次 %(id)s", id=batch.id)))
    # only withdrawn claims of this very batch are left: their raw text stays in the rows of the batch
    for part in portions([row.id for row in created]):
        session.execute(delete(Claim).where(Claim.batch_id == batch.id, Claim.firm_id.in_(part)))
        session.execute(delete(Firm).where(Firm.id.in_(part)))
    session.expire_all()
    return len(created)


def losses(session: Session, batch: ImportBatch) -> list[Message]:
    """Return what an undo would destroy, one sentence each; empty when it is safe."""
    found = _decided_claims(session, batch)
    created = _created(batch)
    found += _changed_firms(session, batch)
    found += _told(
        session,
        tr("另有来源填报了数据"),
        select(Firm.name)
        .join(Claim, Claim.firm_id == Firm.id)
        .where(Firm.id.in_(created), or_(Claim.batch_id.is_(None), Claim.batch_id != batch.id)),
    )
    attached = select(Firm.name).join(Claim, Claim.firm_id == Firm.id).join(Evidence, Evidence.claim_id == Claim.id)
    found += _told(session, tr("已附佐证材料"), attached.where(Firm.id.in_(created)))
    people = select(Firm.name).join(Mandate, Mandate.firm_id == Firm.id)
    found += _told(session, tr("已开通企业账号"), people.where(Firm.id.in_(created)))
    for table in Base.metadata.sorted_tables:
        columns = [fk.parent for fk in table.foreign_keys if fk.column.table.name == "firm"]
        if not columns or table.name in _OWN:
            continue
        label = Message(_TABLES.get(table.name, table.name))
        for column in columns:
            statement = select(Firm.name).join(table, column == Firm.id).where(Firm.id.in_(created))
            if table.name == "roster_entry":  # those of this very import go with it
                mine = f"（导入批次 {batch.id}）"
                statement = statement.where(~table.c.source.endswith(mine, autoescape=True))
            found += _told(session, tr("已有%(what)s", what=label), statement)
    return found


def stays(session: Session, batch: ImportBatch) -> list[Message]:
    """Return what people decided on what this import asked: it stays as it is, undone or not."""
    return [
        tr("“%(firm)s”的更名提示“%(name)s”已由%(who)s处理：%(how)s", firm=firm, name=one.name, who=one.decided_by_name,
           how=one.decision)
        for firm, one in registry.decided_offers(session, batch.id)
    ]  # fmt: skip


def _decided_claims(session: Session, batch: ImportBatch) -> list[Message]:
    """Accepted claims are lost anywhere; rejected ones only with the firm itself."""
    accepted = Claim.state == ClaimState.ACCEPTED
    rejected = (Claim.state == ClaimState.REJECTED) & Claim.firm_id.in_(_created(batch))
    found: list[Message] = []
    for condition, what in ((accepted, tr("已核定")), (rejected, tr("已退回"))):
        where = (Claim.batch_id == batch.id, condition)
        total = session.scalar(select(func.count()).select_from(Claim).where(*where)) or 0
        if not total:
            continue
        rows = session.execute(
            select(Firm.name, Claim.key, Claim.year, Claim.reviewed_by_name)
            .join(Claim, Claim.firm_id == Firm.id)
            .where(*where)
            .order_by(Claim.id)
            .limit(NAMED)
        ).all()
        named = "、".join(f"{firm}“{name_of(key, year)}”（{who}）" for firm, key, year, who in rows)
        found.append(tr("%(n)s 个数据%(what)s：%(named)s%(more)s", n=total, what=what, named=named, more=_more(total)))
    return found


def _changed_firms(session: Session, batch: ImportBatch) -> list[Message]:
    mine = Firm.id.in_(_created(batch))
    assigned = Firm.caseworker_id.is_not(None) & (Firm.caseworker_id != (batch.applied_by or 0))
    changed = _told(session, tr("档案已被修改"), select(Firm.name).where(mine, Firm.version > 1))
    return changed + _told(session, tr("已分派经办人"), select(Firm.name).where(mine, assigned))


def _told(session: Session, what: Message, statement: Select[str]) -> list[Message]:
    distinct = statement.distinct()
    total = session.scalar(select(func.count()).select_from(distinct.subquery())) or 0
    if not total:
        return []
    named = "、".join(session.scalars(distinct.order_by(Firm.name).limit(NAMED)))
    return [tr("%(n)s 家企业%(what)s：%(named)s%(more)s", n=total, what=what, named=named, more=_more(total))]


def _more(total: int) -> Message | str:
    return tr("等") if total > NAMED else ""
