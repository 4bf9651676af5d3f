"""Find overtaken verdicts and judge them anew, by the button and every night: can be cancelled, goes on."""

from __future__ import annotations

from typing import Any

from app.access.actor import SYSTEM
from app.core.text import tr
from app.eligibility.renewal import service
from app.jobs.worker import JobContext


def renew(context: JobContext, renewal_id: int | None = None) -> dict[str, Any]:
    """Carry out a renewal (None: the one of tonight, begun or stopped before); return its counts."""
    if renewal_id is None:
        with context.database.transaction() as session:
            found = service.unfinished(session) or service.begin(session, by=SYSTEM)
            found.job_id, renewal_id = context.job_id, found.id
    while True:
        with context.database.transaction() as session:
            found = service.renewal(session, renewal_id, lock=True)
            complete = service.renew_next(session, found)
            done, total, counts = found.done, found.total, dict(found.counts)
        if complete:
            return {"renewal": renewal_id, "firms": done, "counts": counts}
        context.report(done, total, str(tr("已查看 %(done)s 家，共 %(total)s 家", done=done, total=total)))
