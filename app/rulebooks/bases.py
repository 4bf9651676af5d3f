"""Measures that look back to a fixed base year: how many times as much, how much more (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

LINEAR, GEOMETRIC = "linear", "geometric"


@dataclass(frozen=True, slots=True)
class Multiple:
    """The figure of the last fiscal year divided by that of the base year; a base of zero or less is no base."""

    key: str
    base_year: int


@dataclass(frozen=True, slots=True)
class Change:
    """The figure of the last fiscal year less that of the base year."""

    key: str
    base_year: int


@dataclass(frozen=True, slots=True)
class OnPath:
    """The figure keeps up with a path from the base year to ``multiple`` times as much after ``years`` years.

    ``shape`` is the path between the two: the same amount each year (linear) or the same rate (geometric). ``share``
    is how much of the path is asked for: 1, or less for a warning.
    """

    key: str
    base_year: int
    years: int
    multiple: Decimal
    shape: str
    share: Decimal
