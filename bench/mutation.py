"""Would the tests notice? Change the engine in one place after another and run the tests that pass that place.

``python -m bench.mutation`` changes every place of ``app/eligibility/engine``; ``--sample 300 --seed 7`` so many of
them, ``--only compare dates`` those modules. Prints the survivors and a line of JSON; 1 when under 90 % are noticed.

One pytest session collects the tests once. A first run notes which tests pass which lines. Then each mutant gets a
forked process of its own: the changed function takes the place of the old one, and the tests that pass the changed
statement run, the quickest first, until one fails. Nothing on disk is touched. At most ``ENOUGH`` tests are tried, so
that what is told as a survivor may still be noticed by the rest: the figure is never too good.
``EQUIVALENT`` names the changes that cannot be noticed because they change nothing, each with the reason.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import importlib
import inspect
import json
import os
import pickle
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from bench.equivalent import EQUIVALENT
from bench.mutants import Mutant, mutants_of, mutated

ROOT = Path(__file__).parent.parent
ENGINE = ROOT / "app" / "eligibility" / "engine"
PACKAGE = "app.eligibility.engine"
TESTS = (
    "tests/eligibility/engine", "tests/rulebooks/test_cases.py", "tests/eligibility/test_judge_command.py",
    "tests/eligibility/columnar/test_agreement.py", "tests/eligibility/columnar/test_oracle.py",
)  # fmt: skip
ENOUGH = 150
OFTEN = 40
SECONDS = 60
AIM = 0.90
Lines = set[tuple[str, int]]


class Session:
    """A pytest plugin that runs mutants instead of tests."""

    def __init__(self, mutants: Sequence[Mutant], workers: int) -> None:
        self.mutants, self.workers = mutants, workers
        self.survivors: list[Mutant] = []
        self.untested: list[Mutant] = []
        self.done = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Note what passes where, then try every mutant."""
        where = _passing(session.items)
        running: dict[int, Mutant] = {}
        for done, mutant in enumerate(self.mutants, 1):
            tests = _tests_for(mutant, where)
            if not tests:
                self.untested.append(mutant)
                continue
            while len(running) >= self.workers:
                self._await(running)
            running[_started(mutant, [session.items[place] for place in tests])] = mutant
            if done % 50 == 0:
                print(f"… {done}/{len(self.mutants)}，漏过 {len(self.survivors)}", file=sys.stderr, flush=True)
        while running:
            self._await(running)
        self.done = True
        return True

    def _await(self, running: dict[int, Mutant]) -> None:
        pid, status = os.wait()
        if pid in running:
            mutant = running.pop(pid)
            if status == 0:
                self.survivors.append(mutant)


def _passing(tests: Sequence[pytest.Item]) -> dict[tuple[str, int], list[tuple[float, int]]]:
    """Return for every line the tests that pass it, with how long each takes."""
    noted = _kept(lambda: _in_child(lambda: _noted(tests)))
    if noted is None:
        raise SystemExit("✗ 未改动时测试就没有通过")
    where: dict[tuple[str, int], list[tuple[float, int]]] = defaultdict(list)
    for place, (took, lines) in enumerate(noted):
        for path, line in lines:
            where[Path(path).stem, line].append((took, place))
    return where


def _kept(work: Callable[[], Any]) -> Any:
    """Return what was noted of the same engine, editions and tests before; watching takes minutes."""
    told = hashlib.sha256()
    for folder in ("app/eligibility", "app/rulebooks", "tests/eligibility", "tests/rulebooks"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".toml"):
                told.update(path.read_bytes())
    file = ROOT / "var" / f"mutation-{told.hexdigest()[:16]}.pickle"
    if file.exists():
        return pickle.loads(file.read_bytes())  # noqa: S301 - written by ourselves
    found = work()
    if found is not None:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(pickle.dumps(found))
    return found


def _tests_for(mutant: Mutant, where: dict[tuple[str, int], list[tuple[float, int]]]) -> list[int]:
    """Return tests that pass the changed statement, the quickest first; of all that pass its module where it is none
    of a function's."""
    first, last = mutant.lines
    found: set[tuple[float, int]] = set()
    for (module, line), tests in where.items():
        if module == mutant.module and (first <= line <= last or not mutant.owner):
            found.update(tests)
    ordered = sorted(found)
    if len(ordered) <= ENOUGH:
        return [place for _took, place in ordered]
    step = len(ordered) / ENOUGH
    return [ordered[int(number * step)][1] for number in range(ENOUGH)]


def _started(mutant: Mutant, tests: Sequence[pytest.Item]) -> int:
    """Fork a process that ends with 0 when the tests do not notice the mutant; return its number."""
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.alarm(SECONDS)
        _silence()
        _apply(mutant)
        for place, test in enumerate(tests):
            if not _passes(test, tests[place + 1] if place + 1 < len(tests) else None):
                os._exit(1)
    except BaseException:  # whatever goes wrong has been noticed
        os._exit(1)
    os._exit(0)


def _passes(test: pytest.Item, following: pytest.Item | None) -> bool:
    reports = runtestprotocol(test, log=False, nextitem=following)
    return not any(report.failed for report in reports)


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _in_child(work: Callable[[], Any]) -> Any:
    """Return what the work returns in a process of its own, so that nothing of it stays here."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            _silence()
            with os.fdopen(theirs, "wb") as pipe:
                pickle.dump(work(), pipe)
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        data = pipe.read()
    os.waitpid(pid, 0)
    return pickle.loads(data) if data else None  # noqa: S301 - written by our own child


def _noted(tests: Sequence[pytest.Item]) -> list[tuple[float, Lines]] | None:
    """Return for every test how long it takes and which lines of the engine it passes; None when one fails."""
    told: list[tuple[float, Lines]] = []
    for place, test in enumerate(tests):
        lines: Lines = set()
        begun = time.perf_counter()
        with _watched(lines):
            fine = _passes(test, tests[place + 1] if place + 1 < len(tests) else None)
        if not fine:
            return None
        told.append((time.perf_counter() - begun, lines))
    return told


@contextlib.contextmanager
def _watched(lines: Lines) -> Iterator[None]:
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


# --- a changed function in the place of the old one ---------------------------------------------------------------


def _apply(mutant: Mutant) -> None:
    module = importlib.import_module(f"{PACKAGE}.{mutant.module}")
    path = ENGINE / f"{mutant.module}.py"
    code = compile(mutated(path.read_text(encoding="utf-8"), mutant.number), str(path), "exec")
    function = _function(module, mutant.owner)
    changed = next((one for one in _codes(code) if one.co_qualname == mutant.owner), None)
    if function is not None and changed is not None:
        function.__code__ = changed
    else:
        _reload(module, code)
    for name, value in list(vars(module).items()):
        if isinstance(value, functools._lru_cache_wrapper):
            vars(module)[name].cache_clear()


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _function(module: ModuleType, owner: str) -> Any:
    return _function_in(vars(module), owner)


def _function_in(names: dict[str, Any], owner: str) -> Any:
    """Return the plain function of that name, whatever it is wrapped in; None where it is none."""
    found: Any = names.get(owner.split(".", maxsplit=1)[0])
    for part in owner.split(".")[1:]:
        found = vars(found).get(part)
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, classmethod | staticmethod):
        found = found.__func__
    found = inspect.unwrap(found) if callable(found) else None
    return found if inspect.isfunction(found) else None


def _reload(module: ModuleType, code: CodeType) -> None:
    """Tables, constants and the fields of classes: put the changed ones where the old ones are used."""
    old = dict(vars(module))
    fresh = dict(old)
    exec(code, fresh)  # noqa: S102 - our own source
    for name, value in fresh.items():
        before = old.get(name)
        if name.startswith("__") or inspect.isfunction(value) or inspect.ismodule(value):
            continue
        if isinstance(value, dict) and isinstance(before, dict):
            before.clear()
            before.update(value)
        elif inspect.isclass(value):
            if value.__module__ == module.__name__ and "__init__" in vars(value) and before is not None:
                before.__init__ = value.__init__
        else:
            for other in [one for key, one in sys.modules.items() if key.startswith(("app.", "tests."))]:
                if name in vars(other) and vars(other)[name] is before:
                    setattr(other, name, value)


# --- the command --------------------------------------------------------------------------------------------------


def every_mutant(only: Sequence[str] = ()) -> list[Mutant]:
    """Return the mutants of the engine, or of some of its modules."""
    paths = [path for path in sorted(ENGINE.glob("*.py")) if not only or path.stem in only]
    return [one for path in paths for one in mutants_of(path.stem, path.read_text(encoding="utf-8"))]


def reason(mutant: Mutant) -> str:
    """Return why the change changes nothing; empty where it does."""
    text = (ENGINE / f"{mutant.module}.py").read_text(encoding="utf-8").splitlines()[mutant.line - 1].strip()
    return EQUIVALENT.get((mutant.module, text, mutant.what), "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the mutants and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(arguments)
    mutants = every_mutant(asked.only)
    if asked.sample:
        mutants = random.Random(asked.seed).sample(mutants, min(asked.sample, len(mutants)))  # noqa: S311
    same = [one for one in mutants if reason(one)]
    tried = [one for one in mutants if not reason(one)]
    plugin = Session(tried, asked.workers)
    begun = time.perf_counter()
    pytest.main(["-q", "-p", "no:cacheprovider", *TESTS], plugins=[plugin])
    if not plugin.done:
        print("✗ 没有跑完，原因见上。", file=sys.stderr)
        return 2
    for mutant in sorted([*plugin.survivors, *plugin.untested], key=str):
        print("漏过" if mutant in plugin.survivors else "没有测试经过", mutant)
    missed = len(plugin.survivors) + len(plugin.untested)
    rate = (len(tried) - missed) / len(tried) if tried else 1.0
    told = {"mutants": len(tried), "noticed": len(tried) - missed, "survived": len(plugin.survivors),
            "untested": len(plugin.untested), "equivalent": len(same), "rate": round(rate, 4),
            "seconds": round(time.perf_counter() - begun)}  # fmt: skip
    print(json.dumps(told))
    return int(rate < AIM)


if __name__ == "__main__":
    sys.exit(main())
