"""The office's own indicators beside the built-in catalogue: versions by year, formulas, and what now holds (pure).

Rulebooks and the judge stay on the built-in catalogue, which is sealed with the program. Everything a person sees or
types goes through ``current()``: built-in entries and the office's own, whose keys begin with ``c_``. Who keeps the
own ones (the room ``indicators``) says with ``provide`` where they are read; without it there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from app.core.choices import Choice
from app.core.errors import Invalid
from app.core.text import N_
from app.facts.catalogue import Catalogue, Indicator, load_catalogue

PREFIX = "c_"
FIRST_YEAR = 1900
"""The effective year of a definition that holds from the beginning."""


class Operation(Choice):
    """The closed vocabulary of formulas; all exact, and unknown where any part is unknown."""

    SUM = "sum", N_("求和（各项相加）")
    DIFFERENCE = "difference", N_("求差（第一项减其余各项）")
    RATIO = "ratio", N_("求比（第一项除以第二项）")
    GROWTH = "growth", N_("比上年增长（本年减上年，再除以上年）")


@dataclass(frozen=True, slots=True)
class Operand:
    """One part of a formula: an indicator of the same year, or of the year before (``years_back`` 1)."""

    key: str
    years_back: int = 0


@dataclass(frozen=True, slots=True)
class Formula:
    """An operation over indicators."""

    operation: Operation
    operands: tuple[Operand, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the formula as it is kept."""
        return {"operation": self.operation.value, "of": [[one.key, one.years_back] for one in self.operands]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any] | None) -> Formula | None:
        """Return the kept formula, None where there is none."""
        if not kept:
            return None
        return cls(Operation(kept["operation"]), tuple(Operand(key, back) for key, back in kept["of"]))


@dataclass(frozen=True, slots=True)
class Version:
    """One definition of an own indicator, in force for the years from ``effective_year`` on."""

    number: int
    effective_year: int
    indicator: Indicator
    formula: Formula | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """An own indicator with all its definitions, oldest first. A retired one stays readable and takes no new values."""

    key: str
    versions: tuple[Version, ...]
    retired_on: date | None = None

    @property
    def latest(self) -> Version:
        return self.versions[-1]

    def in_year(self, year: int | None) -> Version:
        """Return the definition in force for a year: the last one made for that year or an earlier one."""
        if year is None:
            return self.latest
        holding = [version for version in self.versions if version.effective_year <= year]
        return holding[-1] if holding else self.versions[0]


@dataclass(frozen=True, slots=True)
class Composed:
    """The built-in catalogue and the office's own indicators as they now stand."""

    built_in: Catalogue
    own: Mapping[str, Definition] = field(default_factory=lambda: MappingProxyType({}))

    def __contains__(self, key: object) -> bool:
        return key in self.built_in or key in self.own

    def __iter__(self) -> Iterator[Indicator]:
        """Go over all indicators in their present definition: the built-in ones first, then the own in use."""
        yield from self.built_in
        yield from (one.latest.indicator for one in self.own.values() if one.retired_on is None)

    def get(self, key: str, year: int | None = None) -> Indicator:
        """Return the indicator as defined for a year. Raises Invalid with the nearest key when there is none."""
        own = self.own.get(key)
        return self.built_in.get(key) if own is None else own.in_year(year).indicator

    def formula(self, key: str, year: int | None) -> Formula | None:
        """Return the formula that computes the indicator in a year, None where people state it."""
        own = self.own.get(key)
        return None if own is None else own.in_year(year).formula

    def retired_on(self, key: str) -> date | None:
        """Return the day from which the indicator takes no new values, None while it is in use."""
        own = self.own.get(key)
        return None if own is None else own.retired_on

    def computed(self) -> Sequence[Definition]:
        """Return the own indicators in use that any year computes."""
        return [one for one in self.own.values() if one.retired_on is None and any(v.formula for v in one.versions)]

    def groups(self) -> tuple[str, ...]:
        """Return the screen groups in order of first appearance."""
        return tuple(dict.fromkeys(indicator.group for indicator in self))

    def group(self, name: str) -> tuple[Indicator, ...]:
        """Return the indicators of one screen group."""
        return tuple(indicator for indicator in self if indicator.group == name)


Source = Callable[[], Mapping[str, Definition]]
_source: ContextVar[Source | None] = ContextVar("own_indicators", default=None)


def provide(source: Source | None) -> None:
    """Say where the own indicators of this thread of work are read; None for nowhere."""
    _source.set(source)


def current() -> Composed:
    """Return the catalogue as it now stands: for pages, forms, imports and exports, never for the judge."""
    source = _source.get()
    return Composed(load_catalogue(), source() if source is not None else MappingProxyType({}))


def is_own(key: str) -> bool:
    """Tell whether the key is one of the office's own, which the built-in catalogue never has."""
    return key.startswith(PREFIX)


def own(key: str, year: int | None = None) -> Indicator:
    """Return an own indicator as defined for a year. Raises Invalid when there is none."""
    found = current()
    if key not in found.own:
        raise Invalid("key", found.built_in.unknown(key))
    return found.get(key, year)
