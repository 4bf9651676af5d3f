"""Reading without a process of its own, where what is read matters and not who reads it."""

from __future__ import annotations

import io
from typing import IO

import pytest

from app.sheets import refusals, stream
from app.sheets.limits import Limits
from app.sheets.reader_child import hand_over
from app.sheets.signature import Kind


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the child's work be done here; its limits and its death are tested in test_child.py."""

    def run(content: bytes, kind: Kind, limits: Limits, handed: IO[bytes]) -> None:
        refused = hand_over(kind.value, io.BytesIO(content), handed, limits)
        if refused is not None:
            raise refusals.from_child(refused)

    monkeypatch.setattr(stream, "_run_child", run)
