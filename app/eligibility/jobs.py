"""Draw up an eligibility list piece by piece: can be cancelled, goes on where it stopped, judges no firm twice."""

from __future__ import annotations

from typing import Any

from app.access.actor import SYSTEM
from app.core.errors import NotFound
from app.core.text import tr
from app.eligibility import service
from app.eligibility.models import EligibilityList
from app.jobs.worker import JobContext


def draw_up(context: JobContext, list_id: int) -> dict[str, Any]:
    """Judge the firms of a list that are still to come; return the counts by verdict."""
    while True:
        with context.database.transaction() as session:
            found = session.get(EligibilityList, list_id, with_for_update=True)
            if found is None:
                raise NotFound(tr("没有找到编号为 %(id)s 的资格清单。", id=list_id))
            by = service.requester(session, found, SYSTEM)
            complete = service.judge_next(session, found, by=by)
            done, total = service.progress(session, found)
        if complete:
            return {"list": list_id, "counts": dict(found.counts)}
        context.report(done, total, str(tr("已判定 %(done)s 家，共 %(total)s 家", done=done, total=total)))
