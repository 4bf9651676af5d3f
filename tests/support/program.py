"""The application under test: built once a process, put before a fresh database and empty folders again and again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from jinja2 import BytecodeCache

from app.core.db import Database
from app.factory import create_app
from app.jobs.worker import Worker
from config import Settings
from tests.support import databases


class Program:
    """An application at a fixed place. Who adds doors to it needs one of their own (the fixture ``own_app``)."""

    def __init__(self, folder: Path, name: str, templates: BytecodeCache) -> None:
        self.settings = Settings(
            env="test",
            data_dir=folder,
            database_url=databases.address(folder, name),
            secret_key="0123456789abcdef0123456789abcdef",
            public_url="http://yuqi.test",
        )
        self.app = built(self.settings, templates)
        self.database: Database = self.app.extensions["yuqi_database"]

    @contextmanager
    def before(self, original: str, files: Path | None = None) -> Iterator[Settings]:
        """Stand before a copy of ``original`` and ``files``; afterwards forget what was changed of the application."""
        worker: Worker = self.app.extensions["yuqi_worker"]
        config, tools = dict(self.app.config), dict(worker.tools)
        shutil.rmtree(self.settings.data_dir, ignore_errors=True)
        self.settings.data_dir.mkdir(parents=True)
        databases.copy(original, self.settings.database_url)
        if files is not None and files.exists():
            shutil.copytree(files, self.settings.files_dir)
        yield self.settings
        if self.database.is_sqlite:
            self.database.dispose()  # the file goes; a server keeps its connections, which cost more than a test
        self.app.config.clear()
        self.app.config.update(config)
        worker.tools = tools
        worker.stop.clear()


def built(settings: Settings, templates: BytecodeCache) -> Flask:
    """Return an application whose templates are compiled once, not once an application."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = templates
    return app
