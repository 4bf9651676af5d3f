"""Criteria of questionnaires and registers: answers of a list, how many answers reach a level, no such entry (pure)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CountAtLevel:
    """How many of these answers stand at or above a level, in the catalogue's order of options."""

    keys: tuple[str, ...]
    level: str


@dataclass(frozen=True, slots=True)
class Lists:
    """A list of answers names this one."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class NoRecord:
    """A register holds no entry in which one of the words is mentioned."""

    key: str
    mentions: tuple[str, ...]
