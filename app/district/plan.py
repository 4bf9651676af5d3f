"""The twelve indicators of the district's plan, and which recognition counts towards which: facts with a source (pure).

What the plan does not say stays undefined: nothing is weighed by it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from app.core.choices import Choice
from app.core.text import N_


class Status(Choice):
    """Whether the plan says that a recognition counts."""

    STATED = "stated", N_("规划写明")
    UNDEFINED = "undefined", N_("口径未定义")


@dataclass(frozen=True, slots=True)
class PlanIndicator:
    """A row of the plan's table 1; ``target`` as printed, ``variants`` all readings where it contradicts itself."""

    id: str
    name: str
    unit: str
    target: str
    department: str
    where: str
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """A programme's recognition and an indicator, with the place in the plan that says so, or what is not said."""

    programme: str
    indicator: PlanIndicator
    status: Status
    basis: str


@dataclass(frozen=True, slots=True)
class DistrictPlan:
    """Title, day of publication, indicators and effects."""

    title: str
    published: str
    indicators: tuple[PlanIndicator, ...]
    effects: tuple[Effect, ...]

    def of(self, programme: str) -> Sequence[Effect]:
        """Return what a programme's recognition has to do with the indicators, what is stated first."""
        found = [one for one in self.effects if one.programme == programme]
        return sorted(found, key=lambda one: one.status is not Status.STATED)

    def rank(self, programme: str) -> int:
        """Return 0 where the recognition counts towards an indicator, 1 where the plan leaves it undefined, else 2."""
        statuses = {one.status for one in self.of(programme)}
        return 0 if Status.STATED in statuses else 1 if statuses else 2


RANKS: Mapping[int, str] = {
    0: N_("计入规划指标"),
    1: N_("与规划指标有关，口径未定义"),
    2: N_("规划目标表没有对应指标"),
}


@lru_cache(maxsize=1)
def plan() -> DistrictPlan:
    """Return the plan. Raises KeyError or ValueError for an entry of plan.toml that is not in order."""
    data = tomllib.loads(resources.files("app.district").joinpath("plan.toml").read_text(encoding="utf-8"))
    indicators = {entry["id"]: _indicator(entry) for entry in data["indicator"]}
    effects = tuple(
        Effect(entry["programme"], indicators[entry["indicator"]], Status(entry["status"]), entry["basis"])
        for entry in data["effect"]
    )
    return DistrictPlan(data["title"], data["published"], tuple(indicators.values()), effects)


def _indicator(entry: dict[str, Any]) -> PlanIndicator:
    return PlanIndicator(
        entry["id"], entry["name"], entry["unit"], entry["target"], entry["department"], entry["where"],
        tuple(entry.get("variants", ())),
    )  # fmt: skip
