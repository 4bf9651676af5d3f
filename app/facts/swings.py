"""A figure beside last year's or another source's: wrong units, large swings, changes of sign (pure).

Nothing is refused here: real firms do such things. A person mends the figure, or says why it is so.
"""

from __future__ import annotations

from decimal import Decimal

from app.core.text import Message, tr
from app.facts.catalogue import Indicator

SWING = Decimal("0.5")
SHARE_SWING = Decimal("0.2")
"""Shares swing by points, not by a part of themselves: a debt ratio from 30 % to 55 % is asked for."""
SMALL = {"万元": Decimal(50), "人": Decimal(10)}
"""Below such a difference a large part of a small figure is nothing to ask about: 2 → 4 patents, 8 → 15 persons."""
SMALLEST = Decimal(5)
_MONEY = ((Decimal(10_000), Decimal("0.3"), Decimal(3)), (Decimal(1_000), Decimal("0.3"), Decimal(3)),
          (Decimal(10), Decimal("0.9"), Decimal("1.1")))  # fmt: skip
"""Factors between units of money, and how far from the factor still counts: a tenfold must be nearly exact."""
_SHARES = ((Decimal(100), Decimal("0.3"), Decimal(3)),)


def unit_factor(value: Decimal, before: Decimal, indicator: Indicator) -> Decimal | None:
    """Return what the value must be divided by to be near the one before, when a wrong unit explains it."""
    if not value or not before or (value < 0) != (before < 0):
        return None
    ratio = value / before
    factors: tuple[tuple[Decimal, Decimal, Decimal], ...]
    if indicator.is_ratio:
        factors = _SHARES
    elif indicator.unit == "万元":
        factors = _MONEY
    else:
        return None
    for factor, low, high in factors:
        if factor * low <= ratio <= factor * high:
            return factor
        if factor * low <= 1 / ratio <= factor * high:
            return 1 / factor
    return None


def swings(value: Decimal, before: Decimal, indicator: Indicator) -> bool:
    """Tell whether a change is so large, or turns the sign, that a person should say why."""
    change = abs(value - before)
    if indicator.is_ratio:
        return change > SHARE_SWING
    if change <= SMALL.get(indicator.unit, SMALLEST):
        return False
    return (value < 0) != (before < 0) or change > abs(before) * SWING


def times(factor: Decimal) -> Message:
    """Return a factor in words: 1,000 倍, 1,000 分之一."""
    if factor >= 1:
        return tr("%(n)s 倍", n=f"{factor:,f}")
    return tr("%(n)s 分之一", n=f"{1 / factor:,f}")


def change(value: Decimal, before: Decimal, indicator: Indicator) -> Message:
    """Return how far a figure has moved, in words."""
    if indicator.is_ratio:
        return tr("变动 %(n)s 个百分点", n=f"{(value - before) * 100:+.1f}")
    if (value < 0) != (before < 0):
        return tr("由负转正") if value >= 0 else tr("由正转负")
    if not before:
        return tr("上年为 0")
    return tr("变动 %(n)s%%", n=f"{(value - before) / abs(before) * 100:+,.0f}")
