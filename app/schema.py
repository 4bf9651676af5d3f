"""The database's schema: migrate it from the command line or from a test; the sealed editions come with it."""

from __future__ import annotations

from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.exc import DBAPIError

from app.access.actor import SYSTEM
from app.core.db import Database
from app.core.errors import DomainError
from app.rulebooks import service as rulebooks

ROOT = Path(__file__).parent.parent
group = AppGroup("database", help="数据库")


def migrate(database: Database) -> None:
    """Bring the database to the newest version; nothing is half-migrated."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with database.rebuilding() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Tell whether the database has been migrated to the newest version."""
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory(str(ROOT / "migrations")).get_current_head()


def guarded(command: click.Command) -> click.Command:
    """Return the command, which now says what to do where it meets a database that was not migrated."""
    invoke = command.invoke
    if getattr(invoke, "is_guarded", False):  # commands are made once, applications many times
        return command

    def careful(context: click.Context) -> object:
        try:
            return invoke(context)
        except DBAPIError:
            info = context.find_object(ScriptInfo)
            if info is None or is_current(info.load_app().extensions["yuqi_database"]):
                raise
            raise click.ClickException(
                "数据库还没有建立或不是最新版本，请先运行 scripts/flask database migrate"
            ) from None

    careful.is_guarded = True  # type: ignore[attr-defined]
    command.invoke = careful  # type: ignore[method-assign,assignment]
    return command


def prepare(database: Database) -> None:
    """Migrate, then bring the sealed editions in: what a database needs before anybody can work with it."""
    migrate(database)
    with database.transaction() as session:
        rulebooks.sync(session, by=SYSTEM)


@group.command("migrate")
def migrate_command() -> None:
    """把数据库升级到最新版本，并载入已封存的规则。"""
    try:
        prepare(current_app.extensions["yuqi_database"])
    except DomainError as error:
        raise click.ClickException(str(error.message)) from error
    click.echo("数据库已是最新版本", err=True)
