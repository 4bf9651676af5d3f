"""Files that come in pieces: begun, carried on where a lost connection left them, and only whole a document.

The row says how far a file is; its bytes are written and on the disk before the row says so. A piece is for the place
where the row stands, so that two windows cannot mix two files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core import clock
from app.core.digest import sha256_hex
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import tr
from app.facts import containers, locker, quota
from app.facts.locker import Upload
from app.facts.models import Document, DocumentKind, Transfer
from app.files.models import StoredFile
from app.files.store import FileStore

MOST_AT_ONCE = 20
KEPT = timedelta(days=7)
"""How long an unfinished file waits to be carried on."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What is told of a file before it comes: its size in bytes, its hash where the browser could tell it."""

    name: str
    size: int
    sha256: str = ""
    title: str = ""
    kind: DocumentKind = DocumentKind.OTHER
    valid_from: date | None = None
    valid_until: date | None = None


def begin(session: Session, store: FileStore, announced: Announced, *, by: Actor) -> Transfer:
    """Return where a file goes: begun before, lying in the locker already, or new.

    Raises Invalid (``file``, ``valid_until``).
    """
    firm_id = _firm_of(by)
    containers.announced(announced.name, announced.size)
    locker.must_be_in_order(announced.valid_from, announced.valid_until)
    locker.lock(session, firm_id)
    if announced.sha256:
        found = _begun(session, firm_id, announced) or _there(session, firm_id, announced, by)
        if found is not None:
            return found
    waiting = select(func.count()).where(Transfer.firm_id == firm_id, Transfer.finished_at.is_(None))
    if (session.scalar(waiting) or 0) >= MOST_AT_ONCE:
        raise Invalid("file", tr("没有传完的文件已有 %(n)s 个，请先传完或放弃其中一些。", n=MOST_AT_ONCE))
    name = containers.plain_name(announced.name)
    quota.must_fit(session, firm_id, name, announced.size, quota=store.rules.quota)
    return _added(session, firm_id, announced, by)


def _begun(session: Session, firm_id: int, announced: Announced) -> Transfer | None:
    return session.scalars(
        select(Transfer).where(
            Transfer.firm_id == firm_id, Transfer.sha256 == announced.sha256, Transfer.size == announced.size,
            Transfer.finished_at.is_(None),
        )
    ).first()  # fmt: skip


def _there(session: Session, firm_id: int, announced: Announced, by: Actor) -> Transfer | None:
    """Return a finished transfer of what the firm brought before; of other files, a hash proves nothing."""
    document = session.scalars(
        select(Document)
        .join(StoredFile, StoredFile.id == Document.file_id)
        .where(
            Document.firm_id == firm_id, Document.by_firm, Document.withdrawn_at.is_(None),
            StoredFile.sha256 == announced.sha256, StoredFile.size == announced.size,
        )
    ).first()  # fmt: skip
    if document is None:
        return None
    made = _added(session, firm_id, announced, by)
    made.received, made.document_id, made.finished_at = made.size, _in_force(session, document).id, clock.now()
    made.said = {"again": True}
    session.flush()
    return made


def _in_force(session: Session, document: Document) -> Document:
    """Return the version that the firm may use in the place of what it sent."""
    last = locker.newest(session, document)
    return last if last.by_firm and last.withdrawn_at is None else document


def _added(session: Session, firm_id: int, announced: Announced, by: Actor) -> Transfer:
    made = Transfer(
        firm_id=firm_id, name=containers.plain_name(announced.name), size=announced.size, sha256=announced.sha256,
        received=0, created_by=by.id,
        said={
            "title": announced.title, "kind": announced.kind.value,
            "valid_from": announced.valid_from.isoformat() if announced.valid_from else None,
            "valid_until": announced.valid_until.isoformat() if announced.valid_until else None,
        },
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def append(session: Session, store: FileStore, transfer_id: int, offset: int, content: bytes, *, by: Actor) -> Transfer:
    """Write the piece that comes next, and with the last one put the file into the locker.

    Raises NotFound, Conflict (not the place where it stands), Invalid (``file``: what came is no file that is taken).
    """
    moved = session.execute(
        update(Transfer)
        .where(
            Transfer.id == transfer_id, _of(by), Transfer.finished_at.is_(None), Transfer.received == offset,
            Transfer.size >= offset + len(content),
        )
        .values(received=offset + len(content), touched_at=clock.now())
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    found = one(session, transfer_id, by=by)
    if getattr(moved, "rowcount", 0) != 1:
        raise Conflict(tr("文件已传到 %(n)s 字节处，请从那里继续。", n=found.received))
    store.parts.write(transfer_id, offset, content)
    if found.received == found.size:
        _finish(session, store, found, by)
    return found


def _finish(session: Session, store: FileStore, found: Transfer, by: Actor) -> None:
    content = store.parts.read(found.id)
    if len(content) != found.size or (found.sha256 and sha256_hex(content) != found.sha256):
        raise Invalid("file", tr("“%(name)s”传到的内容与原文件不一致，请重新上传。", name=found.name))
    kept = locker.take(session, store, found.firm_id, _upload(found, content), by=by, reserved=found.size)
    found.document_id, found.finished_at = _in_force(session, kept.document).id, clock.now()
    found.said = {**found.said, "again": not kept.is_new}
    session.flush()


def _upload(found: Transfer, content: bytes) -> Upload:
    said = found.said
    return Upload(
        found.name, content, said.get("title") or "", DocumentKind(said.get("kind") or DocumentKind.OTHER.value),
        _day(said.get("valid_from")), _day(said.get("valid_until")),
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def one(session: Session, transfer_id: int, *, by: Actor) -> Transfer:
    """Return a transfer of the person's firm. Raises NotFound."""
    found = session.scalars(
        select(Transfer).where(Transfer.id == transfer_id, _of(by)).execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    return found


def unfinished(session: Session, *, by: Actor) -> Sequence[Transfer]:
    """Return the files of the person's firm that wait to be carried on, the newest first."""
    return session.scalars(
        select(Transfer).where(_of(by), Transfer.finished_at.is_(None)).order_by(Transfer.id.desc())
    ).all()


def drop(session: Session, transfer_id: int, *, by: Actor) -> None:
    """Give a file up; the caller removes its parts when that is committed. Raises NotFound."""
    session.delete(one(session, transfer_id, by=by))
    session.flush()


def sweep(session: Session, store: FileStore) -> int:
    """Remove transfers that nobody has carried on, and parts that no unfinished one names; return how many rows."""
    old = session.scalars(select(Transfer).where(Transfer.touched_at < clock.now() - KEPT)).all()
    for row in old:
        session.delete(row)
    session.flush()
    alive = set(session.scalars(select(Transfer.id).where(Transfer.finished_at.is_(None))))
    for number in store.parts.left_alone(KEPT):
        if number not in alive:
            store.parts.remove(number)
    return len(old)


def _firm_of(by: Actor) -> int:
    if by.firm_id is None:
        raise NotFound
    return by.firm_id


def _of(by: Actor) -> ColumnElement[bool]:
    return Transfer.firm_id == (by.firm_id or 0)
