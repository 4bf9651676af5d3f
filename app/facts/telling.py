"""Names and written values of many figures: what holds for a key and year is looked up once (pure)."""

from __future__ import annotations

import json
from typing import NamedTuple

from app.core.steps import PLACES, SCALE, unscaled
from app.facts import display, keeping
from app.facts.catalogue import Indicator


class Kept(NamedTuple):
    """A value as the database holds it: the number in its smallest steps, anything else as JSON text."""

    scaled: int | None
    text: str | None

    @property
    def columns(self) -> keeping.Columns:
        """The value as Python knows it."""
        number = None if self.scaled is None else unscaled(self.scaled)
        return number, None if self.text is None else json.loads(self.text)


class _Manner(NamedTuple):
    """How figures of a key and year are called and written: the name as JSON, what follows a plain number."""

    name: str
    indicator: Indicator
    times: int
    unit: str


class Telling:
    """Writes figures as the log keeps them, in JSON; for work on thousands of them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int | None], _Manner] = {}

    def told(self, key: str, year: int | None, kept: tuple[int | None, str | None]) -> tuple[str, str]:
        """Return what a person calls the figure, and its value with the unit, both as JSON."""
        manner = self._known.get((key, year)) or self._look_up(key, year)
        scaled, text = kept
        if scaled is None:
            return manner.name, _written(manner.indicator, Kept(None, text).columns)
        whole, part = divmod(scaled * manner.times, SCALE)
        if part:
            return manner.name, f'"{_parted(scaled * manner.times)}{manner.unit}"'
        return manner.name, f'"{whole:,}{manner.unit}"'

    def shown(self, key: str, year: int | None, columns: keeping.Columns) -> str:
        """Return a value that Python knows already, with its unit, as JSON."""
        manner = self._known.get((key, year)) or self._look_up(key, year)
        return _written(manner.indicator, columns)

    def _look_up(self, key: str, year: int | None) -> _Manner:
        indicator = keeping.indicator_of(key, year)
        unit = display.unit_of(indicator)
        written = "%" if indicator.is_ratio else f" {unit}" if unit else ""
        manner = _Manner(
            _json(keeping.name_of(key, year)), indicator, 100 if indicator.is_ratio else 1, _json(written)[1:-1]
        )
        self._known[key, year] = manner
        return manner


def _parted(scaled: int) -> str:
    """Return a number that is not whole with thousands separators: 1,234.5."""
    whole, part = divmod(abs(scaled), SCALE)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole:,}.{part:0{PLACES}d}".rstrip("0")


def _written(indicator: Indicator, columns: keeping.Columns) -> str:
    return _json(display.with_unit(indicator, keeping.restored(indicator, *columns)))


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
