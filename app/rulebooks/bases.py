"""Measures that look back to a fixed base year: how many times as much, how much more (pure)."""

from __future__ import annotations

from dataclasses import dataclass


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
