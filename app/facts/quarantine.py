"""What the scanner cannot judge is settled by a person of the bureau, who says why: released, or rejected.

Nobody settles what they brought themselves, and nothing leaves quarantine without a name and a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.text import Message, tr
from app.facts import locker, review
from app.facts.models import Document
from app.files.models import FOR_A_PERSON, QUARANTINED, ScanState, StoredFile
from app.files.store import FileStore


def release(session: Session, file_id: int, reason: str, *, by: Actor) -> StoredFile:
    """Let a file out that was looked at otherwise.

    Raises Invalid (``reason``), Conflict (also where the same content was found infected), Refused, NotFound.
    """
    digest = select(StoredFile.sha256).where(StoredFile.id == file_id).scalar_subquery()
    found = session.scalar(
        select(StoredFile.scan_note).where(StoredFile.sha256 == digest, StoredFile.scan == ScanState.INFECTED).limit(1)
    )
    if found is not None:
        raise Conflict(tr("相同内容的文件查出过病毒（%(found)s），不能放行，请拒收。", found=found))
    return _settle(session, file_id, ScanState.RELEASED, reason, by)


def reject(session: Session, file_id: int, reason: str, *, by: Actor) -> StoredFile:
    """Keep a file out for good; its documents are declared wrong. Raises as ``release``."""
    file = _settle(session, file_id, ScanState.REJECTED, reason, by)
    rows = session.scalars(
        select(Document)
        .join(StoredFile, StoredFile.id == Document.file_id)
        .where(StoredFile.sha256 == file.sha256, Document.withdrawn_at.is_(None))
        .options(joinedload(Document.file))
    ).all()
    for document in rows:
        document.withdrawn_at, document.withdrawn_by_name = clock.now(), by.name
        document.withdrawn_why = str(tr("没有通过查毒，被拒收：%(why)s", why=reason.strip()))
        changes = {"withdrawn_at": [None, document.withdrawn_at]}
        record(session, by, Action.DOCUMENT_SETTLE, locker.subject(document), changes=changes, note=reason.strip())
    session.flush()
    return file


def take_away(session: Session, store: FileStore, file_id: int, *, by: Actor) -> tuple[StoredFile, bytes]:
    """Return the bytes of a file in quarantine, to have them scanned elsewhere; the log says who took them.

    Raises NotFound, Conflict, Refused.
    """
    file = _held(session, file_id, by)
    content = store.get(file.sha256)
    record(session, by, Action.DOCUMENT_SETTLE, Subject("stored_file", file.id, file.name),
           changes={"file": [None, file.name]}, note=str(tr("取出送检")))  # fmt: skip
    session.flush()
    return file, content


def _settle(session: Session, file_id: int, state: ScanState, reason: str, by: Actor) -> StoredFile:
    """Settle every row of the content that waits; where it was released once, another firm's copy waits no longer."""
    if not reason.strip():
        raise Invalid("reason", tr("请写明理由，例如用什么软件查过、结果如何。"))
    file = _held(session, file_id, by)
    rows = session.scalars(
        select(StoredFile).where(StoredFile.sha256 == file.sha256, StoredFile.scan.in_(QUARANTINED))
    ).all()
    if any(row.created_by == by.id for row in rows):  # the file itself is one of them
        raise Refused(tr("这个文件由您上传，须由另一人处理。"))
    for row in rows:
        told: dict[str, Sequence[Any]] = {"scan": [row.scan, state], "sha256": [None, row.sha256]}
        row.scan, row.scan_note, row.scanned_at = state, reason.strip()[:200], clock.now()
        row.settled_by_name = by.name[:60]
        subject = Subject("stored_file", row.id, row.name)
        record(session, by, Action.DOCUMENT_SETTLE, subject, changes=told, note=reason.strip())
    session.flush()
    return file


def _held(session: Session, file_id: int, by: Actor) -> StoredFile:
    """Return a file that waits for a person; the caller has checked that it is within reach."""
    review.refuse_firms(by)
    file = session.scalars(
        select(StoredFile).where(StoredFile.id == file_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if file is None:
        raise NotFound
    if file.scan not in FOR_A_PERSON:
        raise Conflict(tr("这个文件现在是“%(state)s”，不需要人工处理。", state=Message(file.scan.label)))
    return file
