"""Changed figures as pages show them: from what to what, where each came from, and the claim behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.text import Message
from app.eligibility.past.steps import Datum, Step
from app.eligibility.queries import ClaimOf
from app.facts import display
from app.facts.keeping import indicator_of
from app.facts.sheet import FactValue


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a change: what stood, from where, and the claim that it was accepted from."""

    text: Message | str
    source: str
    claim_id: int | None


@dataclass(frozen=True, slots=True)
class ShownDatum:
    """A changed figure; a side that is None was unknown."""

    key: str
    year: int | None
    label: str
    unit: str
    before: Side | None
    after: Side | None
    alone: bool


def shown(datum: Datum, claims: Mapping[int, ClaimOf]) -> ShownDatum:
    """Return a changed figure for a page."""
    indicator = indicator_of(datum.key)
    return ShownDatum(
        datum.key,
        datum.year,
        datum.label,
        display.unit_of(indicator),
        _side(datum.before, claims),
        _side(datum.after, claims),
        datum.alone,
    )


def _side(value: FactValue | None, claims: Mapping[int, ClaimOf]) -> Side | None:
    if value is None:
        return None
    claim = claims.get(value.fact_id) if value.fact_id is not None else None
    return Side(display.show(indicator_of(value.key), value.value), value.source, claim.id if claim else None)


def fact_ids(steps: Iterable[Step]) -> Sequence[int]:
    """Return the facts on both sides of all changed figures of these steps."""
    sides = [side for step in steps for datum in _data(step) for side in (datum.before, datum.after)]
    return [side.fact_id for side in sides if side is not None and side.fact_id is not None]


def _data(step: Step) -> Iterable[Datum]:
    yield from step.data
    for change in step.changes:
        yield from change.data
