"""Fixtures of the rulebooks room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.rulebooks import loader


@pytest.fixture
def editions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the real editions that a test may damage."""
    folder = tmp_path / "editions"
    shutil.copytree(loader.EDITIONS, folder)
    monkeypatch.setattr(loader, "EDITIONS", folder)
    loader.load_edition.cache_clear()
    loader.load_all.cache_clear()
    yield folder
    loader.load_edition.cache_clear()
    loader.load_all.cache_clear()
