"""A nomination list as a workbook: the firms on it, and who is not on it and why. Codes stay text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject
from app.core.text import N_
from app.eligibility import listing
from app.eligibility.models import EligibilityList
from app.exports.kinds import Asked, ExportKind, number_in
from app.nominations import queries
from app.nominations.models import ListState, NominationList
from app.nominations.queries import Absent, Place
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition
from app.sheets.columns import Column, ColumnKind
from app.sheets.write import Table

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


def _clean(asked: Asked) -> dict[str, str]:
    return {"list": str(number_in(asked, "list"))}


def _list(session: Session, asked: Asked) -> NominationList:
    return queries.nomination_list(session, number_in(asked, "list"))


def _count(session: Session, actor: Actor, asked: Asked) -> int:
    found = _list(session, asked)
    return len(queries.places(session, found.id, for_=actor)) + len(queries.all_absent(session, found, for_=actor))


def _words(session: Session, _actor: Actor, asked: Asked) -> str:
    return _list(session, asked).title


def _tables(session: Session, actor: Actor, asked: Asked) -> Sequence[Table]:
    found = _list(session, asked)
    drawn = listing.eligibility_list(session, found.eligibility_list_id)
    notes = _notes(found, drawn, rulebooks.edition(session, drawn.edition_id))
    places = queries.places(session, found.id, for_=actor)
    absent = queries.all_absent(session, found, for_=actor)
    return [
        Table(N_("推荐名单"), PLACES, [_place(one) for one in places], found.title, notes),
        Table("未列入名单的企业", ABSENT, [_absence(one) for one in absent], found.title, notes),
    ]


def _about(session: Session, _actor: Actor, asked: Asked) -> Subject:
    found = _list(session, asked)
    return Subject("nomination_list", found.id, found.title)


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


KIND = ExportKind(
    "nomination_list", N_("推荐名单"), "nomination_list", Action.NOMINATION_EXPORT, _clean, _count, _words, _tables,
    _about,
)  # fmt: skip
