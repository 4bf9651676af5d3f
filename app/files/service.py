"""Keeping files: the bytes first, then the row, so that a row never points at nothing."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.files.models import StoredFile
from app.files.store import FileStore


def keep(session: Session, store: FileStore, *, name: str, media_type: str, content: bytes, by: Actor) -> StoredFile:
    """Store ``content`` and return its (flushed) row."""
    file = StoredFile(
        sha256=store.put(content), size=len(content), name=name[:255], media_type=media_type, created_by=by.id
    )
    session.add(file)
    session.flush()
    return file


def content_of(store: FileStore, file: StoredFile) -> bytes:
    """Return the bytes of a stored file, checked against its hash."""
    return store.get(file.sha256)


def forget(session: Session, file: StoredFile) -> str:
    """Remove a row that nothing names any more; return the hash, whose bytes a job removes when no other row has it."""
    session.delete(file)
    session.flush()
    return file.sha256


def is_named(session: Session, sha256: str) -> bool:
    """Tell whether any row has this content."""
    return session.scalar(select(StoredFile.id).where(StoredFile.sha256 == sha256).limit(1)) is not None
