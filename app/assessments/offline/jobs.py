"""Reading an uploaded workbook, outside of every request and every transaction: it is a stranger's file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.assessments.offline import bringing
from app.assessments.offline import queries as offline
from app.core.errors import DomainError, NotYet
from app.files import service as files
from app.jobs.worker import JobContext


def read(context: JobContext, *, upload_id: int) -> Mapping[str, Any]:
    """Read one; what cannot be read leaves its reason on the upload. It waits for the scanner like everybody."""
    with context.database.session() as session:
        brought = offline.being_read(session, upload_id)
    if brought is None:
        return {"upload": upload_id, "read": False}
    try:
        content = files.content_of(context.tools["store"], brought.file)
        sheets = bringing.read(content, brought.file.name, context.report)
        with context.database.transaction() as session:
            state = bringing.settle(session, upload_id, sheets)
    except NotYet:
        raise
    except DomainError as error:
        with context.database.transaction() as session:
            bringing.refuse(session, upload_id, error.message)
        return {"upload": upload_id, "read": False}
    return {"upload": upload_id, "read": True, "state": state.value}
