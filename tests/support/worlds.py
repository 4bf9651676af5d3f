"""The small district of the walks over all pages: built once a run, and copied for every module that walks."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import replace
from pathlib import Path

from tests.architecture.world import World, build_world
from tests.support import databases
from tests.support.once import once
from tests.support.program import Program


class SharedWorld:
    """Where the run keeps its world: the database ``original``, the ``files`` beside it, and what leads where."""

    def __init__(self, folder: Path) -> None:
        self.original = databases.address(folder, "world")
        self.files = folder / "world-files"
        self._told = folder / "world.pickle"

    def build(self, program: Program, empty: str) -> None:
        """Build it, unless another process of this run has."""
        with once(self._told.with_suffix(".made")) as is_first:
            if not is_first:
                return
            with program.before(empty):
                world = build_world(program.app)
                databases.settle(program.database)
                databases.copy(program.settings.database_url, self.original)
                shutil.copytree(program.settings.files_dir, self.files)
            self._told.write_bytes(pickle.dumps(replace(world, app=None)))  # type: ignore[arg-type]

    def of(self, program: Program) -> World:
        """Return the world as the application of ``program`` shows it."""
        world: World = pickle.loads(self._told.read_bytes())  # noqa: S301 - our own, of this run
        return replace(world, app=program.app)
