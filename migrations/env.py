"""Alembic environment: the URL comes from ``-x url=…`` or from the application's settings."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, TypeDecorator

from app.core.db import Base, Database
from app.rooms import load_models
from config import Settings

load_models()


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write our own column types as the plain ones they stand on: a migration must not change with the program."""
    if kind == "type" and isinstance(item, TypeDecorator) and type(item).__module__.startswith("app."):
        return f"sa.{item.impl_instance!r}"
    return False


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the search index (0011): tables of SQLite and an index of PostgreSQL that no model stands for."""
    return not (kind == "table" and (name or "").startswith("firm_search_")) and name != "ix_firm_grams"


def run(connection: Connection) -> None:
    """Run the migrations on one connection, in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        include_name=include_name,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = context.get_x_argument(as_dictionary=True).get("url") or Settings.from_env().database_url
    database = Database(url)
    with database.rebuilding() as opened:
        run(opened)
    database.dispose()
