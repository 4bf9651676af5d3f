"""What a test looks at: the firms, the edition, their scores under it; and what one word says (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.eligibility.columnar import codes
from app.eligibility.columnar.codes import Codes
from app.eligibility.columnar.score import Scored
from app.eligibility.columnar.table import Table
from app.rulebooks.schema import Rulebook


@dataclass(slots=True)
class Asked:
    """What one judgement looks at: the firms, the edition, and their scores under it."""

    table: Table
    rulebook: Rulebook
    score: Scored | None = None


def told_by_word(asked: Asked, key: str, say: Callable[[Any], int]) -> Codes:
    """Return what is said of the firm's word; unknown where it has none. A plain number is nothing to be said of."""
    column = asked.table.find(key)
    asked.table.odd |= column.plain
    result: Codes = asked.table.by_word(key, column, say, np.uint8)
    return codes.put(result, ~column.known, codes.UNKNOWN)
