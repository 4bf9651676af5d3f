"""What a judgement looks at: the sheet, the day, the last fiscal year, and how long the firm has operated (pure).

The last complete fiscal year is the one before ``as_of``. The application date is the fact ``application_date`` where
it is known, else ``as_of``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.eligibility.engine.finding import Place, ScoreResult
from app.facts.catalogue import Catalogue, load_catalogue
from app.facts.sheet import FactSheet, FactValue
from app.rulebooks.schema import Rulebook


@dataclass(frozen=True, slots=True)
class Operating:
    """How many fiscal years the firm has operated up to the last one; None where the start is not known.

    ``first`` is its first year where that is told outright (sales of an early year show no beginning).
    """

    years: int | None
    facts: tuple[FactValue, ...]
    first: int | None = None


@dataclass(slots=True)
class Setting:
    """Everything one judgement may look at."""

    rulebook: Rulebook
    sheet: FactSheet
    as_of: date
    kind: str
    last_year: int
    applied_on: date
    application: FactValue | None
    operating: Operating
    catalogue: Catalogue
    score: ScoreResult | None = None
    score_flags: tuple[str, ...] = ()

    def find(self, key: str) -> FactValue | None:
        """Return the figure that counts now: of the last fiscal year if told by year, else the current one.

        A current figure may bear no year, the year of judgement or the year before; an older one is out of date.
        """
        if self.catalogue.get(key).by_year:
            return self.sheet.get(key, self.last_year)
        return self.sheet.get(key) or self.sheet.get(key, self.as_of.year) or self.sheet.get(key, self.last_year)

    def place(self, key: str) -> Place:
        """Return how the figure that counts now is named when it is missing."""
        return Place(key, self.last_year if self.catalogue.get(key).by_year else None)

    def until(self, end: str) -> date:
        """Return the day up to which years are counted: of the application, or the last of the last fiscal year."""
        return date(self.last_year, 12, 31) if end == "last_year_end" else self.applied_on

    def window(self, years: int) -> tuple[int, ...]:
        """Return the last fiscal years, fewer where the firm is known to have operated for less; oldest first."""
        known = self.operating.years
        count = years if known is None else min(years, known)
        return tuple(range(self.last_year - count + 1, self.last_year + 1))

    def is_shortened(self, years: int) -> bool:
        """Tell whether the window is shorter than the rule's because the firm is young."""
        return self.operating.years is not None and self.operating.years < years


def make_setting(rulebook: Rulebook, sheet: FactSheet, as_of: date, kind: str) -> Setting:
    """Return the setting of one judgement."""
    application = sheet.get("application_date")
    applied_on = application.value if application and isinstance(application.value, date) else as_of
    last_year = as_of.year - 1
    return Setting(
        rulebook=rulebook,
        sheet=sheet,
        as_of=as_of,
        kind=kind,
        last_year=last_year,
        applied_on=applied_on,
        application=application,
        operating=_operating(sheet, last_year),
        catalogue=load_catalogue(),
    )


def _operating(sheet: FactSheet, last_year: int) -> Operating:
    """The first operating year says it, but never before the year of registration; where neither is known, sales in
    the year before the last but one show that the firm was already at work then."""
    first, registered = sheet.get("first_operating_year"), sheet.get("registration_date")
    starts = []
    if first is not None and isinstance(first.value, int):
        starts.append((first.value, first))
    if registered is not None and isinstance(registered.value, date):
        starts.append((registered.value.year, registered))
    if starts:
        year, fact = max(starts, key=lambda start: start[0])
        return Operating(max(0, last_year - year + 1), (fact,), year)
    sales = sheet.get("sales_revenue", last_year - 2)
    if sales is not None and isinstance(sales.value, Decimal) and sales.value > 0:
        return Operating(3, (sales,))
    return Operating(None, ())
