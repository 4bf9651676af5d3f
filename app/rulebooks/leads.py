"""What a verdict leads to: the recognition that an application of a programme is for, as data (pure)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from app.rulebooks.schema import Rulebook

REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Lead:
    """What applications of a programme lead to.

    ``region`` limits it to editions of one region (empty: all). ``recognition`` and ``level`` are values of the
    register of recognitions, empty where there is none, or no one level. ``is_apart`` says that editions of different
    regions are different things which apply side by side, not versions of one. ``is_renewed_as_new`` says that who
    wants to keep it applies for the first time again: there is no review.
    """

    programme: str
    region: str
    recognition: str
    level: str
    is_apart: bool
    note: str
    is_renewed_as_new: bool = False


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


def kinds_of(rulebook: Rulebook) -> tuple[str, ...]:
    """Return the kinds of application that may be begun under an edition."""
    found = lead_of(rulebook.programme, rulebook.region)
    if found is not None and found.is_renewed_as_new:
        return tuple(kind for kind in rulebook.kinds if kind != REVIEW)
    return rulebook.kinds


def programmes_for(recognition: str) -> tuple[str, ...]:
    """Return the programmes whose verdicts lead to a recognition."""
    return tuple(dict.fromkeys(one.programme for one in leads() if one.recognition == recognition))


def programme_for(recognition: str, level: str) -> str | None:
    """Return the programme whose application leads to a recognition of that level, None where there is none."""
    return next((one.programme for one in leads() if one.recognition == recognition and one.level in ("", level)), None)


def _lead(entry: dict[str, Any]) -> Lead:
    left = set(entry) - {"programme", "region", "recognition", "level", "apart", "note", "renewal"}
    if left:
        raise ValueError(f"leads.toml：不认识的栏目 {'、'.join(sorted(left))}")
    return Lead(
        entry["programme"], entry.get("region", ""), entry["recognition"], entry.get("level", ""),
        entry.get("apart", False), entry.get("note", ""), entry.get("renewal", "") == "new",
    )  # fmt: skip
