"""Measures over a run of years: sums, means, the worst and the best year, growth (pure)."""

from __future__ import annotations

from dataclasses import dataclass

SUM, MEAN, LEAST, MOST = "sum", "mean", "min", "max"
COMPOUND = "compound"


@dataclass(frozen=True, slots=True)
class OverYears:
    """``of`` of each of the last ``years`` fiscal years (divided by ``to`` of the same year where that is named):
    their sum, mean, least or greatest. With ``this_year`` the run ends with the year of judgement itself.
    """

    of: tuple[str, ...]
    to: tuple[str, ...]
    years: int
    how: str
    this_year: bool


@dataclass(frozen=True, slots=True)
class GrowthRate:
    """Growth of ``of`` over the last ``years`` steps from one fiscal year to the next: the mean of the yearly rates,
    or the compound rate (which looks at the first and the last year only). A base of zero or less is for a person.
    """

    of: tuple[str, ...]
    years: int
    how: str
