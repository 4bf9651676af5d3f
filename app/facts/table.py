"""A firm's figures as a table: by group of the catalogue, indicators down, years across (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from app.core.text import Message, tr
from app.facts import display
from app.facts.catalogue import Indicator
from app.facts.definitions import Composed, current
from app.facts.formula import Computed, compute, written
from app.facts.keeping import are_same, indicator_of, name_of
from app.facts.shown import ClaimShown, FactShown

YEARS_SHOWN = 5
YEARS_EXPECTED = 3


@dataclass(frozen=True, slots=True)
class ComputedShown:
    """What a formula gives, ready for the eye; ``why`` says what is missing where it gives nothing."""

    shown: display.Text
    unit: str
    formula: str
    why: Message | None


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands and what waits at one place; ``computed`` where a formula gives the value of the year.

    On a page of a past day ``later`` is what stands there now, where that differs from what stood on the day.
    """

    year: int | None
    fact: FactShown | None
    pending: Sequence[ClaimShown]
    computed: ComputedShown | None = None
    later: FactShown | None = None

    @property
    def in_conflict(self) -> bool:
        """Whether sources differ: among the claims that wait, or between them and the fact."""
        held = [self.fact.columns] if self.fact is not None else []
        said = [*held, *(claim.columns for claim in self.pending)]
        return any(not are_same(said[0], other) for other in said[1:])


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator with its cells, in the order of the table's columns."""

    indicator: Indicator
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the catalogue: figures by year, and figures that bear no year."""

    name: str
    years: Sequence[int]
    yearly: Sequence[Line]
    undated: Sequence[Line]


def figure_groups(
    facts: Iterable[FactShown],
    pending: Iterable[ClaimShown],
    *,
    this_year: int,
    everything: bool = False,
    text: str = "",
    later: Mapping[tuple[str, int | None], FactShown] = MappingProxyType({}),
) -> list[Group]:
    """Return the groups with something to show; ``everything`` adds the indicators nobody has spoken of yet.

    ``text`` narrows to indicators whose label, short name or key contains it; ``later`` is what a page of a past day
    marks: what stands now where it differs.
    """
    held = {(fact.key, fact.year): fact for fact in facts}
    waits = _by_place(pending)
    places = set(held) | set(waits) | set(later)
    years = _years({year for _key, year in places if year is not None}, this_year)
    catalogue = current()
    computed = _computed(catalogue, held, years)
    known = {key for key, _year in places} | {key for key, _year in computed}
    rest = (indicator_of(key) for key in sorted(known) if key not in {one.key for one in catalogue})
    groups: dict[str, tuple[list[Line], list[Line]]] = {}
    for indicator in (*catalogue, *rest):
        key = indicator.key
        if not (everything or key in known) or not found_by(indicator, text):
            continue
        yearly, undated = groups.setdefault(indicator.group, ([], []))

        def cell(year: int | None, key: str = key) -> Cell:
            place = (key, year)
            given = computed.get((key, year)) if year is not None else None
            return Cell(year, held.get(place), waits.get(place, ()), given, later.get(place))

        if indicator.by_year or any((key, year) in places for year in years):
            yearly.append(Line(indicator, [cell(year) for year in years]))
        if not indicator.by_year:
            undated.append(Line(indicator, [cell(None)]))
    return [Group(name, years, yearly, undated) for name, (yearly, undated) in groups.items()]


def _by_place(claims: Iterable[ClaimShown]) -> dict[tuple[str, int | None], list[ClaimShown]]:
    found: dict[tuple[str, int | None], list[ClaimShown]] = {}
    for claim in claims:
        found.setdefault((claim.key, claim.year), []).append(claim)
    return found


def _computed(
    catalogue: Composed, held: Mapping[tuple[str, int | None], FactShown], years: Sequence[int]
) -> dict[tuple[str, int], ComputedShown]:
    """Return what formulas give for each year; an indicator of which nothing is known in any year is left out."""

    def known(key: str, year: int) -> Decimal | None:
        fact = held.get((key, year))
        return fact.columns[0] if fact is not None else None

    found: dict[tuple[str, int], ComputedShown] = {}
    for own in catalogue.computed():
        results = {year: compute(catalogue, own.key, year, known) for year in years if catalogue.formula(own.key, year)}
        if any(one.value is not None or one.why is not None for one in results.values()):
            found.update({(own.key, year): _result(catalogue, own.key, one) for year, one in results.items()})
    return found


def _result(catalogue: Composed, key: str, computed: Computed) -> ComputedShown:
    indicator, formula = catalogue.get(key, computed.year), catalogue.formula(key, computed.year)
    why = computed.why
    if computed.value is None and why is None:
        why = tr("缺 %(names)s", names="、".join(name_of(*place) for place in computed.missing))
    return ComputedShown(
        shown=display.show(indicator, computed.number),
        unit=display.unit_of(indicator),
        formula=written(formula, catalogue) if formula else "",
        why=why,
    )


def found_by(indicator: Indicator, text: str) -> bool:
    """Tell whether a search text finds the indicator."""
    wanted = text.strip().lower()
    return not wanted or any(wanted in part.lower() for part in (indicator.label, indicator.short, indicator.key))


def indicators_to_state(text: str = "") -> list[tuple[str, Sequence[Indicator]]]:
    """Return the indicators a person may state, by group; those the system derives are left out."""
    catalogue = current()
    groups = (
        (name, [i for i in catalogue.group(name) if not i.derived and found_by(i, text)]) for name in catalogue.groups()
    )
    return [(name, found) for name, found in groups if found]


def _years(found: set[int], this_year: int) -> Sequence[int]:
    expected = range(this_year - YEARS_EXPECTED, this_year)
    return sorted({*found, *expected})[-YEARS_SHOWN:]
