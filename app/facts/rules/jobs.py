"""Accept by rule in the background: piece by piece, can be cancelled, goes on where it stopped."""

from __future__ import annotations

from typing import Any

from app.accounts.models import User
from app.core.errors import NotFound, Refused
from app.core.text import tr
from app.facts.models import RuleRun
from app.facts.rules import service
from app.jobs.worker import JobContext


def accept(context: JobContext, *, run_id: int) -> dict[str, Any]:
    """Carry out a run; what the person may reach and accept counts as it is now."""
    while True:
        with context.database.transaction() as session:
            run = session.get(RuleRun, run_id, with_for_update=True)
            if run is None:
                raise NotFound(tr("没有找到第 %(id)s 次按规则核定。", id=run_id))
            user = session.get(User, run.started_by) if run.started_by is not None else None
            if user is None or not user.is_active:
                raise Refused(tr("提交任务的账号已停用，任务没有执行。"))
            through = service.carry_on(session, run, by=user.as_actor())
            done, total = service.progress(run)
        if through:
            return {"run": run_id, "accepted": run.accepted + run.confirmed, "left": sum(run.left.values())}
        context.report(done, total, str(tr("已看过 %(done)s 条，共 %(total)s 条", done=done, total=total)))
