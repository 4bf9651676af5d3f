"""Would the tests notice? Change the engine in one place after another and run the tests that pass that place.

``python -m bench.mutation`` changes every place of ``app/eligibility/engine``; ``--sample 300 --seed 7`` so many of
them, ``--only compare dates`` those modules, ``--retry`` tries only what went unnoticed last time and takes the rest as
it was. Prints the survivors, a table by module and a line of JSON; 1 when under 90 % are noticed.

One pytest session collects the tests once. A first run notes which tests pass which lines (``bench/watching.py``).
Then each mutant gets a forked process of its own: the changed function takes the place of the old one
(``bench/swapping.py``), and the tests that pass the changed statement run until one fails: the one that noticed the
same change last time, those that noticed other changes of the same function, the engine's own quick tests, and at most
``ENOUGH`` others, spread over quick and slow: what is told as a survivor may still be noticed by the rest, the figure
is never too good. Nothing on disk is touched but ``var/mutation``. A mutant that runs without end is noticed by the
processor's time and not by the clock: a busy machine notices nothing that an idle one would not.
``EQUIVALENT`` names the changes that cannot be noticed because they change nothing, each with the reason.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings

from bench.equivalent import EQUIVALENT
from bench.mutants import Mutant, mutants_of
from bench.swapping import ENGINE, is_function, swap, swap_for_itself
from bench.watching import KEPT, Seen, alone, passes, silence, watched

TESTS = (
    "tests/eligibility/engine", "tests/rulebooks/test_cases.py", "tests/eligibility/test_judge_command.py",
    "tests/eligibility/columnar/test_agreement.py", "tests/eligibility/columnar/test_oracle.py",
)  # fmt: skip
QUIET = ("-q", "-p", "no:cacheprovider", "--assert=plain", "--tb=native")
ENOUGH = 150
QUICK = 0.05
LIKELY = 6
LEAST_SECONDS = 5.0
TIMES = 20
AIM = 0.90
RESULTS = KEPT / "results.json"
NOTICED, ENDLESS, SURVIVED, UNTESTED = "noticed", "endless", "survived", "untested"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a mutant, and the test that noticed it."""

    outcome: str
    by: str = ""


class Session:
    """A pytest plugin that runs mutants instead of tests."""

    def __init__(self, mutants: Sequence[Mutant], workers: int, before: dict[str, Result]) -> None:
        self.mutants, self.workers, self.before = mutants, workers, before
        self.results: dict[Mutant, Result] = {}
        self.done = False
        self._noticing: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Note what passes where, then try every mutant."""
        self.tests, self.places = session.items, {test.nodeid: n for n, test in enumerate(session.items)}
        _without_shrinking(self.tests)
        self.seen = watched(self.tests)
        self._passing = _by_line(self.seen)
        self._prove_the_swap()
        gc.collect()
        gc.freeze()
        running: dict[int, tuple[Mutant, int]] = {}
        for done, mutant in enumerate(self.mutants, 1):
            while len(running) >= self.workers:
                self._await(running)
            self._start(mutant, running)
            if done % 50 == 0:
                missed = sum(one.outcome in (SURVIVED, UNTESTED) for one in self.results.values())
                print(f"… {done}/{len(self.mutants)}，漏过 {missed}", file=sys.stderr, flush=True)
                _keep(self.before, self.results)
        while running:
            self._await(running)
        self.done = True
        return True

    def _prove_the_swap(self) -> None:
        """Put unchanged functions in place of themselves: what fails then fails for the swap, not for a change."""
        for name in sorted({mutant.module for mutant in self.mutants}):
            places = {one for (module, _line), ones in self._passing.items() if module == name for one in ones}
            tests = _evenly([place for place in sorted(places) if self.seen[place].took < QUICK])
            if not alone(lambda name=name, tests=tests: swap_for_itself(name) or self._all_pass(tests)):
                raise SystemExit(f"✗ 未改动的 {name} 换上后测试没有通过，工具本身有错")

    def _all_pass(self, tests: Sequence[int]) -> bool:
        return all(passes(self.tests[one], self._after(tests, n)) for n, one in enumerate(tests))

    def _after(self, tests: Sequence[int], number: int) -> pytest.Item | None:
        return self.tests[tests[number + 1]] if number + 1 < len(tests) else None

    def _spread(self, places: set[int]) -> list[int]:
        """Return the quick tests of the engine's own, then as many of the others, quick and slow."""
        ordered = sorted(places, key=lambda place: (self.seen[place].took, place))
        own = [place for place in ordered if self._is_own(place) and self.seen[place].took < QUICK]
        others = [place for place in ordered if place not in set(own)]
        return own + _evenly(others)

    def _is_own(self, place: int) -> bool:
        return self.tests[place].nodeid.startswith(TESTS[0])

    def _chosen(self, mutant: Mutant) -> list[int]:
        """Return the tests to try of those that pass the changed statement, or the module where it is no function's."""
        first, last = mutant.lines
        inside = is_function(mutant)
        places = {
            place for (module, line), ones in self._passing.items()
            if module == mutant.module and (first <= line <= last or not inside) for place in ones
        }  # fmt: skip
        known = self.places.get(self.before.get(mutant.key, Result("")).by)
        noticing = self._noticing[mutant.module, mutant.owner]
        likely = [place for place, _times in noticing.most_common() if place in places][:LIKELY]
        return list(dict.fromkeys([*([known] if known is not None else []), *likely, *self._spread(places)]))

    def _start(self, mutant: Mutant, running: dict[int, tuple[Mutant, int]]) -> None:
        chosen = self._chosen(mutant)
        if not chosen:
            self.results[mutant] = Result(UNTESTED)
            return
        ours, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._try(mutant, chosen, theirs)
        os.close(theirs)
        running[pid] = mutant, ours

    def _try(self, mutant: Mutant, chosen: Sequence[int], told: int) -> None:
        """End this process with 0 when the tests do not notice the mutant; write each test before it runs."""
        with contextlib.suppress(BaseException):  # whatever goes wrong has been noticed
            silence()
            swap(mutant)
            for number, place in enumerate(chosen):
                os.write(told, b"%d " % place)
                signal.setitimer(signal.ITIMER_PROF, max(LEAST_SECONDS, TIMES * self.seen[place].took))
                if not passes(self.tests[place], self._after(chosen, number)):
                    os._exit(1)
            os._exit(0)
        os._exit(1)

    def _await(self, running: dict[int, tuple[Mutant, int]]) -> None:
        pid, status = os.wait()
        if pid not in running:
            return
        mutant, ours = running.pop(pid)
        with os.fdopen(ours) as pipe:
            last = pipe.read().split()[-1:]
        if status == 0:
            self.results[mutant] = Result(SURVIVED)
            return
        outcome = ENDLESS if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF else NOTICED
        self.results[mutant] = Result(outcome, self.tests[int(last[0])].nodeid if last else "")
        if last:
            self._noticing[mutant.module, mutant.owner][int(last[0])] += 1


def _evenly(places: Sequence[int]) -> list[int]:
    """Return ``ENOUGH`` of the places, from the first to the last."""
    step = max(1.0, len(places) / ENOUGH)
    return [places[int(number * step)] for number in range(min(ENOUGH, len(places)))]


def _without_shrinking(tests: Sequence[pytest.Item]) -> None:
    """A property that fails has noticed the change; the smallest example of it is not asked for."""
    for test in tests:
        function = getattr(test, "obj", None)
        own = getattr(function, "_hypothesis_internal_use_settings", None)
        if own is not None:
            phases = [phase for phase in own.phases if phase not in (Phase.shrink, Phase.explain)]
            function._hypothesis_internal_use_settings = hypothesis_settings(own, phases=phases, database=None)


def _by_line(seen: Sequence[Seen]) -> dict[tuple[str, int], list[int]]:
    passing: dict[tuple[str, int], list[int]] = defaultdict(list)
    for place, one in enumerate(seen):
        for line in one.lines:
            passing[line].append(place)
    return passing


# --- the command --------------------------------------------------------------------------------------------------


def every_mutant(only: Sequence[str] = ()) -> list[Mutant]:
    """Return the mutants of the engine, or of some of its modules."""
    paths = [path for path in sorted(ENGINE.glob("*.py")) if not only or path.stem in only]
    return [one for path in paths for one in mutants_of(path.stem, path.read_text(encoding="utf-8"))]


def earlier() -> dict[str, Result]:
    """Return what became of each mutant when it was last tried, by its key."""
    if not RESULTS.exists():
        return {}
    return {key: Result(*told) for key, told in json.loads(RESULTS.read_text(encoding="utf-8")).items()}


def _keep(before: dict[str, Result], results: dict[Mutant, Result]) -> None:
    told = before | {mutant.key: result for mutant, result in results.items()}
    KEPT.mkdir(parents=True, exist_ok=True)
    text = json.dumps({key: [one.outcome, one.by] for key, one in sorted(told.items())}, ensure_ascii=False, indent=0)
    RESULTS.write_text(text, encoding="utf-8")


def _print(mutants: Sequence[Mutant], results: dict[Mutant, Result], seconds: int) -> float:
    """Print survivors, the table by module and the line of JSON; return the share that was noticed."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant in mutants:
        outcome = results[mutant].outcome if mutant in results else "equivalent"
        rows[mutant.module][outcome] += 1
        if outcome in (SURVIVED, UNTESTED):
            print("漏过" if outcome == SURVIVED else "没有测试经过", mutant)
    columns = (NOTICED, ENDLESS, SURVIVED, UNTESTED, "equivalent")
    print(f"{'module':<12}{'mutants':>9}" + "".join(f"{column:>12}" for column in columns))
    whole = sum(rows.values(), Counter[str]())
    for name, row in [*sorted(rows.items()), ("all", whole)]:
        print(f"{name:<12}{row.total():>9}" + "".join(f"{row[column]:>12}" for column in columns))
    tried = whole.total() - whole["equivalent"]
    rate = (whole[NOTICED] + whole[ENDLESS]) / tried if tried else 1.0
    print(json.dumps({"mutants": tried, **{name: whole[name] for name in columns}, "rate": round(rate, 4),
                      "seconds": seconds}))  # fmt: skip
    return rate


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the mutants and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--retry", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(arguments)
    before = earlier()
    mutants = every_mutant(asked.only)
    if asked.sample:
        mutants = random.Random(asked.seed).sample(mutants, min(asked.sample, len(mutants)))  # noqa: S311
    noticed = {key: one for key, one in before.items() if asked.retry and one.outcome in (NOTICED, ENDLESS)}
    tried = [one for one in mutants if one.key not in noticed and not EQUIVALENT.get(one.place)]
    plugin = Session(tried, asked.workers, before)
    begun = time.perf_counter()
    pytest.main([*QUIET, *TESTS], plugins=[plugin])
    _keep(before, plugin.results)
    if not plugin.done:
        print("✗ 没有跑完，原因见上。", file=sys.stderr)
        return 2
    results = {one: noticed[one.key] for one in mutants if one.key in noticed} | plugin.results
    return int(_print(mutants, results, round(time.perf_counter() - begun)) < AIM)


if __name__ == "__main__":
    sys.exit(main())
