"""What a clause and an application can come out as, and how outcomes combine (Kleene's logic, pure)."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.choices import Choice
from app.core.text import N_


class Outcome(Choice):
    """How one clause came out. Missing data is never a failure."""

    MET = "met", N_("符合")
    UNMET = "unmet", N_("不符合")
    UNKNOWN = "unknown", N_("待补资料")
    NEEDS_REVIEW = "needs_review", N_("待人工判定")
    NOT_APPLICABLE = "not_applicable", N_("不适用")


class Decision(Choice):
    """What the judge says of an application."""

    ELIGIBLE = "eligible", N_("符合条件")
    INELIGIBLE = "ineligible", N_("不符合条件")
    UNDETERMINED = "undetermined", N_("资料不足，无法判定")
    NEEDS_REVIEW = "needs_review", N_("待专家评定")


def all_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Unmet if any is; else unknown if any is; else needs review if any does; else met (or nothing applied)."""
    found = set(outcomes)
    for worst in (Outcome.UNMET, Outcome.UNKNOWN, Outcome.NEEDS_REVIEW, Outcome.MET):
        if worst in found:
            return worst
    return Outcome.NOT_APPLICABLE


def any_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Met if any is; else unknown if any is; else needs review if any does; else unmet (or nothing applied)."""
    found = set(outcomes)
    for best in (Outcome.MET, Outcome.UNKNOWN, Outcome.NEEDS_REVIEW, Outcome.UNMET):
        if best in found:
            return best
    return Outcome.NOT_APPLICABLE


def decided(outcome: Outcome) -> Decision:
    """Return the decision for the combined outcome of all demands."""
    if outcome is Outcome.UNMET:
        return Decision.INELIGIBLE
    if outcome is Outcome.UNKNOWN:
        return Decision.UNDETERMINED
    return Decision.NEEDS_REVIEW if outcome is Outcome.NEEDS_REVIEW else Decision.ELIGIBLE
