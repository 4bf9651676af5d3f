"""The diary of a firm as a workbook: each change with what led to it, a row a figure or a clause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from app.core import clock
from app.eligibility.diary.queries import Entry
from app.eligibility.past.steps import Datum
from app.facts import display
from app.facts.keeping import indicator_of
from app.facts.sheet import FactValue
from app.sheets.columns import Column, ColumnKind
from app.sheets.write import Watermark, write_table

COLUMNS = (
    Column("at", "变化时间", width=18),
    Column("title", "规则版本", width=26),
    Column("code", "版本编号", ColumnKind.CODE, width=16),
    Column("as_of", "判定日期", width=12),
    Column("before", "原来的结果", width=18),
    Column("after", "现在的结果", width=18),
    Column("why", "原因", width=16),
    Column("what", "引起变化的数据或条款", width=34),
    Column("old", "原值", width=20),
    Column("new", "新值", width=20),
    Column("source", "来源和核定", width=60),
)


def workbook(firm: str, entries: Sequence[Entry], *, exported_by: str, at: datetime) -> bytes:
    """Return the changes as .xlsx, newest first."""
    return write_table(
        COLUMNS,
        [row for entry in entries for row in _rows(entry)],
        created=at,
        sheet="判定日记",
        title=f"{firm} 判定日记",
        notes=["只记判定结果的变化和引起变化的数据；第一次判定没有原来的结果。"],
        watermark=Watermark(exported_by, at),
    )


def _rows(entry: Entry) -> Iterator[dict[str, Any]]:
    change = entry.change
    common = {
        "at": clock.local(change.after.moment).strftime("%Y-%m-%d %H:%M"),
        "title": entry.edition.title,
        "code": entry.edition.code,
        "as_of": change.after.as_of.isoformat(),
        "before": change.before.state.label if change.before else None,
        "after": change.after.state.label,
        "why": "、".join(one.label for one in entry.why) or None,
    }
    details = [*(_figure(one) for one in entry.data), *(_clause(entry, number) for number in range(len(entry.clauses)))]
    for detail in details or [{}]:
        yield common | detail


def _figure(datum: Datum) -> dict[str, Any]:
    source = datum.after.source if datum.after is not None else None
    return {"what": datum.label, "old": _said(datum.before), "new": _said(datum.after), "source": source}


def _clause(entry: Entry, number: int) -> dict[str, Any]:
    change = entry.clauses[number]
    old, new = (side.outcome.label if side is not None else None for side in (change.before, change.after))
    return {"what": f"{change.clause} {change.article}", "old": old, "new": new, "source": change.said}


def _said(value: FactValue | None) -> str | None:
    return None if value is None else display.with_unit(indicator_of(value.key), value.value)
