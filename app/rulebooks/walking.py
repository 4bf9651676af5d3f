"""Go over a test and all tests inside it (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from app.rulebooks import criteria
from app.rulebooks.criteria import Test


def walk(test: Test | None) -> Iterator[Test]:
    """Go over a test and every test inside it."""
    if test is None:
        return
    yield test
    if isinstance(test, criteria.AllOf | criteria.AnyOf | criteria.NoneOf):
        inner = test.tests
    elif isinstance(test, criteria.When):
        inner = (test.condition, test.then, test.otherwise)
    elif isinstance(test, criteria.ByIndustry):
        inner = tuple(row.test for row in test.rows)
    elif isinstance(test, criteria.ByKind):
        inner = (test.new, test.review)
    else:
        inner = (test.test,) if isinstance(test, criteria.InPrinciple) else ()
    for one in inner:
        yield from walk(one)


def items_of(test: Test | None) -> tuple[str, ...]:
    """Return the items under which a person decides this test."""
    return tuple(one.item for one in walk(test) if isinstance(one, criteria.ByExpert | criteria.InPrinciple))
