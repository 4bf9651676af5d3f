"""What the scanner says of a file, and what follows: let out of quarantine, or kept out of everybody's reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.access.actions import Action
from app.access.actor import SYSTEM
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import NotYet
from app.core.text import tr
from app.facts import locker
from app.facts.models import Document
from app.files import clamd
from app.files import service as files
from app.files.models import ScanState, StoredFile
from app.files.store import FileStore

SCANNER = "查毒程序"


def ask(store: FileStore, sha256: str) -> str:
    """Return what the scanner found in a file, empty where it is clean. Raises NotYet while it cannot be asked."""
    if not store.rules.scanner:
        raise NotYet(tr("没有配置查毒程序，文件留在隔离区；请设置 YUQI_CLAMAV 后重启。"))
    try:
        return clamd.scan(store.rules.scanner, store.get(sha256))
    except clamd.Unreachable as error:
        raise NotYet(tr("查毒程序没有应答（%(why)s），文件留在隔离区，稍后自动再查。", why=str(error)[:100])) from error


def note_waiting(session: Session, file_id: int, why: str) -> None:
    """Keep why a file still waits."""
    session.execute(
        update(StoredFile)
        .where(StoredFile.id == file_id, StoredFile.scan == ScanState.WAITING)
        .values(scan_note=why[:200])
    )


def settle(session: Session, file_id: int, found: str) -> None:
    """Let a clean file out; what is infected is refused wherever the same content lies, and every document of it is
    declared wrong, so that all that leans on it is marked."""
    now = clock.now()
    if not found:  # unless the same content was found infected meanwhile
        session.execute(
            update(StoredFile)
            .where(StoredFile.id == file_id, StoredFile.scan == ScanState.WAITING)
            .values(scan=ScanState.CLEAN, scan_note="", scanned_at=now)
        )
        return
    file = session.get_one(StoredFile, file_id)
    session.execute(
        update(StoredFile)
        .where(StoredFile.sha256 == file.sha256)
        .values(scan=ScanState.INFECTED, scan_note=found[:200], scanned_at=now)
        .execution_options(synchronize_session=False)
    )
    told: dict[str, Sequence[Any]] = {"scan": [file.scan, ScanState.INFECTED], "sha256": [None, file.sha256]}
    subject = Subject("stored_file", file.id, file.name)
    record(session, SYSTEM, Action.DOCUMENT_QUARANTINE, subject, changes=told, note=found)
    rows = session.scalars(
        select(Document)
        .join(StoredFile, StoredFile.id == Document.file_id)
        .where(StoredFile.sha256 == file.sha256, Document.withdrawn_at.is_(None))
        .options(joinedload(Document.file))
    ).all()
    for document in rows:
        document.withdrawn_at, document.withdrawn_by_name = now, SCANNER
        document.withdrawn_why = f"查出病毒：{found}"
        record(session, SYSTEM, Action.DOCUMENT_QUARANTINE, locker.subject(document), changes=told, note=found)
    session.flush()


def ask_again(session: Session, store: FileStore) -> int:
    """Let jobs ask about all that waits, for whoever configured a scanner late; return how many."""
    if not store.rules.scanner:
        return 0
    rows = session.scalars(select(StoredFile).where(StoredFile.scan == ScanState.WAITING).order_by(StoredFile.id)).all()
    for file in rows:
        files.ask_scanner(session, file, by=SYSTEM)
    return len(rows)
