"""A definition as a person gives it (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from app.facts.definitions import FIRST_YEAR, Formula


@dataclass(frozen=True, kw_only=True)
class IndicatorDraft:
    """A definition as a person gives it. ``key``, ``kind`` and ``period`` count when the indicator is new.

    ``choices`` are the answers of a kind ``enum``; ``formula`` makes the value computed. ``document`` and ``article``
    name the paper that asks for the figure.
    """

    label: str
    document: str
    owner: str
    key: str = ""
    short: str = ""
    kind: str = "number"
    period: str = "annual"
    unit: str = ""
    choices: tuple[str, ...] = ()
    group: str = ""
    hint: str = ""
    article: str = ""
    url: str = ""
    formula: Formula | None = None
    effective_year: int = FIRST_YEAR
