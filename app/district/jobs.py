"""Work out a survey in the background: piece by piece, can be cancelled, goes on where it stopped."""

from __future__ import annotations

from typing import Any

from app.core.text import tr
from app.district import service
from app.jobs.worker import JobContext


def survey(context: JobContext, survey_id: int) -> dict[str, Any]:
    """Carry out a survey; return how many firms and programmes it told."""
    while True:
        with context.database.transaction() as session:
            found = service.go_on(session, survey_id)
            done, total, complete = found.done, len(found.waiting), found.is_complete
        if complete:
            return {"survey": survey_id, "pairs": total}
        context.report(done, total, str(tr("已推算 %(done)s 项，共 %(total)s 项", done=done, total=total)))
