"""What an undo would destroy, and what it leaves: looked at before anything is taken back, told one sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.accounts.models import Mandate
from app.audit.labels import subject_label
from app.audit.models import AuditEvent
from app.core.text import Message, tr
from app.facts.keeping import name_of
from app.facts.models import Claim, ClaimState
from app.firms import registry
from app.firms.models import DuplicatePair, Firm, FirmMerge
from app.firms.relations import relations
from app.firms.taxonomy import MergeState, PairState
from app.imports import filling, leaning
from app.imports.models import BatchState, ImportBatch, ImportRow

NAMED = 10
APART = frozenset({"audit_event", "claim", "import_row", "firm_cluster", "former_name", "mandate"})
"""What hangs on firms and is looked at apart here, or changes nowhere but with the firm's own record."""
Created = Select[int | None]


def told(session: Session, batch: ImportBatch) -> list[Message]:
    """Return what an undo would destroy, one sentence each; empty when it is safe."""
    return [
        *_decided_claims(session, batch),
        *_of_created(session, batch),
        *_merged_since(session, batch),
        *leaning.told(session, batch),
    ]


def stays(session: Session, batch: ImportBatch) -> list[Message]:
    """Return what people decided on what this import brought: it stays as it is, undone or not."""
    offers = [
        tr("“%(firm)s”的更名提示“%(name)s”已由%(who)s处理：%(how)s", firm=firm, name=one.name, who=one.decided_by_name,
           how=one.decision)
        for firm, one in registry.decided_offers(session, batch.id)
    ]  # fmt: skip
    return [*offers, *filling.changed_since(session, batch)]


def created(batch: ImportBatch) -> Created:
    """Return the firms that a batch created, as a query of their ids."""
    return select(ImportRow.firm_id).where(
        ImportRow.batch_id == batch.id, ImportRow.created_firm, ImportRow.firm_id.is_not(None)
    )


def touched(batch: ImportBatch) -> ColumnElement[bool]:
    """Return the condition on firms that an undo writes or removes, or of whose figures it takes some back."""
    rows = select(ImportRow.firm_id).where(ImportRow.batch_id == batch.id)
    return or_(Firm.id.in_(rows), Firm.id.in_(select(Claim.firm_id).where(Claim.batch_id == batch.id)))


def _decided_claims(session: Session, batch: ImportBatch) -> Iterator[Message]:
    """Accepted claims are lost anywhere; rejected ones only with the firm itself."""
    accepted = Claim.state == ClaimState.ACCEPTED
    rejected = and_(Claim.state == ClaimState.REJECTED, Claim.firm_id.in_(created(batch)))
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
        yield tr("%(n)s 个数据%(what)s：%(named)s%(more)s", n=total, what=what, named=named, more=more(total))


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of later work on the firms that an import created, and the names of the firms that have it."""

    what: Message
    firms: Select[str]


def _of_created(session: Session, batch: ImportBatch) -> Iterator[Message]:
    mine = Firm.id.in_(created(batch))
    for kind in (*_by_the_record(batch, mine), *_by_other_rows(batch, mine), *_by_relations(batch, mine)):
        distinct = kind.firms.distinct()
        total = session.scalar(select(func.count()).select_from(distinct.subquery())) or 0
        if total:
            named = "、".join(session.scalars(distinct.order_by(Firm.name).limit(NAMED)))
            yield tr("%(n)s 家企业%(what)s：%(named)s%(more)s", n=total, what=kind.what, named=named, more=more(total))


def _by_the_record(batch: ImportBatch, mine: ColumnElement[bool]) -> Iterator[_Kind]:
    """Every change of a firm's own record counts its version up, but for who looks after it: that is in the log."""
    names = select(Firm.name).where(mine)
    yield _Kind(tr("档案已被修改"), names.where(Firm.version > 1))
    assigned = select(AuditEvent.firm_id).where(
        AuditEvent.action == Action.FIRM_ASSIGN, AuditEvent.at >= batch.applied_at
    )
    yield _Kind(tr("已分派经办人"), names.where(Firm.id.in_(assigned)))
    yield _Kind(tr("已开通企业账号"), names.join(Mandate, Mandate.firm_id == Firm.id))
    pairs = or_(DuplicatePair.low_id == Firm.id, DuplicatePair.high_id == Firm.id)
    decided = names.join(DuplicatePair, pairs).where(DuplicatePair.state != PairState.OPEN)
    yield _Kind(tr("的疑似重复已由人处理"), decided)
    merges = or_(FirmMerge.survivor_id == Firm.id, FirmMerge.loser_id == Firm.id)
    yield _Kind(tr("已有%(what)s", what=tr("合并记录")), names.join(FirmMerge, merges))


def _by_other_rows(batch: ImportBatch, mine: ColumnElement[bool]) -> Iterator[_Kind]:
    """What others say of the firm, and rows of other imports that mean it."""
    names = select(Firm.name).where(mine)
    others = or_(Claim.batch_id.is_(None), Claim.batch_id != batch.id)
    yield _Kind(tr("另有来源填报了数据"), names.join(Claim, Claim.firm_id == Firm.id).where(others))
    another = ImportRow.batch_id != batch.id
    applied = (
        names.join(ImportRow, ImportRow.firm_id == Firm.id)
        .join(ImportBatch, ImportBatch.id == ImportRow.batch_id)
        .where(another, ImportBatch.state == BatchState.APPLIED)
    )
    yield _Kind(tr("在另一批导入中也有"), applied)
    meant = names.join(ImportRow, ImportRow.decided_firm_id == Firm.id).where(another)
    yield _Kind(tr("在另一批导入中由人指定"), meant)


def _by_relations(batch: ImportBatch, mine: ColumnElement[bool]) -> Iterator[_Kind]:
    """Every relation of firms, whichever room it belongs to: a new one is found without a word here."""
    for one in relations():
        if one.name in APART or one.way == "derive" or one.by_machine:
            continue
        having = select(Firm.name).join(one.table, one.column == Firm.id).where(mine)
        if one.name == "roster_entry":  # those of this very import go with it
            having = having.where(~filling.of_batch(batch))
        yield _Kind(tr("已有%(what)s", what=Message(subject_label(one.name))), having)


def _merged_since(session: Session, batch: ImportBatch) -> list[Message]:
    """A merge keeps what both records held: taking it back would bring again what the undo emptied."""
    filled = filling.filled_firms(batch)
    rows = session.scalars(
        select(FirmMerge.id)
        .where(
            FirmMerge.state == MergeState.MERGED,
            FirmMerge.merged_at >= batch.applied_at,
            or_(FirmMerge.survivor_id.in_(filled), FirmMerge.loser_id.in_(filled)),
        )
        .order_by(FirmMerge.id)
    ).all()
    return [tr("第 %(id)s 号合并用到了本批次补充的企业资料，请先撤销合并", id=number) for number in rows]


def more(total: int) -> Message | str:
    """Return the word that says that not all are named."""
    return tr("等") if total > NAMED else ""
