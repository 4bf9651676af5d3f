"""One measured figure, and the line of JSON it becomes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Limit:
    """How large a figure may be, or how small."""

    side: Literal["at_most", "at_least"]
    value: float

    def holds(self, value: float) -> bool:
        return value <= self.value if self.side == "at_most" else value >= self.value


@dataclass(frozen=True)
class Figure:
    """A figure with its limit.

    ``ratio_to`` names what the value is a ratio to, measured in the same run; None for an absolute value.
    """

    name: str
    value: float
    unit: str
    limit: Limit
    ratio_to: str | None = None

    @property
    def is_ok(self) -> bool:
        return self.limit.holds(self.value)

    def as_line(self) -> str:
        """One line of JSON."""
        fields = {
            "figure": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "limit": {self.limit.side: self.limit.value},
            "ratio_to": self.ratio_to,
            "ok": self.is_ok,
        }
        return json.dumps(fields, ensure_ascii=False)
