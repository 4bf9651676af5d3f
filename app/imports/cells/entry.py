"""What one row says, as plain values that can be kept and read back (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from app.facts.sheet import plain_value
from app.facts.values import Value
from app.firms.taxonomy import ClusterCode, Town
from app.imports.problem import FATAL, Level, Problem


class Named(NamedTuple):
    """Who the row is about, cleaned; empty where the row does not say."""

    name: str = ""
    short_name: str = ""
    credit_code: str = ""
    security_code: str = ""
    former_names: tuple[str, ...] = ()
    town: Town | None = None
    clusters: tuple[ClusterCode, ...] = ()
    address: str = ""
    industry: str = ""
    registered_on: date | None = None
    certificate: str = ""

    @property
    def shown(self) -> str:
        """The name by which a person finds the row."""
        return self.name or self.short_name or self.credit_code or self.security_code

    @property
    def says_nothing(self) -> bool:
        """Whether nothing in the row names a firm."""
        return not self.shown


class Figure(NamedTuple):
    """One figure of the row: ``value`` in the catalogue's unit, ``raw`` as read, ``cell`` its address."""

    key: str
    year: int | None
    value: Value
    raw: str
    cell: str
    header: str

    @property
    def columns(self) -> tuple[Decimal | None, Any]:
        """``(number, value)`` as a claim keeps it; exactly one is set."""
        return (self.value, None) if isinstance(self.value, Decimal) else (None, plain_value(self.value))


class Entry(NamedTuple):
    """One data row. ``missing`` are the keys whose cell is empty; ``retrieved`` is when the source was read.

    ``year`` is the fiscal year of the row: its own where the table has rows of several years, else the import's.
    """

    sheet: str
    row: int
    named: Named
    figures: Sequence[Figure] = ()
    missing: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    retrieved: str = ""
    year: int | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the row cannot be imported whatever a person decides."""
        if not self.problems:
            return False
        return any(problem.level is Level.ERROR and problem.kind in FATAL for problem in self.problems)

    @property
    def is_held(self) -> bool:
        """Whether a cell is wrong, so that a person must look first."""
        return any(problem.level is Level.ERROR for problem in self.problems)

    @property
    def said(self) -> tuple[object, ...]:
        """What the row says apart from where it stands: equal for identical rows."""
        return (self.named, tuple((f.key, f.year, f.columns) for f in self.figures), self.missing)
