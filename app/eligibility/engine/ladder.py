"""The level that a firm has reached on an edition's ladder, as an interval while answers are missing (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.eligibility.engine.outcome import Outcome
from app.rulebooks.schema import Ladder

_OPEN = (Outcome.MET, Outcome.UNKNOWN, Outcome.NEEDS_REVIEW)


@dataclass(frozen=True, slots=True)
class LevelResult:
    """The level that is certain (``low``) and the highest still possible (``high``): ids, empty below the first.

    ``next`` is the level above the certain one (empty at the top), ``next_clause`` the clause that asks for it.
    """

    name: str
    low: str
    low_name: str
    high: str
    high_name: str
    next: str
    next_name: str
    next_clause: str

    @property
    def is_open(self) -> bool:
        """Whether more than one level is possible."""
        return self.low != self.high

    @property
    def said(self) -> str:
        """The level in words: 二级; 一级至三级."""
        return f"{self.low_name}至{self.high_name}" if self.is_open else self.low_name

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


def climbed(ladder: Ladder, outcomes: Mapping[str, Outcome]) -> LevelResult | None:
    """Return the level reached, from the outcome of each level's clause; None where none of them applies.

    Levels go from the lowest to the highest.
    """
    if all(outcomes[one.clause] is Outcome.NOT_APPLICABLE for one in ladder.levels):
        return None
    ranks = [("", ladder.floor, ""), *((one.id, one.name, one.clause) for one in ladder.levels)]
    low = max((n for n, one in enumerate(ladder.levels, 1) if outcomes[one.clause] is Outcome.MET), default=0)
    high = max((n for n, one in enumerate(ladder.levels, 1) if outcomes[one.clause] in _OPEN), default=0)
    above = ranks[low + 1] if low + 1 < len(ranks) else ("", "", "")
    return LevelResult(ladder.name, *ranks[low][:2], *ranks[max(low, high)][:2], *above)
