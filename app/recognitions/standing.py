"""What a recognition says on a day, and the ladder the six of them form (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.choices import Choice
from app.core.text import N_
from app.recognitions.models import LADDER, Recognition, RecognitionKind
from app.rulebooks.leads import programmes_for

NEAR = timedelta(days=180)
"""A recognition that ends within half a year is to be renewed now: windows are once or twice a year."""

PROGRAMMES = {kind: programmes_for(kind.value) for kind in RecognitionKind}
"""The programmes whose verdicts lead to a recognition, by its kind; none where no edition is about it."""


class Standing(Choice):
    """What a recognition is worth on a day."""

    VALID = "valid", N_("有效")
    ENDING = "ending", N_("即将到期")
    FUTURE = "future", N_("尚未生效")
    ENDED = "ended", N_("已到期")
    REVOKED = "revoked", N_("已撤销")
    VOID = "void", N_("录入有误，已作废")


HELD = frozenset({Standing.VALID, Standing.ENDING})
TONES = {
    Standing.VALID: "ok",
    Standing.ENDING: "warn",
    Standing.FUTURE: "info",
    Standing.ENDED: "mute",
    Standing.REVOKED: "bad",
    Standing.VOID: "mute",
}


def standing(one: Recognition, day: date) -> Standing:
    """Return what a recognition says on a day."""
    if one.void_reason:
        return Standing.VOID
    if one.revoked_on is not None and one.revoked_on <= day:
        return Standing.REVOKED
    if begins(one) > day:
        return Standing.FUTURE
    if one.valid_until is None:
        return Standing.VALID
    if one.valid_until < day:
        return Standing.ENDED
    return Standing.ENDING if one.valid_until - day <= NEAR else Standing.VALID


def begins(one: Recognition) -> date:
    """Return the first day of validity: the day of granting where the paper names no other."""
    return one.valid_from or one.granted_on


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: what is held or was held last, all spans newest first, and how many days are left."""

    kind: RecognitionKind
    state: Standing | None
    latest: Recognition | None
    spans: Sequence[Recognition]
    days_left: int | None

    @property
    def is_held(self) -> bool:
        return self.state in HELD


@dataclass(frozen=True, slots=True)
class Ladder:
    """The six rungs from 科小 to 单项冠军, and the next one to reach: the one above the highest held."""

    rungs: Sequence[Rung]
    next: Rung | None

    @property
    def ending(self) -> Sequence[Rung]:
        return [rung for rung in self.rungs if rung.state is Standing.ENDING]

    @property
    def is_empty(self) -> bool:
        return all(rung.latest is None for rung in self.rungs)


def ladder(found: Sequence[Recognition], day: date) -> Ladder:
    """Return the ladder of a firm on a day. What was entered wrongly does not stand on it."""
    rungs = [_rung(kind, [one for one in found if one.kind is kind and not one.void_reason], day) for kind in LADDER]
    highest = max((place for place, rung in enumerate(rungs) if rung.is_held), default=-1)
    return Ladder(rungs, rungs[highest + 1] if highest + 1 < len(rungs) else None)


def _rung(kind: RecognitionKind, found: Sequence[Recognition], day: date) -> Rung:
    ordered = sorted(found, key=lambda one: (begins(one), one.id), reverse=True)
    held = [one for one in ordered if standing(one, day) in HELD]
    best = max(held, key=lambda one: one.valid_until or date.max) if held else next(iter(ordered), None)
    if best is None:
        return Rung(kind, None, None, (), None)
    state = standing(best, day)
    left = (best.valid_until - day).days if state in HELD and best.valid_until is not None else None
    return Rung(kind, state, best, ordered, left)
