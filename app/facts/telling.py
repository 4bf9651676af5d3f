"""Names and written values of many figures: what holds for a key and year is looked up once (pure)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NamedTuple

from app.core.steps import SCALE, unscaled
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


class Telling:
    """Writes figures as the log keeps them; for work on thousands of them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int | None], tuple[str, Indicator, str, bool]] = {}

    def written(self, key: str, year: int | None, number: Decimal | None, value: Any) -> tuple[str, str]:
        """Return what a person calls the figure, and its value with the unit."""
        name, indicator, unit, is_ratio = self._known.get((key, year)) or self._look_up(key, year)
        if number is not None and not is_ratio:
            return name, display.grouped(number) + unit
        return name, display.with_unit(indicator, keeping.restored(indicator, number, value))

    def kept(self, key: str, year: int | None, kept: Kept) -> tuple[str, str]:
        """Return the same of a value that is still as the database holds it."""
        name, _indicator, unit, is_ratio = self._known.get((key, year)) or self._look_up(key, year)
        if kept.scaled is not None and not is_ratio:
            whole, part = divmod(kept.scaled, SCALE)
            if not part:
                return name, f"{whole:,}{unit}"
        return self.written(key, year, *kept.columns)

    def _look_up(self, key: str, year: int | None) -> tuple[str, Indicator, str, bool]:
        indicator = keeping.indicator_of(key, year)
        unit = display.unit_of(indicator)
        known = (keeping.name_of(key, year), indicator, f" {unit}" if unit else "", indicator.is_ratio)
        self._known[key, year] = known
        return known
