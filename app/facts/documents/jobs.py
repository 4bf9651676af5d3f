"""Work for later around lockers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.facts import transfers
from app.facts.removing import GRACE
from app.files import service as files
from app.jobs.worker import JobContext

SWEEP = "facts.sweep_transfers"


def sweep(context: JobContext) -> Mapping[str, Any]:
    """Clear away files that came in pieces and were never finished."""
    with context.database.transaction() as session:
        return {"removed": transfers.sweep(session, context.tools["store"])}


def forget(context: JobContext, sha256: str) -> Mapping[str, Any]:
    """Remove the bytes of a file that was taken out of a locker, unless another row has them."""
    with context.database.transaction() as session:
        gone = not files.is_named(session, sha256) and context.tools["store"].remove_unwanted(sha256, since=GRACE)
    return {"removed": gone}
