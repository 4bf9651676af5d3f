"""Names and written values of many figures: what holds for a key and year is looked up once (pure)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.facts import display, keeping
from app.facts.catalogue import Indicator


class Telling:
    """Writes figures as the log keeps them; for work on thousands of them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int | None], tuple[str, Indicator, str]] = {}

    def written(self, key: str, year: int | None, number: Decimal | None, value: Any) -> tuple[str, str]:
        """Return what a person calls the figure, and its value with the unit."""
        known = self._known.get((key, year))
        if known is None:
            indicator = keeping.indicator_of(key, year)
            unit = display.unit_of(indicator)
            known = (keeping.name_of(key, year), indicator, f" {unit}" if unit else "")
            self._known[key, year] = known
        name, indicator, unit = known
        if number is not None and not indicator.is_ratio:
            return name, display.grouped(number) + unit
        return name, display.with_unit(indicator, keeping.restored(indicator, number, value))
