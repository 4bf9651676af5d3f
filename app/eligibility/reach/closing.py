"""Every single change that closes one plain test, found by asking the judge and exact to the last shown digit (pure).

Nothing here knows an edition, and little of the vocabulary: the figures that a test used are moved up and down, flipped
or set to what the test names, until the judge says that it is so. A new kind of test is reached the same way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from app.core.rounding import scaled
from app.eligibility.engine.check import Check
from app.eligibility.engine.outcome import Outcome
from app.eligibility.reach.changes import Change, State, step_of
from app.eligibility.reach.least import FARTHEST, least
from app.eligibility.reach.probe import Probe, asks_score, parts_of
from app.facts.catalogue import load_catalogue
from app.facts.sheet import EXPERT, FactValue
from app.facts.values import Record, Value
from app.rulebooks.criteria import AnyRecord, ByKind, Compare, NoneOf, Test, When

LONGEST_WAIT = 1500
"""Days: what time does not bring within four years is not a way."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A plain test that stands in the way: it came out ``is_now`` and ``wanted`` would close it."""

    test: Test
    check: Check
    wanted: Outcome

    @property
    def is_now(self) -> Outcome:
        """How the test comes out."""
        return self.check.outcome


def leaves(probe: Probe, state: State, test: Test, wanted: Outcome = Outcome.MET) -> Iterator[Leaf]:
    """Yield the plain tests that keep ``test`` from coming out as wanted; those that only data could settle are left
    out. A combination is closed by one of its parts or by several: who needs several looks again after the first."""
    inner = parts_of(test)
    if not inner:
        check = probe.check(state, test)
        if check.outcome in (Outcome.MET, Outcome.UNMET) and check.outcome is not wanted:
            yield Leaf(test, check, wanted)
        return
    if isinstance(test, NoneOf):
        wanted = Outcome.UNMET if wanted is Outcome.MET else Outcome.MET
    for part in _in_force(probe, state, test, inner):
        yield from leaves(probe, state, part, wanted)


def _in_force(probe: Probe, state: State, test: Test, inner: Sequence[Test]) -> Sequence[Test]:
    """Return the parts that count: of two cases the one that holds, of two kinds of application the one meant."""
    if isinstance(test, When):
        holds = probe.check(state, test.condition).outcome
        return {Outcome.MET: [test.then], Outcome.UNMET: [test.otherwise]}.get(holds, [])
    if isinstance(test, ByKind):
        return [test.review if probe.kind == "review" else test.new]
    return inner


def closings(probe: Probe, state: State, leaf: Leaf) -> Iterator[Change]:
    """Yield the changes of one figure that close the test; figures that experts give are not changed."""
    if asks_score(leaf.test):
        return
    latest: dict[str, FactValue] = {}
    for fact in leaf.check.used:
        if not fact.key.startswith(EXPERT) and fact.key in load_catalogue():
            before = latest.get(fact.key)
            if before is None or (fact.year or 0) > (before.year or 0):
                latest[fact.key] = fact
    for fact in latest.values():
        yield from _of_figure(probe, state, leaf, fact)


def _of_figure(probe: Probe, state: State, leaf: Leaf, fact: FactValue) -> Iterator[Change]:
    value = fact.value
    if isinstance(value, bool):
        yield from _tried(probe, state, leaf, fact, [not value])
    elif isinstance(value, Decimal | int):
        yield from moved(probe, state, leaf, fact)
    elif isinstance(value, date):
        yield from _moved_day(probe, state, leaf, fact, value)
    elif isinstance(value, str):
        yield from _tried(probe, state, leaf, fact, _answers(leaf.test, fact))
    elif isinstance(leaf.test, AnyRecord) and leaf.wanted is Outcome.MET:
        yield from _tried(probe, state, leaf, fact, [(*value, _entry(leaf.test, state.day))])


def _tried(probe: Probe, state: State, leaf: Leaf, fact: FactValue, answers: Sequence[Value]) -> Iterator[Change]:
    """Yield the first of the answers that closes the test: they are listed from the nearest on."""
    for answer in answers:
        change = Change(fact.key, fact.year, fact.value, answer)
        if probe.check(state.with_changes(change), leaf.test).outcome is leaf.wanted:
            yield change
            return


def _answers(test: Test, fact: FactValue) -> list[Value]:
    """Return what the figure could be: the catalogue's options from the present one on, then what the test names."""
    options = [option.value for option in load_catalogue().get(fact.key).options]
    here = options.index(str(fact.value)) if fact.value in options else -1
    ordered = options[here + 1 :] + options[: max(here, 0)][::-1]
    return [answer for answer in dict.fromkeys([*ordered, *_named(test)]) if answer != fact.value]


def _named(test: Test) -> Iterator[str]:
    """Yield every text that a test names in a list (allowed answers), whatever the list is called."""
    if is_dataclass(test):
        for part in fields(test):
            value = getattr(test, part.name)
            if isinstance(value, tuple) and part.name not in ("keys", "key"):
                yield from (one for one in value if isinstance(one, str))


def _entry(test: AnyRecord, day: date) -> Record:
    """Return the least entry of a register that the test takes: its last level, its last rank, of today."""
    return Record((("date", day), ("level", test.levels[-1]), ("rank", Decimal(test.rank_at_most))))


# --- numbers ---------------------------------------------------------------------------------------------------------


def moved(probe: Probe, state: State, leaf: Leaf, fact: FactValue) -> Iterator[Change]:
    """Yield the least change of a number that closes the test, upwards and downwards where either does."""
    indicator = load_catalogue().get(fact.key)
    step = step_of(indicator, fact.value if isinstance(fact.value, Decimal) else None)
    assert isinstance(fact.value, Decimal | int)
    present = Decimal(fact.value)
    floor = None if indicator.signed else Decimal(indicator.minimum or 0)
    roof = Decimal(indicator.maximum) if indicator.maximum is not None else None
    for sign in (1, -1):
        most = _room(present, step, sign, floor, roof)
        if most < 1:
            continue

        def at(n: int, sign: int = sign) -> Change:
            return Change(fact.key, fact.year, fact.value, present + sign * n * step)

        def seen(n: int) -> Check:
            return probe.check(state.with_changes(at(n)), leaf.test)

        guesses = _guesses(leaf, seen, max(1, min(most, scaled(present / step / 10, 0))))
        if guesses is None:
            continue
        steps = least(lambda n: seen(n).outcome is not leaf.is_now, most, guesses)
        if steps is not None and seen(steps).outcome is leaf.wanted:
            yield at(steps)


def _room(present: Decimal, step: Decimal, sign: int, floor: Decimal | None, roof: Decimal | None) -> int:
    edge = roof if sign > 0 else floor
    if edge is None:
        return FARTHEST
    return min(FARTHEST, max(0, math.floor(abs(edge - present) / step))) if (edge - present) * sign > 0 else 0


def _guesses(leaf: Leaf, seen: object, far: int) -> list[int] | None:
    """Return after how many steps the bound may be reached, or None when the steps lead away from it.

    What a test measures is linear in what stands above a fraction and inversely linear in what stands below it; both
    are guessed from one look ahead, with the step before, so that a right guess needs no search.
    """
    bar, here = _bar(leaf.test), _actual(leaf.check)
    if bar is None or here is None:
        return []
    assert callable(seen)
    ahead: Check = seen(far)
    there = _actual(ahead)
    if there is None:
        far = 1
        ahead = seen(far)
        there = _actual(ahead)
    if there is None:
        return []
    if there == here or (bar != here and (there > here) != (bar > here)):
        return None
    found = [(bar - here) / (there - here) * far]
    if here and there and bar and 1 / there != 1 / here:
        found.append((1 / bar - 1 / here) / (1 / there - 1 / here) * far)
    near = [math.ceil(one) for one in found if one > 0]
    return [n for one in near for n in (one, one - 1, one + 1)]


def _bar(test: Test) -> Fraction | None:
    return test.bounds[0].exact if isinstance(test, Compare) else None


def _actual(check: Check) -> Fraction | None:
    try:
        return Fraction(check.actual_exact) if check.actual_exact else None
    except ValueError:
        return None


# --- days ------------------------------------------------------------------------------------------------------------


def _moved_day(probe: Probe, state: State, leaf: Leaf, fact: FactValue, value: date) -> Iterator[Change]:
    """A day that is not a matter of history (the expiry of a certificate) can be renewed; who may is in the levers."""

    def at(n: int) -> Change:
        return Change(fact.key, fact.year, value, value + timedelta(days=n))

    days = least(
        lambda n: probe.check(state.with_changes(at(n)), leaf.test).outcome is not leaf.is_now,
        min(LONGEST_WAIT * 2, (date.max - value).days),
    )
    if days is not None and probe.check(state.with_changes(at(days)), leaf.test).outcome is leaf.wanted:
        yield at(days)


def day_met(probe: Probe, state: State, leaf: Leaf) -> date | None:
    """Return the first day on which the test comes out as wanted with the figures as they are, None when time alone
    does not bring it. Tests about fiscal years are not waited for: the figures of the next year are not known."""
    has_day = any(isinstance(fact.value, date) or _has_days(fact.value) for fact in leaf.check.used)
    if not has_day or any(fact.year is not None for fact in leaf.check.used):
        return None

    def on(n: int) -> Outcome:
        return probe.check(state.on(state.day + timedelta(days=n)), leaf.test).outcome

    days = least(lambda n: on(n) is not leaf.is_now, LONGEST_WAIT)
    return state.day + timedelta(days=days) if days is not None and on(days) is leaf.wanted else None


def _has_days(value: Value) -> bool:
    return isinstance(value, tuple) and any(isinstance(one, date) for one in value)
