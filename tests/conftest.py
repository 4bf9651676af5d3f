"""Fixtures: one application a process, before a fresh database for every test, SQLite's or PostgreSQL's.

PostgreSQL when YUQI_TEST_DATABASE_URL says so.
"""

from __future__ import annotations

import gc
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import hypothesis
import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from app.accounts import passwords
from app.core.db import Database
from app.files.store import FileStore
from app.sheets import stream
from app.sheets.child import attempt
from app.sheets.limits import Limits
from app.sheets.reader_child import hand_over
from config import Settings
from tests.architecture.world import World
from tests.support import databases
from tests.support.once import once
from tests.support.people import People
from tests.support.program import Program, built
from tests.support.worlds import SharedWorld

# the same examples every time: what lands must not depend on a throw of the dice; YUQI_EXPLORE=1 throws them anew
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("default" if os.environ.get("YUQI_EXPLORE") else "steady")

ROOT = Path(__file__).parent.parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run what touches a database; the rest has run once already and cannot come out differently."""
    if not databases.POSTGRES:
        return
    touching = [item for item in items if "_empty" in getattr(item, "fixturenames", ())]
    if any(item.get_closest_marker("browser") is None for item in touching):
        config.hook.pytest_deselected(items=[item for item in items if item not in touching])
        items[:] = touching


def pytest_collection_finish() -> None:
    """The program and its tests stay to the end: nobody need look there for rubbish again."""
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the run's databases from the server when the process ends that is nobody's worker."""
    if not hasattr(config, "workerinput"):
        databases.remove_all()
    databases.let_go()


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> None:
    passwords.use_fast_hashes()


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run see."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def _templates(request: pytest.FixtureRequest, _shared: Path) -> FileSystemBytecodeCache:
    """Compiled templates, kept from run to run: Jinja compares them with their source."""
    cache: pytest.Cache | None = getattr(request.config, "cache", None)
    folder = cache.mkdir("templates") if cache else _shared
    return FileSystemBytecodeCache(str(folder))


@pytest.fixture(scope="session")
def _empty(_shared: Path) -> str:
    """The address of a migrated, empty database to copy."""
    url = databases.address(_shared, "empty")
    with once(_shared / "empty.made") as is_first:
        if is_first:
            databases.make_empty(url)
    return url


@pytest.fixture(scope="session")
def _program(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, _templates: FileSystemBytecodeCache
) -> Iterator[Program]:
    made = Program(tmp_path_factory.mktemp("program"), worker_id, _templates)
    yield made
    made.database.dispose()


@pytest.fixture
def settings(_program: Program, _empty: str) -> Iterator[Settings]:
    """Settings of a fresh database and empty folders."""
    with _program.before(_empty) as made:
        yield made


@pytest.fixture
def app(settings: Settings, _program: Program) -> Flask:
    """The application on a fresh database."""
    return _program.app


@pytest.fixture
def own_app(settings: Settings, _templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    """An application for one test, which may add doors to it, on the same fresh database."""
    made = built(settings, _templates)
    yield made
    made.extensions["yuqi_database"].dispose()


@pytest.fixture
def database(settings: Settings, _program: Program) -> Database:
    """The application's database."""
    return _program.database


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session for arranging and looking; commit what the code under test is to see."""
    with database.session() as opened:
        yield opened


@pytest.fixture
def store(app: Flask) -> FileStore:
    """Where the application keeps files."""
    found: FileStore = app.extensions["yuqi_store"]
    return found


@pytest.fixture
def people(app: Flask, database: Database) -> People:
    """Makes users and signed-in browsers: ``people.caseworker()``, ``people.browser(user)``."""
    return People(app, database)


@pytest.fixture(scope="session")
def _world_program(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, _templates: FileSystemBytecodeCache
) -> Iterator[Program]:
    made = Program(tmp_path_factory.mktemp("world"), f"{worker_id}_world", _templates)
    yield made
    made.database.dispose()


@pytest.fixture(scope="session")
def _shared_world(_world_program: Program, _empty: str, _shared: Path) -> SharedWorld:
    kept = SharedWorld(_shared)
    kept.build(_world_program, _empty)
    return kept


@pytest.fixture(scope="module")
def world_app(_world_program: Program, _shared_world: SharedWorld) -> Iterator[Flask]:
    """The application before a small district, for a whole module that walks over it; forms need no token."""
    with _world_program.before(_shared_world.original, _shared_world.files):
        _world_program.app.config["WTF_CSRF_ENABLED"] = False
        yield _world_program.app


@pytest.fixture(scope="module")
def world(world_app: Flask, _world_program: Program, _shared_world: SharedWorld) -> World:
    """Who is in the district, and what leads where."""
    return _shared_world.of(_world_program)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ROOT / "scripts" / "chromium")
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def in_process() -> Iterator[None]:
    """Let what the reading child does be done here, where what is read matters and not who reads it.

    Its limits and its death are tested in tests/sheets.
    """

    def run(_entry: str, kind: str, content: bytes, limits: Limits, handed: IO[bytes]) -> dict[str, Any] | None:
        return attempt(hand_over, kind, io.BytesIO(content), handed, limits)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "run_child", run)
        yield
