"""Very many invented firms in one go, for measuring search and lists: names put together, so their pinyin is too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine.interfaces import DBAPICursor

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
TABLES = {
    "firm": FIRM,
    "firm_cluster": ("firm_id", "cluster", "is_primary"),
    "roster_entry": ("firm_id", "year", "source"),
}
WORDS = {1: "麒麟瑞雪", 10: "鹊桥仙鹤", 300: "琼琚琪瑶", 3_000: "启诺乾坤", 30_000: "鹏程千帆", 300_000: "企航齐鸣"}
"""Words by how many of 600,000 firms have them in their names; nothing else sounds like them."""
WHOLE = 600_000
STEP = 20_000


def fill(database: Database, count: int) -> None:
    """Put ``count`` firms with cluster and roster into a migrated database.

    All in one go past SQLAlchemy and past the search index, which is built at the end of all rows together: that is
    less than half of the time. Keys for matching imports are not made.
    """
    database.dispose()  # the settings below want the file for themselves
    with closing(database.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        if database.is_sqlite:
            for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
                cursor.execute(f"PRAGMA {setting}")
            cursor.execute("BEGIN")
            kept, filled = _taken_off_sqlite(cursor)
        else:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("SET maintenance_work_mem = '1GB'")  # the index of grams is built in one piece
            kept, filled = _taken_off_postgresql(cursor), []
        _rows(cursor, database.is_sqlite, count)
        for statement in (*filled, *kept):
            cursor.execute(statement)
        connection.commit()
        if not database.is_sqlite:
            cursor.connection.autocommit = True  # type: ignore[attr-defined]
            cursor.execute("VACUUM ANALYZE")  # as autovacuum does after a while
        cursor.close()
    database.dispose()  # and they end with the connection


def _taken_off_sqlite(cursor: DBAPICursor) -> tuple[list[str], list[str]]:
    """Drop indexes and triggers of the tables to be filled; return what makes them again, and what fills the index."""
    cursor.execute("SELECT type, name, sql, tbl_name FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL")
    found = [row[:3] for row in cursor.fetchall() if row[3] in TABLES]
    filled = []
    for kind, name, made in found:
        cursor.execute(f"DROP {kind} {name}")
        if name == "firm_search_added":  # what it does with one row is done with all of them
            for into, values in re.findall(r"(INSERT INTO \w+\(rowid, signs\)) VALUES \((.*?)\); ", made):
                filled.append(f"{into} SELECT {values.replace('NEW.', 'firm.')} FROM firm")  # noqa: S608
    return [row[2] for row in found], filled


def _taken_off_postgresql(cursor: DBAPICursor) -> list[str]:
    """Drop indexes that no constraint needs; return what makes them again."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname LIKE %s",
        (list(TABLES), "ix%"),
    )
    found = cursor.fetchall()
    for name, _made in found:
        cursor.execute(f"DROP INDEX {name}")
    return [row[1] for row in found]


def _rows(cursor: DBAPICursor, is_sqlite: bool, count: int) -> None:
    parts = {part: _syllables(part) for part in {*PLACES, *SIGNS, *PRODUCTS, *FORMS, *WORDS.values()}}
    for start in range(1, count + 1, STEP):
        numbers = range(start, min(start + STEP, count + 1))
        rows = {
            "firm": [_firm(number, parts) for number in numbers],
            "firm_cluster": [(one, CLUSTERS[one % 5].value, True) for one in numbers],
            "roster_entry": [(one, 2025, "测量") for one in numbers if (one * 7_919) % 40_009 < 1_000],
        }
        for name, columns in TABLES.items():
            if is_sqlite:
                marks = ", ".join("?" * len(columns))
                cursor.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", rows[name])  # noqa: S608
            else:
                _copied(cursor, f"COPY {name} ({', '.join(columns)}) FROM STDIN", rows[name])


def _copied(cursor: Any, statement: str, rows: list[tuple[Any, ...]]) -> None:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


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
    changed = f"{FIRST + timedelta(minutes=chance >> 12):%Y-%m-%d %H:%M:%S.%f}"  # as SQLAlchemy writes them on SQLite
    kept = f"{head}{search_text.BREAK}{code.lower()}\n{''.join(syllables)}"
    return (
        number, name, "", code if (chance >> 5) % 3 else None, False, town, "", "", status.value, "", "测量", True,
        kept, " ".join(syllables), changed, changed, 1,
    )  # fmt: skip


def _name(number: int) -> Iterator[str]:
    yield PLACES[number % len(PLACES)]
    for often, word in WORDS.items():
        if number % (WHOLE // often) == often * 7 % (WHOLE // often):
            yield word
    rest = number * 2_654_435 % len(SIGNS) ** 4
    for _ in range(4):
        rest, sign = divmod(rest, len(SIGNS))
        yield SIGNS[sign]
    yield PRODUCTS[number % len(PRODUCTS)]
    yield FORMS[number % len(FORMS)]
