"""What a test looks at: the firms, the edition, their scores under it (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from app.eligibility.columnar.points import Scored
from app.eligibility.columnar.table import Table
from app.rulebooks.schema import Rulebook


@dataclass(slots=True)
class Asked:
    """What one judgement looks at: the firms, the edition, and their scores under it."""

    table: Table
    rulebook: Rulebook
    score: Scored | None = None
