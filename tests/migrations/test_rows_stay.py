"""0006 to the newest and back with data: rebuilding a table on SQLite takes nothing of what hangs on its rows."""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from app.core.db import Database
from app.imports.plans.marks import Marks, number_of
from app.schema import ROOT, migrate
from config import Settings
from tests.migrations.test_provenance import WHEN, _filled, _insert, rows

HANGING = ("import_batch", "import_row", "firm", "contact", "former_name", "claim")


def triggers(connection: Connection) -> list[tuple[Any, ...]]:
    """Return the triggers of the tables: on SQLite a table that is rebuilt loses its own."""
    if connection.dialect.name == "sqlite":
        return rows(connection, "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    return rows(connection, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname")


def test_what_hangs_on_rebuilt_tables_is_still_there(settings: Settings) -> None:
    database = Database(settings.database_url)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with database.rebuilding() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
        before = triggers(connection)
        _insert(connection, "firm", id=1, name="示例", **_filled(connection, "firm", {"id", "name"}))
        _insert(connection, "stored_file", id=1, sha256="aa", size=1, name="a.xlsx", media_type="x", created_at=WHEN)
        given = {
            "import_batch": {"id": 1, "file_id": 1, "counts": "{}", "report": "{}", "state": "applied"},
            "import_row": {"id": 1, "batch_id": 1, "firm_id": 1, "cells": "{}", "values": "{}", "stated": "[]",
                           "problems": "[]", "outcome": "new"},
            "contact": {"id": 1, "firm_id": 1},
            "former_name": {"id": 1, "firm_id": 1},
            "claim": {"id": 1, "firm_id": 1, "key": "sales_revenue", "source_kind": "import", "reference": "{}",
                      "state": "pending", "batch_id": 1},
        }  # fmt: skip
        for table, values in given.items():
            _insert(connection, table, **values, **_filled(connection, table, set(values)))
        command.upgrade(config, "head")
        up = {table: len(rows(connection, f"SELECT id FROM {table}")) for table in HANGING}  # noqa: S608 - our own
        command.downgrade(config, "0005")
        down = {table: len(rows(connection, f"SELECT id FROM {table}")) for table in HANGING}  # noqa: S608 - our own
        after = triggers(connection)
    migrate(database)
    database.dispose()
    assert after == before
    assert up == down == dict.fromkeys(HANGING, 1)


def test_marks_of_waiting_batches_are_kept_together(settings: Settings) -> None:
    database = Database(settings.database_url)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with database.rebuilding() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0022")
        _insert(connection, "stored_file", id=1, sha256="aa", size=1, name="a.xlsx", media_type="x", created_at=WHEN)
        batch = {"id": 1, "file_id": 1, "counts": "{}", "report": "{}", "state": "staged"}
        _insert(connection, "import_batch", **batch, **_filled(connection, "import_batch", set(batch)))
        for number in (1, 2, 3):
            row = {"id": number, "batch_id": 1, "row": number, "cells": "{}", "values": "{}", "stated": "[]",
                   "problems": "[]", "outcome": "new", "edited": "{}", "reasons": "{}", "fills": "{}"}  # fmt: skip
            _insert(connection, "import_row", **row, **_filled(connection, "import_row", set(row)))
        for number, (row_id, mark) in enumerate([(1, "n:a"), (1, "f:7"), (2, "n:b"), (3, "f:7")], start=1):
            _insert(connection, "row_mark", id=number, batch_id=1, row_id=row_id, mark=mark)
        command.upgrade(config, "0023")
        kept = rows(connection, "SELECT pairs FROM batch_marks ORDER BY id")
        command.downgrade(config, "0022")
    migrate(database)
    database.dispose()
    marks = Marks.of(bytes(one[0]) for one in kept)
    assert marks.groups() == [[1, 3]]
    assert sorted(marks.marks.tolist()) == sorted(map(number_of, ["n:a", "f:7", "n:b", "f:7"]))
