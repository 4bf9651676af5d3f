"""The list of firms as a workbook: codes stay text, contacts stay out, the log says who took it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.service import Subject
from app.core import clock
from app.core.choices import Choice
from app.core.text import N_, tr
from app.exports.kinds import Asked, ExportKind
from app.firms import counting, sentence
from app.firms.filtering import FirmFilter
from app.firms.listing import DEFAULT_SORT, FirmRow, export_rows, known_sort
from app.firms.taxonomy import ChainRole, ClusterCode, FirmStatus, Town
from app.sheets.columns import Column, ColumnKind
from app.sheets.write import Table, Watermark, write_table

COLUMNS = (
    Column("name", "企业名称", width=36),
    Column("short_name", "简称"),
    Column("credit_code", "统一社会信用代码", ColumnKind.CODE, width=22),
    Column("security_code", "证券代码", ColumnKind.CODE, width=10),
    Column("town", "镇街", width=10),
    Column("primary_cluster", "主要产业集群", width=18),
    Column("other_clusters", "同时属于", width=24),
    Column("chain_role", "链上角色", width=12),
    Column("roster_year", "最近规上年度", ColumnKind.YEAR, width=14),
    Column("caseworker", "经办人", width=10),
    Column("status", "登记状态", width=10),
    Column("updated_on", "更新日期", ColumnKind.DATE, width=12),
    Column("is_demo", "备注", width=14),
)


def chosen(session: Session, rows: list[FirmRow], *, by: Actor) -> bytes:
    """Return chosen firms as .xlsx."""
    return _workbook(session, rows, str(tr("所选企业")), by=by)


def clean(asked: Asked) -> dict[str, str]:
    """Keep of an address what the list of firms understands."""
    sort = known_sort(asked.get("sort", ""))
    return FirmFilter.read(asked).as_query() | ({"sort": sort} if sort != DEFAULT_SORT else {})


def exact_count(session: Session, actor: Actor, asked: Asked) -> int:
    """Return how many firms the view has, to the last."""
    return counting.exact(session, actor, FirmFilter.read(asked))


def _words(session: Session, _actor: Actor, asked: Asked) -> str:
    return sentence.described(session, FirmFilter.read(asked))


def _tables(session: Session, actor: Actor, asked: Asked) -> list[Table]:
    wanted = FirmFilter.read(asked)
    rows = map(_record, export_rows(session, actor, wanted, known_sort(asked.get("sort", ""))))
    words = sentence.described(session, wanted)
    return [Table(N_("企业名单"), COLUMNS, rows, N_("企业名单"), [words])]


KIND = ExportKind("firms", N_("企业名单"), "firm_list", Action.FIRM_EXPORT, clean, exact_count, _words, _tables)


def _workbook(session: Session, rows: list[FirmRow], words: str, *, by: Actor) -> bytes:
    now = clock.now()
    content = write_table(
        COLUMNS,
        map(_record, rows),
        created=now,
        sheet=N_("企业名单"),
        title=N_("企业名单"),
        notes=[f"{words}；共 {len(rows)} 家"],
        watermark=Watermark(by.name, now),
    )
    subject = Subject("firm_list", None, str(tr("企业名单")))
    changes = {"filters": (None, words), "rows": (None, len(rows))}
    audit.record(session, by, Action.FIRM_EXPORT, subject, changes=changes)
    return content


def _record(row: FirmRow) -> dict[str, object]:
    words = [_word(ClusterCode, one) for one in row.clusters]
    return {
        "name": row.name,
        "short_name": row.short_name,
        "credit_code": row.credit_code,
        "security_code": row.security_code,
        "town": _word(Town, row.town),
        "primary_cluster": words[0] if words else "",
        "other_clusters": "、".join(words[1:]),
        "chain_role": _word(ChainRole, row.chain_role),
        "roster_year": row.roster_year,
        "caseworker": row.caseworker,
        "status": _word(FirmStatus, row.status),
        "updated_on": clock.local(row.updated_at).date(),
        "is_demo": "演示数据（虚构）" if row.is_demo else "",
    }


def _word(choices: type[Choice], value: str | None) -> str:
    return choices(value).label if value else ""
