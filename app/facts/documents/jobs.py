"""Work for later around lockers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.errors import NotYet
from app.facts import scanning, transfers
from app.facts.removing import GRACE
from app.files import service as files
from app.files.models import QUARANTINED, StoredFile
from app.jobs.worker import JobContext

SWEEP = "facts.sweep_transfers"


def sweep(context: JobContext) -> Mapping[str, Any]:
    """Clear away unfinished pieces and the bytes of what was infected long ago; see to what is in quarantine."""
    store = context.tools["store"]
    with context.database.transaction() as session:
        removed, purged = transfers.sweep(session, store), scanning.purge(session, store)
        return {"removed": removed, "purged": purged, **scanning.ask_again(session, store)}


def scan(context: JobContext, file_id: int) -> Mapping[str, Any]:
    """Ask the scanner about a file that waits; outside of every transaction, since it takes its time."""
    with context.database.session() as session:
        file = session.get(StoredFile, file_id)
    if file is None or file.scan not in QUARANTINED:
        return {"scanned": False}
    try:
        said = scanning.ask(context.tools["store"], file.sha256)
    except NotYet as error:
        with context.database.transaction() as session:
            scanning.note_waiting(session, file_id, str(error.message))
        raise
    with context.database.transaction() as session:
        scanning.settle(session, file_id, said)
    return {"scanned": True, "state": said.state.value, "found": said.note}


def forget(context: JobContext, sha256: str) -> Mapping[str, Any]:
    """Remove the bytes of a file that was taken out of a locker, unless another row has them."""
    with context.database.transaction() as session:
        gone = not files.is_named(session, sha256) and context.tools["store"].remove_unwanted(sha256, since=GRACE)
    return {"removed": gone}
