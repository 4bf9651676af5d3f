"""Axes with round ticks, computed exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from app.core.rounding import Exact, decimals, grouped


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high`` with ticks at multiples of ``step``."""

    low: Fraction
    high: Fraction
    step: Fraction

    @property
    def ticks(self) -> list[Fraction]:
        """All tick values, lowest first."""
        count = int((self.high - self.low) / self.step)
        return [self.low + self.step * index for index in range(count + 1)]

    def label(self, tick: Fraction) -> str:
        """Write a tick with the decimals the step needs."""
        return grouped(tick, decimals(self.step))

    def share(self, value: Exact) -> float:
        """Return where ``value`` lies between low (0) and high (1), held inside the axis."""
        part = (Fraction(value) - self.low) / (self.high - self.low)
        return float(min(Fraction(1), max(Fraction(0), part)))

    @property
    def widest(self) -> str:
        """The longest tick label, for reserving room."""
        return max((self.label(tick) for tick in self.ticks), key=len)


def _round_step(span: Fraction, steps: int) -> Fraction:
    raw = span / steps
    power = Fraction(1)
    while power > raw:
        power /= 10
    while power * 10 <= raw:
        power *= 10
    return next(power * factor for factor in (1, 2, Fraction(5, 2), 5, 10) if power * factor >= raw)


def scale_for(values: Iterable[Exact | None], *, steps: int = 4) -> Scale:
    """Return an axis that holds zero and every known value, in about ``steps`` round steps."""
    known = [Fraction(value) for value in values if value is not None]
    low, high = min([Fraction(0), *known]), max([Fraction(0), *known])
    if low == high:
        high = Fraction(1)
    step = _round_step(high - low, steps)
    return Scale((low / step).__floor__() * step, (high / step).__ceil__() * step, step)
