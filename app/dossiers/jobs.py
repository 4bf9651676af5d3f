"""Printing as work for later: one dossier, or those of a whole list with progress, cancelling and going on."""

from __future__ import annotations

from typing import Any

from app.access.actor import Actor
from app.core.errors import DomainError
from app.core.text import tr
from app.dossiers import queries, rendering, service
from app.dossiers.models import DossierState
from app.jobs.worker import JobContext
from app.nominations import queries as nominations


def render(context: JobContext, dossier_id: int) -> dict[str, Any]:
    """Print one dossier; return its pages and hash."""
    printed = rendering.render(
        context.database,
        context.tools["store"],
        dossier_id,
        report=lambda step, note: context.report(step, rendering.STEPS, note),
    )
    return {"dossier": printed.id, "number": printed.number, "pages": printed.pages, "sha256": printed.sha256}


def render_list(context: JobContext, list_id: int) -> dict[str, Any]:
    """Print the dossiers of a list firm by firm, in the order of rank.

    A firm whose dossier cannot be made is noted and the rest goes on; one that is there already is left alone, so
    that the job may be cancelled, killed and run again.
    """
    with context.database.session() as session:
        by = service.requester(session, context.created_by)
        rows = queries.nominated(session, list_id, for_=by)
        waiting = [
            (row.nomination.id, row.firm.name)
            for row in rows
            if row.dossier is None or row.dossier.state is not DossierState.RENDERED
        ]
        total = len(rows)
    done, failed = total - len(waiting), []
    for nomination_id, firm in waiting:
        context.report(done, total, str(tr("正在生成：%(firm)s", firm=firm)))
        problem = _one(context, nomination_id, by)
        if problem:
            failed.append({"firm": firm, "reason": problem})
        done += 1
    context.report(done, total, str(tr("共 %(total)s 家，失败 %(failed)s 家", total=total, failed=len(failed))))
    return {"list": list_id, "firms": total, "failed": failed}


def _one(context: JobContext, nomination_id: int, by: Actor) -> str:
    """Make one dossier; return why it could not be made, empty when it was."""
    settings = context.tools["settings"]
    try:
        with context.database.transaction() as session:
            nomination = nominations.nomination(session, nomination_id, for_=by)
            found = service.prepare(session, nomination, by=by, public_url=settings.public_url)
            dossier_id = found.id
        rendering.render(context.database, context.tools["store"], dossier_id, report=lambda _step, _note: None)
    except DomainError as error:
        return str(error.message)
    return ""
