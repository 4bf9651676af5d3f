"""The database's schema: migrate it from the command line or from a test."""

from __future__ import annotations

from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from flask import current_app
from flask.cli import AppGroup

from app.core.db import Database

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


@group.command("migrate")
def migrate_command() -> None:
    """把数据库升级到最新版本。"""
    migrate(current_app.extensions["yuqi_database"])
    click.echo("数据库已是最新版本", err=True)
