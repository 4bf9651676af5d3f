"""What the scanner says of a file, and what follows: let out of quarantine, or kept out of everybody's reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.access.actions import Action
from app.access.actor import SYSTEM
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import NotYet
from app.core.text import N_, tr
from app.facts import locker
from app.facts.models import Document
from app.files import clamd
from app.files import service as files
from app.files.models import QUARANTINED, ScanState, StoredFile
from app.files.store import FileStore
from app.jobs import service as jobs

SCANNER = "查毒程序"
NO_SCANNER = N_("没有配置查毒程序（YUQI_CLAMAV），无法查毒，由主管部门人工处理；重新配置后每晚自动再查。")
TOO_LARGE = N_("超过查毒程序的上限（clamd 的 StreamMaxLength），没有查毒，由主管部门人工处理；调大上限后每晚自动再查。")
KEPT = timedelta(days=30)
"""How long the bytes of an infected file stay; its hash, its row and what was found stay for ever."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of a file now, and why."""

    state: ScanState
    note: str = ""


def ask(store: FileStore, sha256: str) -> Said:
    """Return what the scanner says of a file, or that it never will. Raises NotYet while it does not answer."""
    if not store.rules.scanner:
        return Said(ScanState.UNASKED, NO_SCANNER)
    try:
        found = clamd.scan(store.rules.scanner, store.get(sha256))
    except clamd.TooLarge:
        return Said(ScanState.OVERSIZE, TOO_LARGE)
    except clamd.Unreachable as error:
        raise NotYet(tr("查毒程序没有应答（%(why)s），文件留在隔离区，稍后自动再查。", why=str(error)[:100])) from error
    return Said(ScanState.INFECTED, found) if found else Said(ScanState.CLEAN)


def note_waiting(session: Session, file_id: int, why: str) -> None:
    """Keep why a file still waits."""
    session.execute(
        update(StoredFile).where(StoredFile.id == file_id, StoredFile.scan.in_(QUARANTINED)).values(scan_note=why[:200])
    )


def settle(session: Session, file_id: int, said: Said) -> None:
    """Let a clean file out and let a person see to what cannot be scanned; what is infected is refused wherever the
    same content lies, every document of it is declared wrong, so that all that leans on it is marked, and a job tells
    who brought it and the bureau."""
    now = clock.now()
    if said.state is not ScanState.INFECTED:  # unless the same content was found infected, or settled, meanwhile
        session.execute(
            update(StoredFile)
            .where(StoredFile.id == file_id, StoredFile.scan.in_(QUARANTINED))
            .values(scan=said.state, scan_note=said.note[:200], scanned_at=now)
        )
        return
    found = said.note
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
    # one for each file: a job that runs already may have looked before this one was found
    key = f"{files.TELL}:{file_id}"
    jobs.enqueue(session, files.TELL, title=str(tr("告知查出病毒的文件")), by=SYSTEM, key=key)
    session.flush()


def ask_again(session: Session, store: FileStore) -> Mapping[str, int]:
    """See to all in quarantine: jobs ask about it, for whoever configured a scanner late or lets it take more; without
    a scanner a person has to. Nothing is let out here. Return how many are asked about and how many wait for a person.
    """
    rows = session.scalars(select(StoredFile).where(StoredFile.scan.in_(QUARANTINED)).order_by(StoredFile.id)).all()
    if store.rules.scanner:
        for file in rows:
            files.ask_scanner(session, file, by=SYSTEM)
        return {"asked": len(rows), "for_a_person": 0}
    session.execute(
        update(StoredFile)
        .where(StoredFile.scan == ScanState.WAITING)
        .values(scan=ScanState.UNASKED, scan_note=NO_SCANNER)
        .execution_options(synchronize_session=False)
    )
    return {"asked": 0, "for_a_person": len(rows)}


def purge(session: Session, store: FileStore) -> int:
    """Remove the bytes of what was found infected long ago, unless the same content was brought again and waits.

    Hash, row and record stay. Return how many rows lost their bytes.
    """
    waits = select(StoredFile.sha256).where(StoredFile.scan != ScanState.INFECTED)
    rows = session.scalars(
        select(StoredFile).where(
            StoredFile.scan == ScanState.INFECTED, StoredFile.scanned_at < clock.now() - KEPT,
            StoredFile.removed_at.is_(None), StoredFile.sha256.not_in(waits),
        )
    ).all()  # fmt: skip
    for file in rows:
        file.removed_at = clock.now()
        changes: dict[str, Sequence[Any]] = {"removed_at": [None, file.removed_at], "sha256": [file.sha256, None]}
        record(session, SYSTEM, Action.DOCUMENT_PURGE, Subject("stored_file", file.id, file.name), changes=changes)
        store.remove(file.sha256)
    session.flush()
    return len(rows)
