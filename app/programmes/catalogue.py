"""The stages of each line that has stages, in their order."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.text import N_
from app.programmes.models import Programme


@dataclass(frozen=True)
class Stage:
    """A stage of a line: stored code, label (a msgid), and whether the firm has arrived."""

    code: str
    label: str
    is_goal: bool = False


STAGES: dict[Programme, tuple[Stage, ...]] = {
    Programme.DOUBLING: (
        Stage("candidate", N_("备选")),
        Stage("growing", N_("在库培育")),
        Stage("achieved", N_("已实现倍增"), is_goal=True),
    ),
    Programme.CULTIVATION: (
        Stage("lead", N_("线索")),
        Stage("pooled", N_("已入库")),
        Stage("coaching", N_("辅导中")),
        Stage("applying", N_("申报中")),
        Stage("recognised", N_("已认定"), is_goal=True),
    ),
}


def stage(programme: Programme, code: str) -> Stage | None:
    """Return a stage by its code, or None."""
    return next((found for found in STAGES.get(programme, ()) if found.code == code), None)


def position(programme: Programme, code: str) -> int:
    """Return the place of a stage in its line, from 0; -1 for none."""
    return next((i for i, found in enumerate(STAGES.get(programme, ())) if found.code == code), -1)
