"""The list of firms as a workbook: codes stay text, contacts stay out, the log says who took it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.core import clock
from app.core.choices import Choice
from app.core.text import N_, tr
from app.exports.kinds import Asked, ExportKind, number_in
from app.firms import counting, queries, sentence
from app.firms.filtering import FirmFilter
from app.firms.listing import DEFAULT_SORT, FirmRow, export_rows, known_sort, rows_of
from app.firms.taxonomy import ChainRole, ClusterCode, FirmStatus, Town
from app.sheets.columns import Column, ColumnKind
from app.sheets.write import Table

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


def _chosen(asked: Asked) -> list[int]:
    return [number_in({"id": text}, "id") for text in asked.get("ids", "").split(",") if text]


def _clean_chosen(asked: Asked) -> dict[str, str]:
    return {"ids": ",".join(map(str, _chosen(asked)))}


def _count_chosen(session: Session, actor: Actor, asked: Asked) -> int:
    return len(queries.chosen(session, _chosen(asked), for_=actor))


def _words_chosen(_session: Session, _actor: Actor, _asked: Asked) -> str:
    return str(tr("所选企业"))


def _tables_chosen(session: Session, actor: Actor, asked: Asked) -> list[Table]:
    ids = [one.id for one in queries.chosen(session, _chosen(asked), for_=actor)]
    rows = map(_record, rows_of(session, ids))
    notes = [f"{_words_chosen(session, actor, asked)}；共 {len(ids)} 家"]
    return [Table(N_("企业名单"), COLUMNS, rows, N_("企业名单"), notes)]


CHOSEN = ExportKind(
    "chosen_firms", N_("企业名单"), "firm_list", Action.FIRM_EXPORT, _clean_chosen, _count_chosen, _words_chosen,
    _tables_chosen,
)  # fmt: skip


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
