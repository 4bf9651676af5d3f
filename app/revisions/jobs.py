"""Weigh a revision against its base: piece by piece, with progress and cancel; begun anew it comes to the same."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.core.text import tr
from app.jobs.worker import JobContext
from app.revisions import impact, queries, service
from app.revisions.models import RevisionText
from app.rulebooks import loader
from app.rulebooks import queries as rulebooks


def weigh(context: JobContext, revision_id: int, text_id: int, as_of: str, kind: str, amount: str) -> dict[str, Any]:
    """Judge every firm under both texts; keep the sums on the revision and return them."""
    day = date.fromisoformat(as_of)
    with context.database.transaction() as session:
        about = queries.revision(session, revision_id)
        text = session.get_one(RevisionText, text_id)
        base, digest = rulebooks.edition(session, about.base_id), text.digest
        old, new = rulebooks.rulebook_of(base), loader.read_rulebook(text.content.encode(), about.code)
        ids, base_id = impact.firms_meant(session), base.id
    found = impact.Impact()
    for start in range(0, len(ids), impact.AT_ONCE):
        with context.database.transaction() as session:
            impact.weigh(session, ids[start : start + impact.AT_ONCE], old, new, day, kind, found)
        done = min(start + impact.AT_ONCE, len(ids))
        context.report(done, len(ids), str(tr("已测算 %(done)s 家，共 %(total)s 家", done=done, total=len(ids))))
    with context.database.transaction() as session:
        told = {**found.as_json(), "as_of": as_of, "kind": kind, "firms": len(ids)}
        told["asked"] = impact.asked_anew(old, new)
        told["lists"] = impact.lists_on(session, base_id)
        told["cost"] = impact.cost(told, amount)
        service.keep_impact(session, queries.revision(session, revision_id, lock=True), digest, told)
    return {"revision": revision_id, "gains": told["gains"], "losses": told["losses"]}
