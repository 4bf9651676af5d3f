"""Reading without a process of its own, where what is read matters and not who reads it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Any

import pytest

from app.sheets import stream
from app.sheets.child import attempt
from app.sheets.limits import Limits
from app.sheets.reader_child import hand_over


@pytest.fixture(scope="module")
def in_process() -> Iterator[None]:
    """Let the child's work be done here; its limits and its death are tested in test_read.py."""

    def run(_entry: str, kind: str, content: bytes, limits: Limits, handed: IO[bytes]) -> dict[str, Any] | None:
        return attempt(hand_over, kind, io.BytesIO(content), handed, limits)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "run_child", run)
        yield
