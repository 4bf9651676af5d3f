"""What of a firm's figures can be changed, by whom and how soon: working assumptions of the office, not policy (pure).

The defaults stand in levers.toml; the office changes them one by one (app/eligibility/gap), and pages say which of the
two a line is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any

from app.core.choices import Choice
from app.core.text import N_
from app.facts.catalogue import Indicator, load_catalogue


class Means(Choice):
    """How a figure can become another one."""

    WORK = "work", N_("靠工作改变")
    CORRECT = "correct", N_("只能更正或补充数据")
    TIME = "time", N_("只随时间改变")
    NEVER = "never", N_("本年度内不能改变")


class Who(Choice):
    """Who has to act."""

    FIRM = "firm", N_("企业")
    FIRM_AND_EXPERT = "firm_and_expert", N_("企业和专家")
    OFFICE = "office", N_("主管部门")
    OTHER_OFFICE = "other_office", N_("其他部门")
    NOBODY = "nobody", N_("无须办理")


class Direction(Choice):
    """Which way a figure may be moved as a measure of cultivation; what is not listed is only shown, never advised."""

    UP = "up", N_("只考虑增加")
    DOWN = "down", N_("只考虑减少")
    BOTH = "both", N_("增减均可")
    NONE = "none", N_("不作为培育措施")


@dataclass(frozen=True, slots=True)
class Lever:
    """One figure's working assumptions: ``lead_days`` from beginning to effect, ``correct_days`` where the fiscal year
    is over and only a correction is left (None: then it is no measure at all), ``effort`` from 1 (least) to 5."""

    key: str
    means: Means
    who: Who
    direction: Direction
    lead_days: int
    correct_days: int | None
    effort: int
    note: str = ""
    is_general: bool = False

    @property
    def is_advised(self) -> bool:
        """Whether a plan may ask for a change of the figure at all."""
        return self.means in (Means.WORK, Means.CORRECT) and self.direction is not Direction.NONE

    def terms(self, year: int | None, today: date) -> Terms:
        """Return what holds for the figure of a fiscal year: one that is over can only be corrected."""
        over = year is not None and year < today.year and load_catalogue().get(self.key).by_year
        corrected = self.means is Means.CORRECT or (over and self.means is Means.WORK)
        means = Means.CORRECT if corrected else self.means
        days = self.correct_days if corrected else self.lead_days
        return Terms(self, means, days or 0, is_possible=days is not None)


@dataclass(frozen=True, slots=True)
class Terms:
    """A lever as it stands for one figure on a day."""

    lever: Lever
    means: Means
    lead_days: int
    is_possible: bool = True

    def allows(self, up: bool) -> bool:
        """Tell whether a plan may ask for the change."""
        if not self.lever.is_advised or not self.is_possible:
            return False
        return self.lever.direction is Direction.BOTH or (self.lever.direction is Direction.UP) == up


_GENERAL: Mapping[str, tuple[Direction, int, int, int]] = {
    "number": (Direction.UP, 180, 30, 3),
    "bool": (Direction.BOTH, 60, 20, 2),
    "enum": (Direction.UP, 365, 20, 4),
    "date": (Direction.BOTH, 180, 15, 3),
    "records": (Direction.UP, 365, 15, 4),
    "list": (Direction.UP, 180, 15, 3),
}


def general(indicator: Indicator) -> Lever:
    """Return what is assumed of a figure that nobody has said anything about."""
    if indicator.derived or indicator.period == "static" or indicator.kind not in _GENERAL:
        return Lever(indicator.key, Means.CORRECT, Who.FIRM, Direction.NONE, 30, 30, 3, is_general=True)
    direction, lead, correct, effort = _GENERAL[indicator.kind]
    return Lever(indicator.key, Means.WORK, Who.FIRM, direction, lead, correct, effort, is_general=True)


@lru_cache(maxsize=1)
def defaults() -> Mapping[str, Lever]:
    """Return a lever for every indicator of the catalogue. Raises ValueError naming the entry that is not in order."""
    text = resources.files("app.eligibility.reach").joinpath("levers.toml").read_text(encoding="utf-8")
    known = load_catalogue()
    found = {indicator.key: general(indicator) for indicator in known}
    for entry in tomllib.loads(text)["lever"]:
        for key in entry["keys"]:
            if key not in known:
                raise ValueError(f"levers.toml：{known.unknown(key)}")
            found[key] = _lever(key, entry)
    return found


def _lever(key: str, entry: dict[str, Any]) -> Lever:
    try:
        return Lever(
            key,
            Means(entry["means"]),
            Who(entry["who"]),
            Direction(entry["direction"]),
            int(entry["lead_days"]),
            entry.get("correct_days"),
            int(entry["effort"]),
            entry["note"],
        )
    except (KeyError, ValueError) as error:
        raise ValueError(f"levers.toml：{key} 的栏目有误（{error}）") from None


def lever_of(levers: Mapping[str, Lever], key: str) -> Lever:
    """Return the lever of a figure; one that the catalogue does not know is never advised."""
    if key in levers:
        return levers[key]
    return Lever(key, Means.CORRECT, Who.FIRM, Direction.NONE, 30, 30, 3, is_general=True)
