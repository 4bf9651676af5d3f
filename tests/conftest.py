"""Fixtures: one application and one migrated database file a test; PostgreSQL when YUQI_TEST_DATABASE_URL says so."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import psycopg
import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from app.accounts import passwords
from app.core.db import Database
from app.factory import create_app
from app.rooms import load_models
from app.schema import migrate
from config import Settings
from tests.support.people import People

# the same examples every time: what lands must not depend on a throw of the dice; YUQI_EXPLORE=1 throws them anew
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("default" if os.environ.get("YUQI_EXPLORE") else "steady")

ROOT = Path(__file__).parent.parent
POSTGRES = os.environ.get("YUQI_TEST_DATABASE_URL", "")


def _settings(folder: Path, url: str) -> Settings:
    return Settings(
        env="test",
        data_dir=folder,
        database_url=url,
        secret_key="0123456789abcdef0123456789abcdef",
        public_url="http://yuqi.test",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run what touches a database; the rest has run once already and cannot come out differently."""
    if not POSTGRES:
        return
    touching = [item for item in items if "_template" in getattr(item, "fixturenames", ())]
    if any(item.get_closest_marker("browser") is None for item in touching):
        config.hook.pytest_deselected(items=[item for item in items if item not in touching])
        items[:] = touching


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> None:
    passwords.use_fast_hashes()


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated, empty database: a file to copy, or the name of a PostgreSQL template."""
    load_models()
    if not POSTGRES:
        path = tmp_path_factory.mktemp("template") / "template.db"
        database = Database(f"sqlite:///{path}")
        migrate(database)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.dispose()
        yield str(path)
        return
    name = f"yuqi_template_{uuid.uuid4().hex[:12]}"
    _postgres(f'CREATE DATABASE "{name}"')
    database = Database(_postgres_url(name))
    migrate(database)
    database.dispose()
    yield name
    _postgres(f'DROP DATABASE "{name}" WITH (FORCE)')


def _postgres_url(name: str) -> str:
    return POSTGRES.rpartition("/")[0] + f"/{name}"


def _postgres(statement: str) -> None:
    plain = POSTGRES.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


@contextmanager
def _fresh(folder: Path, template: str) -> Iterator[Settings]:
    """Settings of a fresh database, removed afterwards."""
    if not POSTGRES:
        path = folder / "yuqi.db"
        shutil.copyfile(template, path)
        yield _settings(folder, f"sqlite:///{path}")
        return
    name = f"yuqi_{uuid.uuid4().hex[:12]}"
    _postgres(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _settings(folder, _postgres_url(name))
    _postgres(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def settings(tmp_path: Path, _template: str) -> Iterator[Settings]:
    """Settings of a fresh database."""
    with _fresh(tmp_path, _template) as made:
        yield made


@pytest.fixture(scope="module")
def world_app(tmp_path_factory: pytest.TempPathFactory, _template: str) -> Iterator[Flask]:
    """One application for a whole module that only reads, or resets what it changes; forms need no token."""
    with _fresh(tmp_path_factory.mktemp("world"), _template) as made:
        app = create_app(made)
        app.config["WTF_CSRF_ENABLED"] = False
        yield app
        app.extensions["yuqi_database"].dispose()


@pytest.fixture(scope="session")
def _templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, _templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    """The application on a fresh database."""
    made = create_app(settings)
    made.jinja_env.bytecode_cache = _templates  # templates are compiled once, not once a test
    yield made
    made.extensions["yuqi_database"].dispose()


@pytest.fixture
def database(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Database]:
    """The application's database; without the application, which takes longer to build, where none is asked for."""
    if "app" in request.fixturenames:
        yield request.getfixturevalue("app").extensions["yuqi_database"]
        return
    made = Database(settings.database_url)
    yield made
    made.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session for arranging and looking; commit what the code under test is to see."""
    with database.session() as opened:
        yield opened


@pytest.fixture
def people(app: Flask, database: Database) -> People:
    """Makes users and signed-in browsers: ``people.caseworker()``, ``people.browser(user)``."""
    return People(app, database)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ROOT / "scripts" / "chromium")
        yield browser
        browser.close()
