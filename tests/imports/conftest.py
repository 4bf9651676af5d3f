"""Fixtures of the imports room."""

from __future__ import annotations

import pytest

from app.access.actor import Actor
from tests.support.people import People


@pytest.fixture
def importer(people: People) -> Actor:
    """A caseworker of the whole district."""
    return people.caseworker(name="经办人甲").as_actor()


@pytest.fixture
def reviewer(people: People) -> Actor:
    """A reviewer."""
    return people.reviewer(name="审核人乙").as_actor()
