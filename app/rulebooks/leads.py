"""What a verdict leads to: the recognition that an application of a programme is for, as data (pure)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Lead:
    """What applications of a programme lead to.

    ``region`` limits it to editions of one region (empty: all). ``recognition`` and ``level`` are values of the
    register of recognitions, empty where there is none, or no one level. ``is_apart`` says that editions of different
    regions are different things which apply side by side, not versions of one.
    """

    programme: str
    region: str
    recognition: str
    level: str
    is_apart: bool
    note: str


@lru_cache(maxsize=1)
def leads() -> tuple[Lead, ...]:
    """Return all entries of leads.toml. Raises ValueError for a column that is none."""
    text = resources.files("app.rulebooks").joinpath("leads.toml").read_text(encoding="utf-8")
    return tuple(_lead(entry) for entry in tomllib.loads(text)["lead"])


def lead_of(programme: str, region: str) -> Lead | None:
    """Return what an edition of a programme and region leads to; None where nobody has said."""
    return next((one for one in leads() if one.programme == programme and one.region in ("", region)), None)


def branch_of(programme: str, region: str) -> tuple[str, str]:
    """Return what editions compete in: within a branch one takes the place of another, across branches none does."""
    found = lead_of(programme, region)
    return (programme, region) if found is not None and found.is_apart else (programme, "")


def programmes_for(recognition: str) -> tuple[str, ...]:
    """Return the programmes whose verdicts lead to a recognition."""
    return tuple(dict.fromkeys(one.programme for one in leads() if one.recognition == recognition))


def _lead(entry: dict[str, Any]) -> Lead:
    left = set(entry) - {"programme", "region", "recognition", "level", "apart", "note"}
    if left:
        raise ValueError(f"leads.toml：不认识的栏目 {'、'.join(sorted(left))}")
    return Lead(
        entry["programme"], entry.get("region", ""), entry["recognition"], entry.get("level", ""),
        entry.get("apart", False), entry.get("note", ""),
    )  # fmt: skip
