"""Migrations: one line of them, up from nothing and back, and afterwards the tables are those of the models."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from app.core.db import Base, Database
from app.factory import create_app
from app.firms.search_index import PREFIX
from app.rooms import load_models
from app.schema import ROOT, migrate
from config import Settings


@pytest.fixture
def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(ROOT / "migrations"))
    return made


@pytest.fixture
def migrated(settings: Settings) -> Database:
    return Database(settings.database_url)


def test_there_is_one_line_of_migrations(config: Config) -> None:
    scripts = ScriptDirectory.from_config(config)
    assert len(scripts.get_heads()) == 1
    files = sorted(Path(ROOT / "migrations" / "versions").glob("*.py"))
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert revisions == [file.name[:4] for file in reversed(files)]


def test_the_tables_are_those_of_the_models(migrated: Database) -> None:
    load_models()
    with migrated.engine.connect() as connection, warnings.catch_warnings():
        # indexes on expressions are looked at in the next test
        warnings.filterwarnings("ignore", message="autogenerate skipping|Skipped unsupported reflection")
        opts = {"compare_type": True, "include_name": not_of_the_search_index}
        context = MigrationContext.configure(connection, opts=opts)
        differences = compare_metadata(context, Base.metadata)
    migrated.dispose()
    assert differences == []


def test_every_index_of_the_models_is_there_also_those_on_expressions(migrated: Database) -> None:
    load_models()
    missing = {
        index.name
        for table in Base.metadata.sorted_tables
        for index in table.indexes
        if index.name not in indexes_of(migrated.engine, table.name)
    }
    migrated.dispose()
    assert missing == set()


def test_down_to_nothing_and_up_again(migrated: Database, config: Config) -> None:
    before = inspected(migrated.engine)
    with migrated.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
    assert inspected(migrated.engine) == {"alembic_version"}
    migrate(migrated)
    assert inspected(migrated.engine) == before
    migrate(migrated)  # a second time changes nothing
    migrated.dispose()


def not_of_the_search_index(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and (name or "").startswith(PREFIX)) and name != "ix_firm_grams"


def inspected(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def indexes_of(engine: Engine, table: str) -> set[str]:
    if engine.dialect.name == "sqlite":  # reflection leaves out indexes on expressions
        statement = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ?"
    else:
        statement = "SELECT indexname FROM pg_indexes WHERE tablename = %s"
    with engine.connect() as connection:
        return {row[0] for row in connection.exec_driver_sql(statement, (table,))}


@pytest.mark.parametrize(
    "command", [["accounts", "first-administrator"], ["jobs", "work", "--once"], ["demo", "load"],
                ["eligibility", "run", "--edition", "hnte-2016", "--as-of", "2026-06-30"]],
)  # fmt: skip
def test_a_command_before_the_migration_says_what_to_do(tmp_path: Path, settings: Settings, command: list[str]) -> None:
    empty = replace(settings, data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'empty.db'}")
    app = create_app(empty)
    result = app.test_cli_runner().invoke(args=command)
    app.extensions["yuqi_database"].dispose()
    assert result.exit_code == 1, result.exception
    assert "请先运行 scripts/flask database migrate" in result.stderr
    assert result.stdout == ""
