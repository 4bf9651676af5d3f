"""The mutation run itself: one change at a time, known again when lines move, and no excuse that excuses nothing."""

from __future__ import annotations

import ast
from functools import cache

from bench.equivalent import EQUIVALENT
from bench.mutants import Mutant, mutants_of, mutated
from bench.mutation import every_mutant

SOURCE = '''
def least(a: int, b: int = 1) -> int:
    """Return the lesser."""
    return a if a < b else b
'''


@cache
def every() -> list[Mutant]:
    return every_mutant()


def test_each_mutant_is_one_change() -> None:
    told = [(one.what, one.owner, ast.unparse(mutated(SOURCE, one.number))) for one in mutants_of("m", SOURCE)]
    plain = ast.unparse(ast.parse(SOURCE))
    assert [(what, owner, text != plain) for what, owner, text in told] == [
        ("1→2", "least", True), ("return None", "least", True), ("always the first", "least", True),
        ("always the second", "least", True), ("Lt→LtE", "least", True), ("Lt→GtE", "least", True),
    ]  # fmt: skip
    assert len({text for _what, _owner, text in told}) == len(told)


def test_a_mutant_is_known_again_when_its_line_has_moved() -> None:
    moved = mutants_of("m", "import os\n\n" + SOURCE)
    assert [one.key for one in moved] == [one.key for one in mutants_of("m", SOURCE)]
    assert len({one.key for one in every()}) == len(every())


def test_every_excuse_names_a_change_that_there_is_and_why() -> None:
    assert set(EQUIVALENT) <= {one.place for one in every()}
    assert all(EQUIVALENT.values())
