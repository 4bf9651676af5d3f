"""Exports in the background: write a large one; remove what has expired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.accounts.models import User
from app.core.errors import Refused
from app.core.text import tr
from app.exports import service
from app.exports.kinds import kind_of
from app.exports.models import Export
from app.jobs.worker import JobContext


def run(context: JobContext, *, export_id: int) -> Mapping[str, Any]:
    """Write one export. Reads in a session of its own, so that the file can be written while others work."""
    with context.database.session() as session:
        user = session.get(User, context.created_by) if context.created_by is not None else None
        if user is None or not user.is_active:
            raise Refused(tr("提交任务的账号已停用，任务没有执行。"))
        made = session.get_one(Export, export_id)
        if made.file_id is not None:  # a second attempt after the first one had finished
            return {"export": export_id, "rows": made.rows}
        by, kind, rows = user.as_actor(), kind_of(context.tools["exports"], made.kind), made.rows
        content = service.workbook(
            session, kind, made, by=by, report=lambda done: context.report(min(done, rows), rows)
        )
    with context.database.transaction() as session:
        made = session.get_one(Export, export_id)
        days = context.tools["settings"].export_days
        service.keep(session, context.tools["store"], made, kind, content, by=by, days=days)
    return {"export": export_id, "rows": rows}


def sweep(context: JobContext) -> Mapping[str, Any]:
    """Remove the files of exports that have expired."""
    with context.database.transaction() as session:
        return {"removed": service.sweep(session, context.tools["store"])}
