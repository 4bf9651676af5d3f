"""Another process works ahead: the same items come, whatever becomes of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing

import pytest

from app.core import ahead as module
from app.core.ahead import ahead


def made() -> Iterator[tuple[int, int]]:
    for number in range(2_000):
        yield number, os.getpid()


def test_items_come_in_order_from_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_possible", lambda: True)
    found = list(ahead(made))
    assert [number for number, _pid in found] == list(range(2_000))
    assert os.getpid() not in {pid for _number, pid in found}


def test_what_a_killed_process_did_not_hand_over_is_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_possible", lambda: True)
    here = os.getpid()

    def dies() -> Iterator[tuple[int, int]]:
        for number, pid in made():
            if number == 700 and pid != here:
                os.kill(pid, signal.SIGKILL)
            yield number, pid

    found = list(ahead(dies))
    assert [number for number, _pid in found] == list(range(2_000))
    assert {pid == here for number, pid in found if number >= 700} == {True}


def test_one_who_stops_early_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_possible", lambda: True)
    with closing(ahead(made)) as items:
        _number, pid = next(items)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_without_a_second_core_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_possible", lambda: False)
    assert {pid for _number, pid in ahead(made)} == {os.getpid()}
