"""The result of one test, before it is bound to a clause (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.eligibility.engine import wording
from app.eligibility.engine.finding import Place, Plain
from app.eligibility.engine.outcome import Outcome
from app.facts.sheet import FactValue


@dataclass(slots=True)
class Check:
    """How a test came out: outcome, what was found and asked, figures used and missing, and one sentence."""

    outcome: Outcome
    sentence: str
    used: tuple[FactValue, ...] = ()
    missing: tuple[Place, ...] = ()
    actual: Plain = None
    actual_exact: str = ""
    actual_text: str = ""
    operator: str = ""
    required: Plain = None
    required_text: str = ""
    gap: Decimal | None = None
    gap_unit: str = ""
    gap_text: str = ""
    flags: tuple[str, ...] = ()


def unknown(missing: tuple[Place, ...], used: tuple[FactValue, ...] = ()) -> Check:
    """Return the check for missing figures: it names them all."""
    return Check(Outcome.UNKNOWN, f"{wording.wanting(missing)}，无法判定", used, missing)


def exact_decimal(value: Fraction) -> Decimal | None:
    """Return the value as a decimal when it is one, else None."""
    bottom = value.denominator
    for prime in (2, 5):
        while bottom % prime == 0:
            bottom //= prime
    return Decimal(value.numerator) / Decimal(value.denominator) if bottom == 1 else None
