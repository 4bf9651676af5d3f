"""Replay a list in the background: piece by piece, can be cancelled, goes on where it stopped."""

from __future__ import annotations

from typing import Any

from app.core.errors import NotFound
from app.core.text import tr
from app.eligibility.replay import service
from app.eligibility.replay.models import EligibilityReplay
from app.jobs.worker import JobContext


def replay(context: JobContext, replay_id: int) -> dict[str, Any]:
    """Judge the firms of a replay that are still to come; return how many there are and how many agree."""
    while True:
        with context.database.transaction() as session:
            found = session.get(EligibilityReplay, replay_id, with_for_update=True)
            if found is None:
                raise NotFound(tr("没有找到编号为 %(id)s 的重演。", id=replay_id))
            complete = service.replay_next(session, found)
            done, total, same = found.done, found.total, found.same
        if complete:
            return {"replay": replay_id, "firms": done, "same": same}
        context.report(done, total, str(tr("已重演 %(done)s 家，共 %(total)s 家", done=done, total=total)))
