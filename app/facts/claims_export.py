"""The claims of the review queue as a table: one row a claim, with its source and what was decided."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.core.text import N_
from app.exports.kinds import Asked, ExportKind
from app.facts import filtering, queue
from app.facts.filtering import QueueFilter
from app.facts.keeping import indicator_of
from app.facts.models import Claim
from app.sheets.columns import Column, ColumnKind
from app.sheets.write import Record, Table

COLUMNS = (
    Column("firm", "企业名称", width=32),
    Column("credit_code", "统一社会信用代码", ColumnKind.CODE, width=22),
    Column("indicator", "指标", width=24),
    Column("year", "年度", ColumnKind.YEAR, width=8),
    Column("value", "数值", ColumnKind.NUMBER, width=16),
    Column("text", "文字值", width=20),
    Column("unit", "单位", width=10),
    Column("source", "来源", width=36),
    Column("kind", "来源类别", width=12),
    Column("state", "状态", width=10),
    Column("stated_by", "填报人", width=12),
    Column("stated_on", "填报日期", ColumnKind.DATE, width=12),
    Column("reviewed_by", "审核人", width=12),
    Column("review_note", "审核意见", width=30),
)


def _clean(asked: Asked) -> dict[str, str]:
    return QueueFilter.from_plain(asked).as_plain()


def _count(session: Session, actor: Actor, asked: Asked) -> int:
    return queue.count_claims(session, QueueFilter.from_plain(asked), for_=actor)


def _words(_session: Session, _actor: Actor, asked: Asked) -> str:
    return "，".join(str(part) for part in filtering.in_words(QueueFilter.from_plain(asked)))


def _tables(session: Session, actor: Actor, asked: Asked) -> Sequence[Table]:
    chosen = QueueFilter.from_plain(asked)
    rows = (_record(*found) for found in queue.all_claims(session, chosen, for_=actor))
    return [Table(N_("申报值"), COLUMNS, rows, N_("申报值"), [_words(session, actor, asked)])]


def _record(claim: Claim, firm: str, code: str | None) -> Record:
    indicator = indicator_of(claim.key)
    return {
        "firm": firm,
        "credit_code": code,
        "indicator": indicator.label,
        "year": claim.year,
        "value": claim.number,
        "text": claim.raw if claim.number is None else "",
        "unit": indicator.unit,
        "source": claim.source_label,
        "kind": claim.source_kind.label,
        "state": claim.state.label,
        "stated_by": claim.stated_by_name,
        "stated_on": claim.stated_at.date(),
        "reviewed_by": claim.reviewed_by_name,
        "review_note": claim.review_note,
    }


KIND = ExportKind("claims", N_("申报值"), "claim", Action.FACT_EXPORT, _clean, _count, _words, _tables)
