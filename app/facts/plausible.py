"""Amounts that hardly any firm has: most likely 元 typed where 万元 are asked for, in every year alike (pure).

Nothing is refused: there are such firms. Beside last year's figure a wrong unit stands out (``swings``); where all
years are wrong in the same way nothing does, so an amount is held against what is possible at all, and against the
staff.
"""

from __future__ import annotations

from decimal import Decimal

from app.core.text import Message, tr
from app.facts.catalogue import Indicator
from app.facts.display import with_unit

MOST = Decimal(10_000_000)
"""1,000 亿元 in 万元: no firm of the district comes near."""
MOST_A_HEAD = Decimal(10_000)
"""1 亿元 for every member of staff: a working assumption, well above trade and finance."""
STAFF = ("employees_month_avg", "employees_quarter_avg", "employees_total")


def implausible(value: Decimal, indicator: Indicator, staff: Decimal | None) -> Message | None:
    """Return why an amount can hardly be right; None where nothing speaks against it. ``staff`` is None if unknown."""
    if indicator.unit != "万元":
        return None
    if abs(value) > MOST:
        return tr(
            "%(value)s超过 1,000 亿元，很可能是按元填的；请在数字后写明“元”，确实如此的请写明原因",
            value=with_unit(indicator, value),
        )
    if staff is not None and staff > 0 and abs(value) > staff * MOST_A_HEAD:
        return tr(
            "%(value)s，按职工 %(staff)s 人计每人超过 1 亿元，可能是按元填的；请在数字后写明“元”，确实如此的写明原因",
            value=with_unit(indicator, value), staff=staff,
        )  # fmt: skip
    return None
