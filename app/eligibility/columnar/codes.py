"""Outcomes of many firms as small numbers, ordered so that combining them is a maximum (pure)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.eligibility.engine.outcome import Outcome

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]

NOT_APPLICABLE, MET, NEEDS_REVIEW, UNKNOWN, UNMET = range(5)
OUTCOMES = (Outcome.NOT_APPLICABLE, Outcome.MET, Outcome.NEEDS_REVIEW, Outcome.UNKNOWN, Outcome.UNMET)
CODE = {outcome: code for code, outcome in enumerate(OUTCOMES)}
# with met and unmet changing places, the best of several is a maximum too
_TURNED = np.array([NOT_APPLICABLE, UNMET, NEEDS_REVIEW, UNKNOWN, MET], dtype=np.uint8)


def same(size: int, code: int) -> Codes:
    """Return one outcome for all firms."""
    return np.full(size, code, dtype=np.uint8)


def said(fits: Flags) -> Codes:
    """Return met where it fits and unmet where not."""
    return np.where(fits, np.uint8(MET), np.uint8(UNMET))


def all_of(parts: Sequence[Codes]) -> Codes:
    """Unmet if any is; else unknown if any is; else needs review if any does; else met (or nothing applied)."""
    result = parts[0]
    for part in parts[1:]:
        result = np.maximum(result, part)
    return result


def any_of(parts: Sequence[Codes]) -> Codes:
    """Met if any is; else unknown if any is; else needs review if any does; else unmet (or nothing applied)."""
    if len(parts) == 1:
        return parts[0]
    return turned(all_of([turned(part) for part in parts]))


def turned(codes: Codes) -> Codes:
    """Return the outcomes with met and unmet changed."""
    found: Codes = _TURNED[codes]
    return found


def put(codes: Codes, where: Flags, code: int) -> Codes:
    """Return the outcomes with another one where asked."""
    return np.where(where, np.uint8(code), codes)
