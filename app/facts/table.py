"""A firm's figures as a table: by group of the catalogue, indicators down, years across (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.facts.catalogue import Indicator, load_catalogue
from app.facts.keeping import are_same, indicator_of
from app.facts.shown import ClaimShown, FactShown

YEARS_SHOWN = 5
YEARS_EXPECTED = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands and what waits at one place."""

    year: int | None
    fact: FactShown | None
    pending: Sequence[ClaimShown]

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
) -> list[Group]:
    """Return the groups with something to show; ``everything`` adds the indicators nobody has spoken of yet.

    ``text`` narrows to indicators whose label, short name or key contains it.
    """
    held = {(fact.key, fact.year): fact for fact in facts}
    waits: dict[tuple[str, int | None], list[ClaimShown]] = {}
    for claim in pending:
        waits.setdefault((claim.key, claim.year), []).append(claim)
    places = set(held) | set(waits)
    years = _years({year for _key, year in places if year is not None}, this_year)
    known = {key for key, _year in places}
    catalogue = [*load_catalogue(), *(indicator_of(key) for key in sorted(known) if key not in load_catalogue())]
    groups: dict[str, tuple[list[Line], list[Line]]] = {}
    for indicator in catalogue:
        if not (everything or indicator.key in known) or not found_by(indicator, text):
            continue
        yearly, undated = groups.setdefault(indicator.group, ([], []))
        if indicator.by_year or any((indicator.key, year) in places for year in years):
            cells = [Cell(y, held.get((indicator.key, y)), waits.get((indicator.key, y), ())) for y in years]
            yearly.append(Line(indicator, cells))
        if not indicator.by_year:
            place = (indicator.key, None)
            undated.append(Line(indicator, [Cell(None, held.get(place), waits.get(place, ()))]))
    return [Group(name, years, yearly, undated) for name, (yearly, undated) in groups.items()]


def found_by(indicator: Indicator, text: str) -> bool:
    """Tell whether a search text finds the indicator."""
    wanted = text.strip().lower()
    return not wanted or any(wanted in part.lower() for part in (indicator.label, indicator.short, indicator.key))


def indicators_to_state(text: str = "") -> list[tuple[str, Sequence[Indicator]]]:
    """Return the indicators a person may state, by group; those the system derives are left out."""
    catalogue = load_catalogue()
    groups = (
        (name, [i for i in catalogue.group(name) if not i.derived and found_by(i, text)]) for name in catalogue.groups()
    )
    return [(name, found) for name, found in groups if found]


def _years(found: set[int], this_year: int) -> Sequence[int]:
    expected = range(this_year - YEARS_EXPECTED, this_year)
    return sorted({*found, *expected})[-YEARS_SHOWN:]
