"""A list replayed, and all verdicts looked through once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.eligibility.models import EligibilityList
from app.eligibility.renewal import service as renewals
from app.eligibility.replay import service as replays


def judge_again(session: Session, about: EligibilityList, *, by: Actor) -> None:
    """Replay a list to its end, then judge anew what was overtaken."""
    replay = replays.begin(session, about, by=by)
    while not replays.replay_next(session, replay):
        pass
    renewal = renewals.begin(session, by=by)
    while not renewals.renew_next(session, renewal):
        pass
