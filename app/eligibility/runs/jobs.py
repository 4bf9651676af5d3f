"""Judge all firms in the background: block by block, can be cancelled, goes on where it stopped."""

from __future__ import annotations

from typing import Any

from app.core.text import tr
from app.eligibility.runs import service
from app.jobs.worker import JobContext


def run_all(context: JobContext, run_id: int) -> dict[str, Any]:
    """Carry out a run; return the counts by edition."""

    def report(what: str, done: int, total: int) -> None:
        if what == "figures":
            note = tr("整理数据：第 %(done)s 块，共 %(total)s 块", done=done, total=total)
        else:
            note = tr("判定企业：第 %(done)s 块，共 %(total)s 块", done=done, total=total)
        context.report(done, total, str(note))

    run = service.carry_out(context.database, run_id, report)
    return {"run": run_id, "firms": run.firms, "counts": run.counts}
