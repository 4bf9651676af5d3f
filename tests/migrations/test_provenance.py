"""0009 with data: claims of before get their source, files of before lie once in their firm's locker, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from app.core.db import Database
from app.schema import ROOT, migrate
from config import Settings

WHEN = "2026-05-01 02:00:00+00:00"
CLAIMS = (
    (1, "import", {"profile": "annual-firms"}),
    (1, "import", {"profile": "annual-firms", "retrieved": "2026-01-05"}),
    (2, "import", {}),
    (2, "caseworker", {}),
    (2, "firm", {}),
)
FILES = ("aa", "aa", "bb")
ATTACHED = ((1, 1), (2, 2), (3, 1), (5, 3), (5, 1))
"""Claim and file: the same content twice for firm 1, once more for firm 2 beside another."""


def test_sources_and_lockers_are_filled_from_what_was_there(settings: Settings) -> None:
    database = Database(settings.database_url)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0008")
        put(connection)
        command.upgrade(config, "0009")
        sources = rows(connection, "SELECT source FROM claim ORDER BY id")
        lockers = rows(connection, "SELECT firm_id, file_id, by_firm FROM document ORDER BY firm_id, file_id")
        leaning = rows(
            connection,
            "SELECT e.claim_id, d.firm_id, f.sha256 FROM evidence e JOIN document d ON d.id = e.document_id "
            "JOIN stored_file f ON f.id = d.file_id ORDER BY e.id",
        )
        command.downgrade(config, "0008")
        kept = rows(connection, "SELECT claim_id, file_id FROM evidence ORDER BY id")
        connection.commit()
    migrate(database)
    database.dispose()
    assert [row[0] for row in sources] == ["annual-firms", "disclosure", "sheet", "caseworker", "firm"]
    assert [(row[0], row[1], bool(row[2])) for row in lockers] == [(1, 1, False), (2, 1, False), (2, 3, True)]
    assert leaning == [(1, 1, "aa"), (2, 1, "aa"), (3, 2, "aa"), (5, 2, "bb"), (5, 2, "aa")]
    assert kept == list(ATTACHED)


def rows(connection: Connection, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(statement))]


def put(connection: Connection) -> None:
    """Write rows as the program of before did, by hand: its models are no more."""
    for firm in (1, 2):
        _insert(connection, "firm", id=firm, name=f"示例{firm}", **_filled(connection, "firm", {"id", "name"}))
    for number, digest in enumerate(FILES, start=1):
        _insert(
            connection, "stored_file", id=number, sha256=digest, size=1, name="a.pdf", media_type="x", created_at=WHEN
        )
    for number, (firm, kind, reference) in enumerate(CLAIMS, start=1):
        _insert(
            connection, "claim", id=number, firm_id=firm, key="sales_revenue", year=2020 + number, number=1, raw="1",
            source_kind=kind, source_label="样例", reference=json.dumps(reference), state="pending", note="",
            stated_by_name="x", stated_at=WHEN, reviewed_by_name="", review_note="",
        )  # fmt: skip
    for number, (claim, file) in enumerate(ATTACHED, start=1):
        _insert(
            connection, "evidence", id=number, claim_id=claim, file_id=file, title="t", attached_by_name="x",
            created_at=WHEN,
        )  # fmt: skip


def _insert(connection: Connection, table: str, **values: Any) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)


def _filled(connection: Connection, table: str, there: Sequence[str] | set[str]) -> dict[str, Any]:
    """Return something for every other column of a table that must not be empty."""
    found: dict[str, Any] = {}
    for column in inspect(connection).get_columns(table):
        if column["nullable"] or column["name"] in there or column["default"] is not None:
            continue
        kind = str(column["type"]).upper()
        found[column["name"]] = WHEN if "TIME" in kind else False if "BOOL" in kind else 1 if "INT" in kind else "x"
    return found
