"""Every text that breaks programs into every field, one by one: ``python -m bench.hostile [--only text]``.

The fields are found by walking over the doors (``tests/fields``); a line a door tells what was tried and how long it
took, the last ones what went wrong. ``--only text`` leaves out what takes no text: choices, days, numbers, addresses;
``--door portal.mandates`` tries the doors whose names begin so, ``--every 10`` every tenth text.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from jinja2 import FileSystemBytecodeCache

from app.accounts import passwords
from tests.fields.holding import held
from tests.fields.register import find, unaccounted
from tests.fields.trial import Trial
from tests.support import databases, hostile
from tests.support.program import Program
from tests.support.worlds import SharedWorld

TEXTS = (*hostile.TEXTS, *hostile.WITH_NUL, *hostile.BROKEN)


@dataclass(frozen=True)
class Asked:
    """What is tried, and where the world of this run is."""

    folder: Path
    only_text: bool
    every: int


@dataclass(frozen=True)
class Told:
    """What was found at one door; seconds of the processor."""

    endpoint: str
    fields: int
    pairs: int
    seconds: float
    wrong: list[str]


@contextmanager
def trial_of(asked: Asked, name: str) -> Iterator[Trial]:
    """A trial before an own copy of the world."""
    passwords.use_fast_hashes()
    place = asked.folder / name
    place.mkdir(exist_ok=True)
    program = Program(place, name, FileSystemBytecodeCache(str(asked.folder / "templates")))
    shared = SharedWorld(asked.folder)
    with program.before(shared.original, shared.files):
        program.app.config["WTF_CSRF_ENABLED"] = False
        world = shared.of(program)
        with held(program.database) as kept:
            yield Trial(world, kept, find(world, kept))


def build(folder: Path) -> None:
    """Build the district that is tried."""
    passwords.use_fast_hashes()
    (folder / "templates").mkdir()
    (folder / "first").mkdir()
    empty = databases.address(folder, "empty")
    databases.make_empty(empty)
    program = Program(folder / "first", "first", FileSystemBytecodeCache(str(folder / "templates")))
    SharedWorld(folder).build(program, empty)
    program.database.dispose()


def tried(trial: Trial, endpoint: str, asked: Asked) -> Told:
    """Try every text in every field of a door."""
    begun, before, fields, wrong = time.process_time(), trial.tried, 0, []
    with trial.opened(endpoint) as opened:
        for one, name in trial.every(opened):
            if asked.only_text and not trial.takes_text(one):
                continue
            fields += 1
            trial.begin(opened, one, name)
            for text in TEXTS[:: asked.every]:
                wrong += trial.attempt(opened, one, name, text)
    return Told(endpoint, fields, trial.tried - before, time.process_time() - begun, wrong)


def work(asked: Asked, number: int, waiting: object, telling: object) -> None:
    """Take one door after another until none is left."""
    with trial_of(asked, f"worker{number}") as trial:
        while (endpoint := waiting.get()) is not None:  # type: ignore[attr-defined]
            telling.put(tried(trial, endpoint, asked))  # type: ignore[attr-defined]


def doors_of(asked: Asked, begins: str) -> tuple[list[str], list[str]]:
    """Return the doors with fields, and the fields that nothing accounts for."""
    with trial_of(asked, "looking") as trial:
        found = sorted({one.endpoint for one in trial.found.fields if one.endpoint.startswith(begins)})
        return found, unaccounted(trial.found)


def run(asked: Asked, endpoints: list[str], processes: int) -> list[Told]:
    """Try the doors in several processes; print a line a door."""
    context = get_context("spawn")
    waiting, telling = context.Queue(), context.Queue()
    for one in (*endpoints, *[None] * processes):
        waiting.put(one)
    workers = [context.Process(target=work, args=(asked, number, waiting, telling)) for number in range(processes)]
    for worker in workers:
        worker.start()
    told: list[Told] = []
    while len(told) < len(endpoints):
        told.append(telling.get())
        one = told[-1]
        print(f"{len(told)}/{len(endpoints)} {one.endpoint}: {one.fields} fields, {one.pairs} pairs, "
              f"{one.seconds:.1f} s, {len(one.wrong)} wrong", flush=True)  # fmt: skip
    for worker in workers:
        worker.join()
    return told


def main(arguments: list[str]) -> int:
    """Return 0 when every text was kept or refused in every field, and none broke or lived."""
    parser = argparse.ArgumentParser(prog="python -m bench.hostile")
    parser.add_argument("--only", choices=("text",), default="")
    parser.add_argument("--door", default="")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args(arguments)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        asked = Asked(Path(folder), given.only == "text", given.every)
        build(asked.folder)
        endpoints, strange = doors_of(asked, given.door)
        told = run(asked, endpoints, given.processes)
        databases.remove_all()
    wrong = strange + [one for each in told for one in each.wrong]
    print("\n".join(wrong))
    fields, pairs = sum(one.fields for one in told), sum(one.pairs for one in told)
    used, took = sum(one.seconds for one in told), time.monotonic() - begun
    print(f"{len(told)} doors, {fields} fields, {len(TEXTS[:: given.every])} texts, {pairs} pairs, {len(wrong)} wrong, "
          f"{used:.0f} s of the processor, {took:.0f} s")  # fmt: skip
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
