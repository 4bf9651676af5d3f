"""Ask the exact judge about changed figures: one test, or the whole edition (pure). Every question is counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import get_args

from app.core.errors import Invalid
from app.eligibility.engine.check import Check
from app.eligibility.engine.conditions import checked
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Judgement
from app.eligibility.engine.setting import Setting, make_setting
from app.eligibility.reach.changes import State
from app.facts.sheet import EXPERT, FactSheet
from app.rulebooks.criteria import Compare, Score, Test
from app.rulebooks.schema import Rulebook

WHOLE_COST = 10
"""A whole edition is as much work for the judge as so many single tests."""
TESTS = get_args(Test)


class Exhausted(Exception):
    """The judge has been asked as often as was allowed."""


@dataclass
class Probe:
    """The judge with one rulebook and kind of application, asked at most ``most`` times."""

    rulebook: Rulebook
    kind: str
    most: int
    asked: int = 0
    _settings: dict[tuple[object, ...], Setting] = field(default_factory=dict)
    _judgements: dict[tuple[object, ...], Judgement] = field(default_factory=dict)

    def judge(self, state: State) -> Judgement:
        """Return the judgement of changed figures."""
        found = self._judgements.get(state.identity)
        if found is None:
            self.count(WHOLE_COST)
            found = judged(self.rulebook, state.sheet, state.day, self.kind)
            self._judgements[state.identity] = found
        return found

    def check(self, state: State, test: Test) -> Check:
        """Return how one test comes out."""
        self.count()
        setting = make_setting(self.rulebook, state.sheet, state.day, self.kind)
        if asks_score(test):
            setting.score = self.judge(state).score
        return checked(setting, test)

    def setting(self, state: State) -> Setting:
        """Return what the judge looks at."""
        found = self._settings.get(state.identity)
        if found is None:
            found = make_setting(self.rulebook, state.sheet, state.day, self.kind)
            self._settings[state.identity] = found
        return found

    def count(self, number: int = 1) -> None:
        """Say that the judge has been asked. Raises Exhausted when that was too often."""
        self.asked += number
        if self.asked > self.most:
            raise Exhausted


def asks_score(test: Test) -> bool:
    """Tell whether a test looks at the score, at any depth."""
    return next(scores_in(test), None) is not None


def scores_in(test: Test) -> Iterator[str]:
    """Yield the parts of the score that a test looks at, at any depth."""
    if isinstance(test, Compare) and isinstance(test.measure, Score):
        yield test.measure.part
    for inner in parts_of(test):
        yield from scores_in(inner)


def parts_of(test: Test) -> Sequence[Test]:
    """Return the tests that a test is made of, whatever it calls them; none for a plain one."""
    found: list[Test] = []
    for part in fields(test) if is_dataclass(test) else ():
        value = getattr(test, part.name)
        found += [one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, TESTS)]
    return found


def judged(rulebook: Rulebook, sheet: FactSheet, as_of: date, kind: str) -> Judgement:
    """Return the judgement of changed figures; expert points that no longer fit their band are to be given anew."""
    while True:
        try:
            return evaluate(rulebook, sheet, as_of, kind)
        except Invalid as error:
            if not error.field.startswith(EXPERT) or sheet.get(error.field) is None:
                raise
            sheet = sheet.changed(without=[(error.field, None)])
