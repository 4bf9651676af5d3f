"""A firm's figures as a workbook: as they stand, or as they stood on a day, each with source, reviewer and reason."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject
from app.core import clock
from app.core.text import N_
from app.exports.kinds import Asked, ExportKind, number_in
from app.facts import display
from app.facts.known import Knowledge, day_of, knowledge
from app.facts.shown import FactShown
from app.firms import queries as firms
from app.firms.models import Firm
from app.sheets.columns import Column, ColumnKind
from app.sheets.write import Table

COLUMNS = (
    Column("key", "指标编码", ColumnKind.CODE, width=22),
    Column("label", "指标", width=34),
    Column("year", "年度", ColumnKind.INTEGER, width=8),
    Column("number", "数值", ColumnKind.NUMBER, width=16),
    Column("text", "内容", width=30),
    Column("unit", "单位", width=8),
    Column("origin", "来源", width=16),
    Column("trust", "可信程度", width=12),
    Column("source", "出处", width=44),
    Column("reviewer", "核定人", width=12),
    Column("accepted", "核定日期", width=12),
    Column("reason", "理由", width=40),
    Column("later", "后来的核定值", width=24),
)


def _clean(asked: Asked) -> dict[str, str]:
    day = day_of(asked.get("known"))
    return {"firm": str(number_in(asked, "firm"))} | ({"known": day.isoformat()} if day else {})


def _known(session: Session, actor: Actor, asked: Asked) -> tuple[Firm, Knowledge]:
    firm = firms.firm(session, number_in(asked, "firm"), for_=actor)
    return firm, knowledge(session, firm.id, day_of(asked.get("known")))


def _count(session: Session, actor: Actor, asked: Asked) -> int:
    return len(_known(session, actor, asked)[1].facts)


def _words(session: Session, actor: Actor, asked: Asked) -> str:
    firm, known = _known(session, actor, asked)
    return f"{firm.name}{_until(known)}的核定值"


def _until(known: Knowledge) -> str:
    if known.day is not None:
        return f"截至 {known.day.isoformat()} 日终"
    return f"截至 {clock.local(clock.now()):%Y-%m-%d %H:%M}"


def _tables(session: Session, actor: Actor, asked: Asked) -> Sequence[Table]:
    """Figures that came only after the day stand below with no value."""
    firm, known = _known(session, actor, asked)
    stood = {(fact.key, fact.year) for fact in known.facts}
    rows = [_record(fact, known) for fact in known.facts]
    rows += [_unknown(fact) for place, fact in known.later.items() if place not in stood]
    note = f"{_until(known)}的核定值，共 {len(known.facts)} 个；空白为未知，不是 0。"
    return [Table(N_("核定值"), COLUMNS, rows, f"{firm.name}核定值", [note])]


def _about(session: Session, actor: Actor, asked: Asked) -> Subject:
    firm = firms.firm(session, number_in(asked, "firm"), for_=actor)
    return Subject("firm", firm.id, firm.name, firm.id)


def _record(fact: FactShown, known: Knowledge) -> dict[str, Any]:
    later = known.later.get((fact.key, fact.year))
    number = fact.columns[0]
    shown = number * 100 if number is not None and fact.indicator.is_ratio else number
    return {
        "key": fact.key,
        "label": fact.indicator.label,
        "year": fact.year,
        "number": shown,
        "text": None if number is not None else str(fact.shown),
        "unit": "%" if fact.indicator.is_ratio else fact.unit if isinstance(fact.value, Decimal) else None,
        "origin": fact.origin.label,
        "trust": fact.origin.trust.label,
        "source": fact.source_label,
        "reviewer": fact.accepted_by_name,
        "accepted": clock.local(fact.accepted_at).date().isoformat(),
        "reason": fact.reason,
        "later": _later(later) if later is not None else None,
    }


def _unknown(fact: FactShown) -> dict[str, Any]:
    return {"key": fact.key, "label": fact.indicator.label, "year": fact.year, "later": _later(fact)}


def _later(fact: FactShown) -> str:
    day = clock.local(fact.accepted_at).date().isoformat()
    return f"{display.with_unit(fact.indicator, fact.value)}（{day} {fact.accepted_by_name}核定）"


KIND = ExportKind(
    "firm_figures", N_("核定值"), "firm", Action.FACT_EXPORT, _clean, _count, _words, _tables, _about
)  # fmt: skip
