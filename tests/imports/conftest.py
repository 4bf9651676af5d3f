"""Fixtures of the imports room."""

from __future__ import annotations

import pytest
from flask import Flask

from app.access.actor import Actor
from app.files.store import FileStore
from tests.support.people import People


@pytest.fixture
def store(app: Flask) -> FileStore:
    """The application's files."""
    found: FileStore = app.extensions["yuqi_store"]
    return found


@pytest.fixture
def importer(people: People) -> Actor:
    """A caseworker of the whole district."""
    return people.caseworker(name="经办人甲").as_actor()


@pytest.fixture
def reviewer(people: People) -> Actor:
    """A reviewer."""
    return people.reviewer(name="审核人乙").as_actor()
