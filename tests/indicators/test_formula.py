"""Formulas of own indicators: exact, unknown stays unknown, no circles."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st

from app.facts.catalogue import Indicator, load_catalogue
from app.facts.definitions import Composed, Definition, Formula, Operand, Operation, Version
from app.facts.formula import compute, cycle

FIGURES = st.decimals(min_value=-(10**9), max_value=10**9, places=8, allow_nan=False)
A, B = "sales_revenue", "rd_expense_hnte"


def catalogue(*formulas: tuple[str, Formula]) -> Composed:
    """Return the built-in catalogue with own computed indicators."""
    own = {
        key: Definition(
            key, (Version(1, 1900, Indicator(key, key, key, "number", "annual", "其他", derived=True), formula),)
        )
        for key, formula in formulas
    }
    return Composed(load_catalogue(), MappingProxyType(own))


def formula(operation: Operation, *parts: tuple[str, int]) -> Formula:
    return Formula(operation, tuple(Operand(key, back) for key, back in parts))


@settings(max_examples=60)
@given(FIGURES, FIGURES)
def test_arithmetic_is_exact(a: Decimal, b: Decimal) -> None:
    held = {(A, 2025): a, (B, 2025): b, (A, 2024): b}

    def value(operation: Operation, *parts: tuple[str, int]) -> Fraction | None:
        there = catalogue(("c_x", formula(operation, *parts)))
        return compute(there, "c_x", 2025, lambda key, year: held.get((key, year))).value

    assert value(Operation.SUM, (A, 0), (B, 0)) == Fraction(a) + Fraction(b)
    assert value(Operation.DIFFERENCE, (A, 0), (A, 1)) == Fraction(a) - Fraction(b)
    assert value(Operation.RATIO, (A, 0), (B, 0)) == (Fraction(a) / Fraction(b) if b else None)
    assert value(Operation.GROWTH, (A, 0)) == (Fraction(a) / Fraction(b) - 1 if b > 0 else None)


@settings(max_examples=40)
@given(st.lists(FIGURES, min_size=2, max_size=6), st.data())
def test_one_unknown_part_makes_the_whole_unknown_and_is_named(figures: list[Decimal], data: st.DataObject) -> None:
    keys = [one.key for one in load_catalogue() if one.kind == "number" and one.by_year][: len(figures)]
    gone = data.draw(st.sampled_from(keys))
    held = {(key, 2025): number for key, number in zip(keys, figures, strict=True) if key != gone}
    there = catalogue(("c_x", formula(Operation.SUM, *((key, 0) for key in keys))))
    found = compute(there, "c_x", 2025, lambda key, year: held.get((key, year)))
    assert found.value is None
    assert found.missing == ((gone, 2025),)


def test_computed_parts_are_not_rounded_in_between() -> None:
    there = catalogue(
        ("c_third", formula(Operation.RATIO, (A, 0), (B, 0))),
        ("c_whole", formula(Operation.SUM, ("c_third", 0), ("c_third", 0), ("c_third", 0))),
    )
    held = {A: Decimal(1), B: Decimal(3)}
    found = compute(there, "c_whole", 2025, lambda key, _year: held.get(key))
    assert found.value == 1
    assert compute(there, "c_third", 2025, lambda key, _year: held.get(key)).number == Decimal("0.33333333")


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14))
def test_a_circle_is_found_exactly_where_there_is_one(edges: list[tuple[int, int]]) -> None:
    formulas: dict[str, list[Formula]] = {}
    for start, end in edges:
        formulas.setdefault(f"c_{start}", []).append(formula(Operation.GROWTH, (f"c_{end}", 0)))
    reach = {(a, b) for a, b in edges}
    for middle in range(8):
        reach |= {(a, b) for a in range(8) for b in range(8) if (a, middle) in reach and (middle, b) in reach}
    for start in range(8):
        found = cycle(formulas, f"c_{start}")
        assert bool(found) == ((start, start) in reach)
        if found:
            steps = [(int(a[2:]), int(b[2:])) for a, b in zip(found, found[1:], strict=False)]
            assert found[0] == found[-1] == f"c_{start}"
            assert set(steps) <= set(edges)
