"""Points of many firms as intervals, in whole steps (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.eligibility.columnar.amounts import Amount, Number, plain
from app.eligibility.columnar.codes import Flags

PLACES = 4
STEP = 10**PLACES
MOST = 2**31

Steps = npt.NDArray[np.int64]


@dataclass(slots=True)
class Points:
    """Points from ``low`` to ``high``; ``lacks`` where a missing figure keeps them apart; ``refused`` where experts
    gave points that the rules do not allow."""

    low: Steps
    high: Steps
    lacks: Flags
    refused: Flags

    def number(self, ends: Steps) -> Number:
        """Return one end of the interval as a number."""
        return plain(Amount(ends, PLACES, MOST))


@dataclass(slots=True)
class Scored:
    """The whole score and its groups by id."""

    total: Points
    groups: dict[str, Points] = field(default_factory=dict)
