"""The database's schema: migrate it from the command line or from a test; the sealed editions come with it."""

from __future__ import annotations

from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from flask import current_app
from flask.cli import AppGroup

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
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


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
