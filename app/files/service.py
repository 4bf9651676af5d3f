"""Keeping files: the bytes first, then the row, so that a row never points at nothing; quarantine until scanned."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.errors import NotYet, Refused
from app.core.text import Message, tr
from app.files.models import FOR_A_PERSON, SHUT, ScanState, StoredFile
from app.files.store import FileStore
from app.jobs import service as jobs

SCAN = "files.scan"
TELL = "files.tell_infected"
"""The job that tells people of infected files; a room above has it."""


class Infected(Refused):
    """The scanner found something in the file, or a person of the bureau rejected it."""


def keep(session: Session, store: FileStore, *, name: str, media_type: str, content: bytes, by: Actor) -> StoredFile:
    """Store what the program made and return its (flushed) row."""
    file = StoredFile(
        sha256=store.put(content), size=len(content), name=name[:255], media_type=media_type, created_by=by.id
    )
    session.add(file)
    session.flush()
    return file


def receive(session: Session, store: FileStore, *, name: str, media_type: str, content: bytes, by: Actor) -> StoredFile:
    """Store what a person brought: where a scanner is configured it waits in quarantine, and a job asks about it."""
    file = keep(session, store, name=name, media_type=media_type, content=content, by=by)
    if store.rules.scanner:
        file.scan = ScanState.WAITING
        ask_scanner(session, file, by=by)
    return file


def ask_scanner(session: Session, file: StoredFile, *, by: Actor) -> None:
    """Let a job ask the scanner about a file; the caller has set it waiting."""
    session.flush()
    title = str(tr("查毒：%(name)s", name=file.name))
    jobs.enqueue(session, SCAN, title=title, by=by, arguments={"file_id": file.id}, key=f"{SCAN}:{file.id}")


def content_of(store: FileStore, file: StoredFile) -> bytes:
    """Return the bytes of a stored file, checked against its hash. Raises NotYet in quarantine, Infected."""
    if file.scan in FOR_A_PERSON:
        raise NotYet(tr("“%(name)s”%(state)s，由主管部门人工确认后才能打开。", name=file.name,
                        state=Message(file.scan.label)))  # fmt: skip
    if file.scan in SHUT and file.scan is not ScanState.INFECTED:
        raise Infected(tr("“%(name)s”被主管部门拒收（%(why)s），已停止提供。", name=file.name, why=file.scan_note))
    if file.scan is ScanState.WAITING:
        raise NotYet(tr("“%(name)s”正在隔离查毒，查毒通过后才能打开。", name=file.name))
    if file.scan is ScanState.INFECTED:
        raise Infected(tr("“%(name)s”查出病毒（%(found)s），已停止提供。", name=file.name, found=file.scan_note))
    return store.get(file.sha256)


def forget(session: Session, file: StoredFile) -> str:
    """Remove a row that nothing names any more; return the hash, whose bytes a job removes when no other row has it."""
    session.delete(file)
    session.flush()
    return file.sha256


def is_named(session: Session, sha256: str) -> bool:
    """Tell whether any row has this content."""
    return session.scalar(select(StoredFile.id).where(StoredFile.sha256 == sha256).limit(1)) is not None
