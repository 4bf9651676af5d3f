"""Exact numbers as whole steps of 10⁻⁸: how the database keeps them (pure)."""

from __future__ import annotations

from decimal import Decimal

PLACES = 8
SCALE = 10**PLACES
STEPS = Decimal(SCALE)


def unscaled(steps: int) -> Decimal:
    """Return the number that a column keeps as so many steps of 10⁻⁸, without trailing zeros."""
    whole, part = divmod(steps, SCALE)
    # scaleb keeps all 19 digits whatever the context precision (28)
    return Decimal(steps).scaleb(-PLACES).normalize() if part else Decimal(whole)
