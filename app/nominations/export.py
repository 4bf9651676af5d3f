"""A nomination list as a workbook: the firms on it, and who is not on it and why. Codes stay text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.eligibility.models import EligibilityList
from app.nominations.models import ListState, NominationList
from app.nominations.queries import Absent, Place
from app.rulebooks.models import Edition
from app.sheets.columns import Column, ColumnKind
from app.sheets.write import Table, Watermark, write_workbook

PLACES = (
    Column("rank", "排序", ColumnKind.INTEGER, width=6),
    Column("name", "企业名称", width=34),
    Column("code", "统一社会信用代码", ColumnKind.CODE, width=22),
    Column("decision", "意见", width=10),
    Column("reason", "理由", width=50),
    Column("verdict", "判定结果", width=16),
    Column("exception", "例外推荐", ColumnKind.YES_NO, width=10),
    Column("amount", "金额", ColumnKind.NUMBER, unit="万元", width=12),
    Column("amount_source", "金额依据", width=30),
    Column("decided_by", "提出人", width=12),
    Column("decided_at", "提出时间", width=18),
)
ABSENT = (
    Column("name", "企业名称", width=34),
    Column("code", "统一社会信用代码", ColumnKind.CODE, width=22),
    Column("verdict", "判定结果", width=16),
    Column("line", "未列入的原因", width=80),
)


def workbook(
    found: NominationList,
    drawn: EligibilityList,
    edition: Edition,
    places: Sequence[Place],
    absent: Sequence[Absent],
    *,
    exported_by: str,
    at: datetime,
) -> bytes:
    """Return the list as .xlsx with two sheets."""
    notes = _notes(found, drawn, edition)
    return write_workbook(
        [
            Table("推荐名单", PLACES, [_place(one) for one in places], found.title, notes),
            Table("未列入名单的企业", ABSENT, [_absence(one) for one in absent], found.title, notes),
        ],
        created=at,
        watermark=Watermark(exported_by, at),
    )


def _notes(found: NominationList, drawn: EligibilityList, edition: Edition) -> list[str]:
    quota = f"{found.quota} 家" if found.quota is not None else "未定义"
    frozen = (
        f"{found.frozen_by_name}锁定，校验码 {found.digest}"
        if found.state is ListState.FROZEN
        else f"状态：{found.state.label}（尚未锁定，内容可能变化）"
    )
    return [
        f"规则版本：{edition.title}（{edition.code}）　判定日期：{drawn.as_of}　资格清单编号：{drawn.id}",
        f"名额上限：{quota}　拟定人：{found.created_by_name}",
        frozen,
    ]


def _place(one: Place) -> dict[str, Any]:
    return {
        "rank": one.rank,
        "name": one.name,
        "code": one.credit_code,
        "decision": one.decision,
        "reason": one.reason or one.verdict_reason,
        "verdict": one.state,
        "exception": one.is_exception,
        "amount": one.amount,
        "amount_source": one.amount_source,
        "decided_by": one.decided_by_name,
        "decided_at": one.decided_at,
    }


def _absence(one: Absent) -> dict[str, Any]:
    return {"name": one.name, "code": one.credit_code, "verdict": one.state, "line": one.line}
