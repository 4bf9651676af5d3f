"""What a measure found for many firms: the numbers, or what keeps them open (pure). Mirrors ``engine.reading``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.eligibility.columnar.amounts import Kept, Number
from app.eligibility.columnar.codes import Flags

VALUE, MISSING, REVIEW, NOTHING = range(4)
"""What a measure found: a number, figures missing, a person must decide, or no points by the rule."""

States = npt.NDArray[np.uint8]


@dataclass(slots=True)
class Reading:
    """What a measure found for each firm; ``number`` means something where the state is VALUE.

    ``floor`` and ``ceiling`` are the least and the most it can be otherwise, each with where it is told. ``guesses``
    are the only values possible for firms of which ``guessed`` holds, each with where it is possible.
    """

    state: States
    number: Kept
    floor: tuple[Flags, Kept] | None = None
    ceiling: tuple[Flags, Kept] | None = None
    guessed: Flags | None = None
    guesses: Sequence[tuple[Flags, Number]] = ()

    @property
    def has_value(self) -> Flags:
        found: Flags = self.state == VALUE
        return found


def state_of(known: Flags) -> States:
    """Return VALUE where known and MISSING elsewhere."""
    return np.where(known, np.uint8(VALUE), np.uint8(MISSING))
