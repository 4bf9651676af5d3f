"""Receive, refuse, rehearse, discard: how a batch begins and ends. Nothing live is written before it is applied.

Staging, repairs, confirmation, applying and undo have files of their own.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import Message, message_to_json, tr
from app.files import service as files
from app.files.store import FileStore
from app.imports import rehearsal, saved
from app.imports.models import BatchState, ImportBatch, ImportRow
from app.imports.problem import Problem
from app.imports.table import UPLOAD_LIMITS
from app.sheets.signature import recognise

FIRST_YEAR = 2000


def subject(batch: ImportBatch) -> Subject:
    """Return a batch as the log names it."""
    return Subject("import_batch", batch.id, str(tr("批次 %(id)s %(file)s", id=batch.id, file=batch.file.name)))


def check_year(year: int) -> int:
    """Return a fiscal year that may be imported. Raises ``Invalid`` (``year``)."""
    latest = clock.today().year - 1
    if year > latest:
        raise Invalid(
            "year", tr("%(year)s 年度还没有结束，年度数据最晚只能导入 %(latest)s 年度的。", year=year, latest=latest)
        )
    if year < FIRST_YEAR:
        raise Invalid("year", tr("年度应在 %(first)s 至 %(latest)s 之间。", first=FIRST_YEAR, latest=latest))
    return year


def receive(
    session: Session,
    store: FileStore,
    *,
    name: str,
    content: bytes,
    profile_id: str,
    year: int,
    by: Actor,
    parent: ImportBatch | None = None,
) -> ImportBatch:
    """Keep an uploaded file and open a batch for it; nothing of it is read yet.

    An empty ``profile_id`` and a ``year`` of 0 are recognised when the file is read. ``parent`` is the batch whose
    failed rows this file brings mended. Raises ``Invalid`` (``file``, ``profile`` or ``year``) for what can be told at
    once: empty, encrypted, no table.
    """
    known = saved.named(session, profile_id) if profile_id else None
    if year:
        check_year(year)
    recognise(content, UPLOAD_LIMITS)
    plain = _plain_name(name)
    file = files.receive(session, store, name=plain, media_type=_media_type(plain), content=content, by=by)
    batch = ImportBatch(
        file_id=file.id,
        file=file,
        profile=known.id if known else "",
        year=year,
        staged_by=by.id,
        staged_by_name=by.name,
        parent_id=parent.id if parent is not None else None,
    )
    session.add(batch)
    session.flush()
    told = {"file": file.name, "profile": known.title if known else "", "year": year}
    changes = {name: [None, value] for name, value in told.items() if value}
    record(session, by, Action.IMPORT_STAGE, subject(batch), changes=changes)
    return batch


def _plain_name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable()).strip() or "upload"


def _media_type(name: str) -> str:
    return "text/csv" if name.lower().endswith(".csv") else "application/octet-stream"


def refuse(session: Session, batch: ImportBatch, why: Message) -> None:
    """Note that the file could not be read, and why."""
    must_be(batch, BatchState.QUEUED)
    batch.state = BatchState.REFUSED
    batch.refusal = message_to_json(why)
    session.flush()


def rehearse(session: Session, batch: ImportBatch, *, by: Actor) -> int:
    """Look again at what every row would do now; return how many rows changed their outcome."""
    if batch.state is not BatchState.SUBMITTED:
        must_be(batch, BatchState.STAGED)
    return rehearsal.rehearse_all(session, batch, by)


def discard(session: Session, batch: ImportBatch, *, by: Actor) -> None:
    """Give a rehearsed batch up; its file and rows stay readable."""
    if batch.state not in {BatchState.QUEUED, BatchState.STAGED, BatchState.SUBMITTED}:
        raise _wrong_state(batch)
    old, batch.state = batch.state, BatchState.DISCARDED
    session.flush()
    record(session, by, Action.IMPORT_STAGE, subject(batch), changes={"state": [old, BatchState.DISCARDED]})


def must_be(batch: ImportBatch, state: BatchState) -> None:
    """Raise ``Conflict`` when a batch stands elsewhere."""
    if batch.state is not state:
        raise _wrong_state(batch)


def _wrong_state(batch: ImportBatch) -> Conflict:
    return Conflict(
        tr(
            "批次 %(id)s 现在的状态是“%(state)s”，不能这样办理，请刷新页面查看。",
            id=batch.id,
            state=Message(batch.state.label),
        )
    )


def problems_of(row: ImportRow) -> list[Problem]:
    """Return the problems of a row as they were kept."""
    return [Problem.from_json(kept) for kept in row.problems]
