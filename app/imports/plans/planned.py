"""What one row would do (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from app.imports.cells.entry import Entry, Figure
from app.imports.models import Decision, RowOutcome
from app.imports.problem import Problem


class Planned(NamedTuple):
    """One data row: outcome, the firm if it is in the register, the figures that would be stated, all problems.

    ``asks`` are the keys of figures that need a reason of a person, ``fills`` what the firm's record lacks and the
    row knows, ``decision`` what a person decided about the row.
    """

    entry: Entry
    outcome: RowOutcome
    firm_id: int | None = None
    stated: Sequence[Figure] = ()
    problems: tuple[Problem, ...] = ()
    asks: tuple[str, ...] = ()
    fills: Mapping[str, str] = MappingProxyType({})
    decision: Decision | None = None
