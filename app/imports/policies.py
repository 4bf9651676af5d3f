"""What is to happen, column by column, where the register holds another figure already: as the page of a batch asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.facts.keeping import indicator_of
from app.imports.layouts.layout import Layout
from app.imports.models import ImportBatch
from app.imports.plans.plan import Policy


@dataclass(frozen=True, slots=True)
class PolicyView:
    """The policy of one figure: what is chosen now."""

    key: str
    label: str
    chosen: Policy

    @property
    def choices(self) -> list[Policy]:
        """All that may be chosen."""
        return list(Policy)


def keys_of(batch: ImportBatch) -> list[str]:
    """Return the figures that the file brings, in the order of its columns."""
    layouts = [Layout.from_json(kept) for kept in batch.layouts.values()]
    found = {place.column.key: None for layout in layouts for place in layout.places if place.column.key}
    return list(found)


def policies(batch: ImportBatch) -> Sequence[PolicyView]:
    """Return what is chosen for every figure of the file; what nobody chose is stated beside what is held."""
    said = batch.report.get("policy", {})
    return [
        PolicyView(key, indicator_of(key).short, Policy(said.get(key, Policy.BESIDE.value))) for key in keys_of(batch)
    ]
