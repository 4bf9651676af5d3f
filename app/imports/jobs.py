"""Imports in the background: read and rehearse, apply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.access.actor import Actor
from app.accounts.models import User
from app.core.errors import Refused
from app.core.text import tr
from app.imports import work
from app.jobs.worker import JobContext
from config import Settings

STAGE = "imports.stage"
APPLY = "imports.apply"


def stage(context: JobContext, *, batch_id: int) -> Mapping[str, Any]:
    """Read and rehearse the file of a batch."""
    by = _actor(context)
    batch = work.stage(context.database, context.tools["store"], batch_id, by=by, report=context.report)
    return {"batch": batch.id, "state": batch.state.value, "counts": batch.counts}


def apply(context: JobContext, *, batch_id: int) -> Mapping[str, Any]:
    """Apply a batch."""
    settings: Settings = context.tools["settings"]
    batch = work.apply(context.database, batch_id, by=_actor(context), alone=settings.import_alone)
    return {"batch": batch.id, "state": batch.state.value, "counts": batch.counts}


def _actor(context: JobContext) -> Actor:
    """Return who asked for the job; what they may reach counts as it is now."""
    with context.database.session() as session:
        user = session.get(User, context.created_by) if context.created_by is not None else None
        if user is None or not user.is_active:
            raise Refused(tr("提交任务的账号已停用，任务没有执行。"))
        return user.as_actor()
