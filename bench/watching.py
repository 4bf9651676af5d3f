"""Which tests pass which lines of the engine, and how long each takes; kept until the engine or the test changes."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import pickle
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from bench.swapping import ENGINE

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "var" / "mutation"
OFTEN = 40
Lines = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one test does: seconds of the processor (watched, so rather too many) and the (module, line) it passes."""

    took: float
    lines: Lines


def watched(tests: Sequence[pytest.Item]) -> list[Seen]:
    """Return what each test does, in their order. Raises SystemExit when one fails on the engine as it is."""
    by_file: dict[Path, list[pytest.Item]] = defaultdict(list)
    for test in tests:
        by_file[test.path].append(test)
    told: dict[str, Seen] = {}
    for path, inside in by_file.items():
        found = _kept(path, inside)
        if found is None or len(found) != len(inside):
            raise SystemExit(f"✗ 未改动时测试就没有通过：{path.relative_to(ROOT)}")
        told |= found
    return [told[test.nodeid] for test in tests]


def passes(test: pytest.Item, following: pytest.Item | None) -> bool:
    """Run a test; tell whether nothing in it failed."""
    reports = runtestprotocol(test, log=False, nextitem=following)
    return not any(report.failed for report in reports)


def alone(work: Callable[[], Any]) -> Any:
    """Return what the work returns in a process of its own, so that nothing of it stays here; None where it fails."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            os.close(ours)
            silence()
            with os.fdopen(theirs, "wb") as pipe:
                pickle.dump(work(), pipe)
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        data = pipe.read()
    os.waitpid(pid, 0)
    return pickle.loads(data) if data else None  # noqa: S301 - written by our own child


def silence() -> None:
    """Let nothing that this process prints be seen, and let its memory rest: no search for garbage."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    gc.disable()


def _kept(path: Path, tests: Sequence[pytest.Item]) -> dict[str, Seen] | None:
    """Return what was noted of the same engine, editions and test before; watching takes minutes."""
    file = KEPT / f"{path.stem}-{_mark(path)}.pickle"
    if file.exists():
        found: dict[str, Seen] = pickle.loads(file.read_bytes())  # noqa: S301 - written by ourselves
        return found
    noted: dict[str, Seen] | None = alone(lambda: _noted(tests))
    if noted is not None:
        KEPT.mkdir(parents=True, exist_ok=True)
        for old in KEPT.glob(f"{path.stem}-*.pickle"):
            old.unlink()
        file.write_bytes(pickle.dumps(noted))
    return noted


def _mark(path: Path) -> str:
    """Return a mark of everything that the tests of a file lean on."""
    told = hashlib.sha256(path.read_bytes())
    for folder in ("app/eligibility", "app/rulebooks", "app/facts", "app/core", "tests/eligibility", "tests/rulebooks"):
        for part in sorted((ROOT / folder).rglob("*")):
            if part.suffix in (".py", ".toml", ".json") and not part.name.startswith("test_"):
                told.update(part.read_bytes())
    return told.hexdigest()[:16]


def _noted(tests: Sequence[pytest.Item]) -> dict[str, Seen] | None:
    told: dict[str, Seen] = {}
    for place, test in enumerate(tests):
        lines: set[tuple[str, int]] = set()
        begun = time.process_time()
        with _looking(lines):
            fine = passes(test, tests[place + 1] if place + 1 < len(tests) else None)
        if not fine:
            return None
        took = time.process_time() - begun
        told[test.nodeid] = Seen(took, frozenset((Path(file).stem, line) for file, line in lines))
    return told


@contextlib.contextmanager
def _looking(lines: set[tuple[str, int]]) -> Iterator[None]:
    """Note lines; a function that was looked at ``OFTEN`` times in one test is left alone, for watching is slow."""
    folder = str(ENGINE)
    looks: dict[CodeType, int] = defaultdict(int)

    def line(frame: FrameType, _event: str, _argument: object) -> Any:
        lines.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def call(frame: FrameType, _event: str, _argument: object) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(folder):
            return None
        looks[code] += 1
        return line if looks[code] <= OFTEN else None

    sys.settrace(call)
    try:
        yield
    finally:
        sys.settrace(None)
