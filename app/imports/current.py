"""Figures of filtered firms as the table that the import reads: what comes back unchanged changes nothing.

One row a firm with the columns of the blank template, in their units; a second sheet says where each figure is from.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.core import clock
from app.core.text import N_, tr
from app.exports.kinds import Asked, ExportKind
from app.facts import queries as facts
from app.facts.models import Fact
from app.facts.shown import FactShown
from app.firms import export as firm_export
from app.firms import listing, sentence
from app.firms.filtering import FirmFilter
from app.firms.listing import FirmRow
from app.firms.models import Firm
from app.firms.taxonomy import ClusterCode, Town
from app.imports.layouts.profile import ProfileColumn, profile
from app.imports.template import column_of
from app.sheets.columns import Column, ColumnKind
from app.sheets.write import Record, Table

PROFILE = "annual-firms"
CHUNK = 200
YEARS_BACK = 12
# headers that the import does not know: this sheet is for reading and must not come back as rows
SOURCES = (
    Column("firm", "指标所属", width=32),
    Column("credit_code", "所属代码", ColumnKind.CODE, width=22),
    Column("indicator", "指标", width=24),
    Column("year", "所属年", ColumnKind.YEAR, width=8),
    Column("value", "数值", ColumnKind.NUMBER, width=16),
    Column("unit", "单位", width=10),
    Column("state", "状态", width=10),
    Column("source", "来源", width=36),
    Column("accepted_by", "核定人", width=12),
    Column("accepted_on", "核定日期", ColumnKind.DATE, width=12),
)


def clean(asked: Asked) -> dict[str, str]:
    """Keep the filters of the list of firms and the year of the figures."""
    return firm_export.clean(asked) | {"year": str(year_of(asked))}


def year_of(asked: Asked) -> int:
    """Return the year asked for; last year where none, or nonsense, is."""
    last = clock.today().year - 1
    text = asked.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else last
    return year if last - YEARS_BACK <= year <= last + 1 else last


def _words(session: Session, _actor: Actor, asked: Asked) -> str:
    words = sentence.described(session, FirmFilter.read(asked))
    return str(tr("%(firms)s，%(year)s 年度指标", firms=words, year=year_of(asked)))


def _tables(session: Session, actor: Actor, asked: Asked) -> Sequence[Table]:
    columns = profile(PROFILE).template_columns()
    sheet = [column_of(column) for column in columns]
    figures = (record for row, held in _firms(session, actor, asked) for record in [_row(row, held, columns)])
    sources = (record for row, held in _firms(session, actor, asked) for record in _origins(row, held))
    return [
        Table(N_("指标数据"), sheet, figures),
        Table(N_("数据来源"), SOURCES, sources, N_("数据来源"), [_words(session, actor, asked)]),
    ]


Held = dict[str, FactShown]


def _firms(session: Session, actor: Actor, asked: Asked) -> Iterator[tuple[dict[str, Any], Held]]:
    """Give each firm with its figures of the year, and those that have no year."""
    rows = listing.export_rows(session, actor, FirmFilter.read(asked), listing.known_sort(asked.get("sort", "")))
    while part := list(itertools.islice(rows, CHUNK)):
        ids = [row.id for row in part]
        more = {one.id: one for one in session.scalars(select(Firm).where(Firm.id.in_(ids)))}
        held: dict[int, Held] = {}
        of_year = or_(Fact.year == year_of(asked), Fact.year.is_(None))
        for fact in facts.facts_where(session, Fact.firm_id.in_(ids), Fact.superseded_at.is_(None), of_year):
            held.setdefault(fact.firm_id, {})[fact.key] = fact
        yield from ((_identity(row, more[row.id]), held.get(row.id, {})) for row in part)


def _identity(row: FirmRow, firm: Firm) -> dict[str, Any]:
    return {
        "name": row.name,
        "short_name": row.short_name,
        "credit_code": row.credit_code,
        "security_code": row.security_code,
        "town": Town(row.town).label if row.town else None,
        "cluster": "、".join(ClusterCode(one).label for one in row.clusters),
        "address": firm.address,
        "industry": firm.industry,
        "registered_on": firm.registered_on,
    }


def _row(identity: dict[str, Any], held: Held, columns: Sequence[ProfileColumn]) -> Record:
    """A field of the firm's own first; a figure only in the unit of its column."""
    made: dict[str, object] = {}
    for column in columns:
        fact = held.get(column.key) if column.key else None
        if column.field in identity:
            made[column.field] = identity[column.field]
        elif fact is not None and column.indicator is not None and column.unit in {"", column.indicator.unit}:
            made[column.field or column.key] = fact.value
    return made


def _origins(identity: dict[str, Any], held: Held) -> Iterator[Record]:
    for fact in held.values():
        yield {
            "firm": identity["name"],
            "credit_code": identity["credit_code"],
            "indicator": fact.label,
            "year": fact.year,
            "value": fact.value,
            "unit": fact.unit,
            "state": N_("已核定"),
            "source": fact.source_label,
            "accepted_by": fact.accepted_by_name,
            "accepted_on": clock.local(fact.accepted_at).date(),
        }


KIND = ExportKind(
    "figures", N_("指标数据"), "fact", Action.FACT_EXPORT, clean, firm_export.exact_count, _words, _tables
)
