"""The path of a doubling target, pure and exact.

The path is geometric: base × multiple^(t/T) in year t of T. This and the three colours are the bureau's way of
monitoring, not a clause of a policy. On or off the path is decided without roots: actual ≥ base·m^(t/T) holds exactly
when (actual/base)^T ≥ m^t.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from app.core.choices import Choice
from app.core.text import N_

NEARLY = Fraction(9, 10)


class Standing(Choice):
    """Where an actual value stands against the path."""

    ON = "on", N_("达到进度")
    NEAR = "near", N_("略低于进度")
    OFF = "off", N_("明显落后")
    UNKNOWN = "unknown", N_("缺数据")
    AHEAD = "future", N_("未到年度")


@dataclass(frozen=True)
class PathYear:
    """One year of the path: expected and actual in 万元, growth on the year before as a fraction."""

    year: int
    expected: Decimal
    actual: Decimal | None
    growth: Decimal | None
    standing: Standing


def standing(actual: Decimal | None, *, base: Decimal, multiple: Decimal, step: int, steps: int) -> Standing:
    """Return on, near (from nine tenths of the path) or off for year ``step`` of ``steps``; unknown stays unknown."""
    if actual is None:
        return Standing.UNKNOWN
    if base <= 0:
        return Standing.UNKNOWN
    ratio = Fraction(actual) / Fraction(base)
    goal = Fraction(multiple) ** step
    if ratio >= 0 and ratio**steps >= goal:
        return Standing.ON
    if ratio >= 0 and (ratio / NEARLY) ** steps >= goal:
        return Standing.NEAR
    return Standing.OFF


def expected(*, base: Decimal, multiple: Decimal, step: int, steps: int) -> Decimal:
    """Return base × multiple^(step/steps), 万元, to two places (for display; nothing is decided on it)."""
    with localcontext() as context:
        context.prec = 40
        value = (
            base * (multiple.ln() * step / steps).exp()
            if step not in (0, steps)
            else base * multiple ** (step // steps)
        )
        return value.quantize(Decimal("0.01"))


def required_growth(*, start: Decimal, goal: Decimal, years: int) -> Decimal | None:
    """Return the yearly growth (fraction) that leads from ``start`` to ``goal`` in ``years``.

    None where it has no meaning: no years left, or a start that is not positive. Zero when the goal is reached.
    """
    if years <= 0 or start <= 0:
        return None
    if start >= goal:
        return Decimal(0)
    with localcontext() as context:
        context.prec = 40
        return ((goal / start).ln() / years).exp() - 1


def years_of(
    *, base: Decimal, multiple: Decimal, baseline_year: int, years: int, actuals: Mapping[int, Decimal], last_year: int
) -> list[PathYear]:
    """Return the path year by year, the baseline year first. ``last_year`` is the last year that can have a figure."""
    found: list[PathYear] = []
    for step in range(years + 1):
        year = baseline_year + step
        actual = base if step == 0 else actuals.get(year)
        before = base if step == 1 else actuals.get(year - 1)
        growth = actual / before - 1 if step and actual is not None and before is not None and before > 0 else None
        state = standing(actual, base=base, multiple=multiple, step=step, steps=years)
        if actual is None and year > last_year:
            state = Standing.AHEAD
        found.append(
            PathYear(year, expected(base=base, multiple=multiple, step=step, steps=years), actual, growth, state)
        )
    return found
