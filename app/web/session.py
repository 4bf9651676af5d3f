"""The request's database session. ``read()`` and ``transaction()`` give the same one; only the latter commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app, g, request
from sqlalchemy.orm import Session

from app.core.db import Database, begin_write
from config import Settings


def database() -> Database:
    """Return the application's database."""
    found: Database = current_app.extensions["yuqi_database"]
    return found


def settings() -> Settings:
    """Return the application's settings."""
    found: Settings = current_app.config["YUQI_SETTINGS"]
    return found


def read() -> Session:
    """Return the request's session, for reading."""
    if "db_session" not in g:
        g.db_session = database().session()
    session: Session = g.db_session
    return session


@contextmanager
def transaction(*, on_get: bool = False) -> Iterator[Session]:
    """Give the request's session in a writing transaction; commit on leaving, roll back on any error.

    A GET never writes, except where the reading itself must be logged (``on_get``).
    """
    if request and request.method in {"GET", "HEAD"} and not on_get:
        raise RuntimeError("a GET request must not write")
    session = read()
    if session.in_transaction():
        session.commit()  # ends the reading transaction, so that SQLite can begin a writing one
    begin_write(session)
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def install(app: Flask) -> None:
    """Close the session when the request ends."""

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        session: Session | None = g.pop("db_session", None)
        if session is not None:
            session.close()
