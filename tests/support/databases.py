"""Databases for tests: one migrated, empty original, and copies of it that are made and thrown away quickly.

A copy stands at a fixed address, so that an application built once can stand before one copy after the other.
"""

from __future__ import annotations

import os
import shutil
import uuid
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from app.core.db import Database
from app.rooms import load_models
from app.schema import migrate
from tests.support import copies

POSTGRES = os.environ.get("YUQI_TEST_DATABASE_URL", "")
"""Where the server is whose databases are made here; empty for SQLite."""
RUN = os.environ.setdefault("YUQI_TEST_RUN", uuid.uuid4().hex[:12])
"""The name of this run, which its processes share: all of its databases on a server begin with it."""


def address(folder: Path, name: str) -> str:
    """Return the address of the database ``name``: a file in ``folder``, or one of this run on the server."""
    if not POSTGRES:
        return f"sqlite:///{folder / name}.db"
    return POSTGRES.rpartition("/")[0] + f"/yuqi_{RUN}_{name}"


def make_empty(url: str) -> None:
    """Make a migrated, empty database there."""
    load_models()
    if POSTGRES:
        _server().execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_name(url))))
    database = Database(url)
    migrate(database)
    settle(database)


def settle(database: Database) -> None:
    """Close a database so that it can be copied: nobody is connected, and a file holds everything."""
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        copies.forget(_name(database.url))
    database.dispose()


def copy(original: str, url: str) -> None:
    """Put a copy of ``original``, which nobody may be connected to, in the place of what is there."""
    if POSTGRES:
        copies.copy(_server(), POSTGRES.rpartition("/")[0], _name(original), _name(url))
        return
    path = _path(url)
    for old in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        old.unlink(missing_ok=True)
    shutil.copyfile(_path(original), path)


def remove_all() -> None:
    """Remove what this run made on the server; files go with their folder."""
    if not POSTGRES:
        return
    found = _server().execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"yuqi_{RUN}_"])
    for (name,) in found.fetchall():
        _server().execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def let_go() -> None:
    """Close this process's connection to the server."""
    if POSTGRES:
        copies.let_go()
        _server().close()


@cache
def _server() -> psycopg.Connection:
    """The connection that makes and removes databases, one a process: connecting costs more than most statements."""
    return psycopg.connect(POSTGRES.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)


def _name(url: str) -> str:
    return make_url(url).database or ""


def _path(url: str) -> Path:
    return Path(_name(url))
