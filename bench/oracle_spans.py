"""Growth, paths and counted answers as SQL, for the oracle: what SQLite's 64 bits have no room for is a function."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.rulebooks.bases import GEOMETRIC, OnPath
from app.rulebooks.criteria import Bound
from app.rulebooks.spans import COMPOUND, GrowthRate

NUMBER, MISSING, REVIEW, NOTHING = range(4)


class Beyond(Exception):
    """The oracle has no words for this criterion."""


@dataclass
class Reading:
    """A measure as SQL: its state, and a comparison with a bound where it has a number."""

    state: str
    keeps: Callable[[Bound], str]
    floor: Callable[[Bound], str] | None = None
    ceiling: Callable[[Bound], str] | None = None
    told: str = "1"
    guesses: Callable[[Bound], Sequence[str]] | None = None
    guessed: str = "0"


def grown(first: int, second: int, third: int, over: int, under: int) -> int:
    """Return on which side of ``over / under`` the mean growth lies."""
    left = under * (second * second + first * third) - 2 * first * second * (over + under)
    return (left > 0) - (left < 0)


def compounded(first: int, last: int, years: int, over: int, under: int) -> int:
    """Return on which side of ``over / under`` the compound growth lies; no root is taken."""
    left = last * under**years - first * (under + over) ** years
    return (left > 0) - (left < 0)


def on_path(base: int, now: int, years: int, step: int, multiple: str, share: str, shape: str) -> bool:
    """Return whether an amount keeps up with a path."""
    goal = Fraction(share) * base
    if shape != GEOMETRIC:
        return now >= goal * (1 + (Fraction(multiple) - 1) * Fraction(step, years))
    return now > 0 and Fraction(now) ** years >= goal**years * Fraction(multiple) ** step


def known_to(connection: sqlite3.Connection) -> None:
    """Give the functions to a connection."""
    for name, number, function in (("grown", 5, grown), ("compounded", 5, compounded), ("on_path", 7, on_path)):
        connection.create_function(name, number, _careful(function), deterministic=True)


def _careful(function: Callable[..., int]) -> Callable[..., int | None]:
    return lambda *given: None if None in given else function(*given)


def side_of(measure: GrowthRate, amounts: Sequence[str], bound: Bound, *, exact: bool) -> str:
    """Return on which side of a bound the growth of positive amounts lies (-1, 0, 1)."""
    over, under = (0, 1) if bound.exact == 0 else (bound.exact.numerator, bound.exact.denominator)
    first, last = amounts[0], amounts[-1]
    if measure.how == COMPOUND:
        rough = f"sign({last} * 1.0 / {first} - pow(1 + {over} * 1.0 / {under}, {measure.years}))"
        return f"compounded({first}, {last}, {measure.years}, {over}, {under})" if exact else rough
    if measure.years == 1:
        return f"sign({under} * ({last} - {first}) - {over} * {first})"
    if measure.years > 2:
        raise Beyond("a mean of more than two rates")
    middle = amounts[1]
    rough = f"sign(({middle} * 1.0 / {first} + {last} * 1.0 / {middle}) / 2 - 1 - {over} * 1.0 / {under})"
    return f"grown({first}, {middle}, {last}, {over}, {under})" if exact else rough


def path_kept(test: OnPath, base: str, now: str, step: int, *, exact: bool) -> str:
    """Return whether an amount keeps up with a path."""
    if exact:
        told = f"{test.years}, {step}, '{test.multiple}', '{test.share}', '{test.shape}'"
        return f"on_path({base}, {now}, {told})"
    factor = (
        f"pow({test.multiple}, {step} * 1.0 / {test.years})"
        if test.shape == GEOMETRIC
        else f"(1 + ({test.multiple} - 1) * {step} * 1.0 / {test.years})"
    )
    return f"({now} >= {test.share} * {base} * {factor})"
