"""Very many invented firms in one go, for measuring search and lists: names put together, so their pinyin is too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.access.towns import Town
from app.core.db import Database
from app.demo.invented import CLUSTERS
from app.firms import search_text
from app.firms.taxonomy import FirmStatus

PLACES = ("江门市", "江门市蓬江区", "蓬江区", "广东", "江门", "江门市棠下镇", "江门市荷塘镇")
SIGNS = "华盛光电科海信恒达新联创泰丰金宏远嘉美瑞安德利永顺和兴隆益通捷凯亿万众合源润佳诚博雅思维"
PRODUCTS = ("精密制造", "精密五金", "光电科技", "照明电器", "摩托车配件", "食品", "包装材料", "智能装备", "新材料",
            "塑料制品", "机电设备", "电子", "不锈钢制品", "纸业", "家具")  # fmt: skip
FORMS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "厂")
FIRST = datetime(2025, 1, 1)  # noqa: DTZ001 - as SQLite keeps moments
FIRM = ("id", "name", "short_name", "credit_code", "code_confirmed", "town", "address", "industry", "status", "note",
        "source", "is_demo", "search_text", "name_key", "created_at", "updated_at", "version")  # fmt: skip
RARE = 7_919  # every so manieth firm has a word that is rare
STEP = 20_000


def fill(database: Database, count: int) -> None:
    """Put ``count`` firms with cluster and roster into a migrated database; the index is kept as always."""
    parts = {part: _syllables(part) for part in {*PLACES, *SIGNS, *PRODUCTS, *FORMS, "鲲鹏"}}
    for start in range(1, count + 1, STEP):
        numbers = range(start, min(start + STEP, count + 1))
        with database.transaction() as session:
            _put(session, "firm", FIRM, [_firm(number, parts) for number in numbers])
            clusters = [(one, CLUSTERS[one % 5].value, True) for one in numbers]
            _put(session, "firm_cluster", ("firm_id", "cluster", "is_primary"), clusters)
            years = [(one, 2025, "测量") for one in numbers if (one * 7_919) % 40_009 < 1_000]
            _put(session, "roster_entry", ("firm_id", "year", "source"), years)


def _put(session: Session, table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    """Insert past SQLAlchemy, which takes ten times as long as the database."""
    sign = "?" if session.get_bind().dialect.name == "sqlite" else "%s"
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([sign] * len(columns))})"  # noqa: S608
    if rows:
        session.connection().exec_driver_sql(statement, rows)


def _syllables(text: str) -> list[str]:
    return search_text.sort_key(text).split()


def _firm(number: int, parts: dict[str, list[str]]) -> tuple[Any, ...]:
    made = list(_name(number))
    name = "".join(made)
    syllables = [one for part in made for one in parts[part]]
    code = f"91440703MA{number:08d}"
    chance = number * 2_654_435_761 % 2**32  # towns, codes and rosters hang together with nothing else
    head = f"{name}\n{''.join(one[0] for one in syllables)}"
    status = FirmStatus.REVOKED if (chance >> 3) % 997 == 0 else FirmStatus.ACTIVE
    town = list(Town)[(chance >> 7) % 6].value if (chance >> 11) % 10 else None
    changed = str(FIRST + timedelta(minutes=chance >> 12))
    kept = f"{head}{search_text.BREAK}{code.lower()}\n{''.join(syllables)}"
    return (
        number, name, "", code if (chance >> 5) % 3 else None, False, town, "", "", status.value, "", "测量", True,
        kept, " ".join(syllables), changed, changed, 1,
    )  # fmt: skip


def _name(number: int) -> Iterator[str]:
    yield PLACES[number % len(PLACES)]
    if number % RARE == 0:
        yield "鲲鹏"
    rest = number * 2_654_435 % len(SIGNS) ** 4
    for _ in range(4):
        rest, sign = divmod(rest, len(SIGNS))
        yield SIGNS[sign]
    yield PRODUCTS[number % len(PRODUCTS)]
    yield FORMS[number % len(FORMS)]
