"""An eligibility list as a workbook: codes stay text, reasons and what the list is about stand with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject
from app.core.errors import Conflict
from app.core.text import N_, tr
from app.eligibility import listing
from app.eligibility.listing import ListFilter, ListRow, Overview
from app.eligibility.models import Shortfall
from app.exports.kinds import Asked, ExportKind, number_in
from app.firms.taxonomy import Town
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition
from app.rulebooks.schema import Rulebook
from app.sheets.columns import Column, ColumnKind
from app.sheets.write import Table, Watermark, write_workbook

FILTERS = ("tab", "short", "q", "town", "cluster", "caseworker", "clause")
KINDS = {"new": "新申请", "review": "复核"}
COLUMNS = (
    Column("number", "序号", ColumnKind.INTEGER, width=6),
    Column("name", "企业名称", width=34),
    Column("code", "统一社会信用代码", ColumnKind.CODE, width=22),
    Column("town", "镇街", width=10),
    Column("state", "判定结果", width=16),
    Column("reason", "理由", width=70),
    Column("shortfall", "差距", width=18),
    Column("clause", "只差条款编号", ColumnKind.CODE, width=14),
    Column("article", "只差条款", width=26),
    Column("low", "得分下限", ColumnKind.NUMBER, width=10),
    Column("high", "得分上限", ColumnKind.NUMBER, width=10),
    Column("verdict", "判定编号", ColumnKind.CODE, width=10),
)


def workbook(
    about: Overview, edition: Edition, rows: Sequence[ListRow], *, narrowed: str, exported_by: str, at: datetime
) -> bytes:
    """Return the rows as .xlsx; ``narrowed`` says in words which filters were on (empty: none)."""
    return write_workbook(
        [_table(about, edition, rows, narrowed)], created=at, watermark=Watermark(exported_by, at)
    )  # fmt: skip


def _table(about: Overview, edition: Edition, rows: Sequence[ListRow], narrowed: str) -> Table:
    rulebook = rulebooks.rulebook_of(edition)
    articles = {clause.id: clause.article for clause in rulebook.clauses}
    records = [_record(number, row, articles) for number, row in enumerate(rows, start=1)]
    return Table(N_("资格清单"), COLUMNS, records, about.title, _notes(about, edition, rulebook, len(rows), narrowed))


def _clean(asked: Asked) -> dict[str, str]:
    return {"list": str(number_in(asked, "list"))} | {name: asked[name] for name in FILTERS if asked.get(name)}


def _overview(session: Session, actor: Actor, asked: Asked) -> Overview:
    about = listing.overview(session, number_in(asked, "list"), for_=actor)
    if not about.is_complete:
        raise Conflict(tr("清单还没有生成完毕，完成后才能导出。"))
    return about


def _count(session: Session, actor: Actor, asked: Asked) -> int:
    about = _overview(session, actor, asked)
    return listing.count_rows(session, about.id, ListFilter.read(asked), for_=actor)


def _words(session: Session, actor: Actor, asked: Asked) -> str:
    about, narrowed = _overview(session, actor, asked), listing.in_words(session, ListFilter.read(asked))
    return f"{about.title}：{narrowed}" if narrowed else about.title


def _tables(session: Session, actor: Actor, asked: Asked) -> Sequence[Table]:
    about, wanted = _overview(session, actor, asked), ListFilter.read(asked)
    rows = listing.all_rows(session, about.id, wanted, for_=actor)
    return [_table(about, rulebooks.edition(session, about.edition_id), rows, listing.in_words(session, wanted))]


def _about(session: Session, actor: Actor, asked: Asked) -> Subject:
    about = _overview(session, actor, asked)
    return Subject("eligibility_list", about.id, about.title)


def _notes(about: Overview, edition: Edition, rulebook: Rulebook, count: int, narrowed: str) -> list[str]:
    policies = "；".join(f"{policy.name}（{policy.number}）" for policy in rulebook.policies)
    checked = (
        f"条款已由{edition.checked_by}于 {edition.checked_on} 核对"
        if edition.is_checked
        else "本版条款尚未经人工与官方原文核对，结果仅供内部参考"
    )
    return [
        f"规则版本：{edition.title}（{edition.code}）　判定日期：{about.as_of}　申请类型：{KINDS[about.kind]}",
        f"政策依据：{policies}",
        f"规则校验码：{edition.digest}",
        checked,
        f"范围：{narrowed or '清单全部企业'}　共 {count} 家",
    ]


def _record(number: int, row: ListRow, articles: dict[str, str]) -> dict[str, Any]:
    one = row.shortfall not in (Shortfall.NONE, Shortfall.MORE)
    return {
        "number": number,
        "name": row.name,
        "code": row.credit_code,
        "town": Town(row.town).label if row.town else None,
        "state": row.state,
        "reason": row.reason,
        "shortfall": row.shortfall,
        "clause": row.short_clause if one else None,
        "article": articles.get(row.short_clause) if one else None,
        "low": row.score_low,
        "high": row.score_high,
        "verdict": str(row.verdict_id),
    }


KIND = ExportKind(
    "eligibility_list", N_("资格清单"), "eligibility_list", Action.ELIGIBILITY_EXPORT, _clean, _count, _words, _tables,
    _about,
)  # fmt: skip
