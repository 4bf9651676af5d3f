"""A trial of the doors of the small district."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.architecture.world import World
from tests.fields.holding import held
from tests.fields.register import find
from tests.fields.trial import Trial


@pytest.fixture(scope="module")
def trial(world_app: Flask, world: World) -> Iterator[Trial]:
    """Every field found, and a database that forgets what is tried."""
    with held(world_app.extensions["yuqi_database"]) as kept:
        yield Trial(world, kept, find(world, kept))
