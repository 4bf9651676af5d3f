"""A firm's locker: a file is kept once for its content and supports many claims; a newer one takes its place.

What was attached stays attached: replacing or withdrawing a document marks what leans on it and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record
from app.core import clock
from app.core.digest import sha256_hex
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.facts import containers, quota, review
from app.facts.models import Document, DocumentKind
from app.files import service as files
from app.files.models import StoredFile
from app.files.store import FileStore
from app.firms.models import Firm


@dataclass(frozen=True)
class Upload:
    """A file as it came: its name as given, its bytes, and what the person says of it.

    Valid from and until are inclusive days, None where nothing is said.
    """

    name: str
    content: bytes
    title: str = ""
    kind: DocumentKind = DocumentKind.OTHER
    valid_from: date | None = None
    valid_until: date | None = None


def subject(document: Document) -> Subject:
    """Return the document as the log names it."""
    return Subject("document", document.id, document.title, document.firm_id)


@dataclass(frozen=True, slots=True)
class Kept:
    """The document of what was brought; ``is_new`` is False where the same content lay there already."""

    document: Document
    is_new: bool


def keep(session: Session, store: FileStore, firm_id: int, upload: Upload, *, by: Actor) -> Document:
    """Return the document of this content in the firm's locker; put it there when it is new. Raises as ``take``."""
    return take(session, store, firm_id, upload, by=by).document


def take(session: Session, store: FileStore, firm_id: int, upload: Upload, *, by: Actor, reserved: int = 0) -> Kept:
    """Put a file into the firm's locker, unless its content lies there already, whoever brought it.

    One that was withdrawn is refused. ``reserved`` bytes of the quota are held for it already.
    Raises Invalid (``file``, ``valid_until``).
    """
    kind = containers.recognise(upload.name, upload.content)
    must_be_in_order(upload.valid_from, upload.valid_until)
    lock(session, firm_id)
    there = _of_content(session, firm_id, sha256_hex(upload.content))
    if there is not None:
        return Kept(_taken_again(session, there, by), is_new=False)
    name = containers.plain_name(upload.name)
    if by.is_firm:
        quota.must_fit(session, firm_id, name, len(upload.content) - reserved, quota=store.rules.quota)
    file = files.receive(session, store, name=name, media_type=kind.media_type, content=upload.content, by=by)
    document = Document(
        firm_id=firm_id,
        file=file,
        kind=upload.kind,
        title=(upload.title.strip() or name)[:120],
        valid_from=upload.valid_from,
        valid_until=upload.valid_until,
        by_firm=by.is_firm,
        added_by=by.id,
        added_by_name=by.name,
    )
    session.add(document)
    session.flush()
    told: dict[str, Sequence[Any]] = {
        "file": [None, f"{name}（SHA-256 {file.sha256[:12]}…）"],
        "kind": [None, document.kind],
        **{key: [None, value] for key, value in _days(document).items() if value is not None},
    }
    record(session, by, Action.DOCUMENT_ADD, subject(document), changes=told)
    return Kept(document, is_new=True)


def describe(
    session: Session,
    document: Document,
    *,
    by: Actor,
    title: str,
    kind: DocumentKind,
    valid_from: date | None,
    valid_until: date | None,
) -> None:
    """Change what is said of a document; its file never changes.

    Raises Invalid (``title``, ``valid_until``), Conflict for a firm where it was declared wrong.
    """
    if by.is_firm:
        _must_stand(document)
    if not title.strip():
        raise Invalid("title", tr("请填写材料名称。"))
    must_be_in_order(valid_from, valid_until)
    before = {"title": document.title, "kind": document.kind, **_days(document)}
    document.title, document.kind = title.strip()[:120], kind
    document.valid_from, document.valid_until = valid_from, valid_until
    after = {"title": document.title, "kind": document.kind, **_days(document)}
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changes:
        session.flush()
        record(session, by, Action.DOCUMENT_EDIT, subject(document), changes=changes)


def replace(session: Session, store: FileStore, old: Document, upload: Upload, *, by: Actor) -> Document:
    """Put a newer file in the place of an older one; the old stays where it was used. Raises Invalid, Conflict."""
    lock(session, old.firm_id)
    session.refresh(old, ["replaced_by", "withdrawn_at"])  # who was faster may have replaced it, even by this content
    _must_be_usable(old)
    new = keep(session, store, old.firm_id, upload, by=by)
    if new.id == old.id:
        raise Invalid("file", tr("这与原文件内容完全相同，不需要替换。"))
    new.replaced_by = None  # an older version that is brought again counts again: never two that replace each other
    old.replaced_by = new.id
    session.flush()
    record(session, by, Action.DOCUMENT_EDIT, subject(old), changes={"replaced_by": [None, new.title]})
    return new


def withdraw(session: Session, document: Document, *, by: Actor, why: str) -> None:
    """Say that a document is wrong. What leans on it is marked to be looked at; nothing decided changes.

    Raises Invalid (``why``), Refused for a firm, Conflict when it was withdrawn already.
    """
    review.refuse_firms(by)
    if not why.strip():
        raise Invalid("why", tr("请写明材料错在哪里，依据它的数据和判定会据此复核。"))
    if document.withdrawn_at is not None:
        raise Conflict(tr("这份材料已由%(name)s认定有误。", name=document.withdrawn_by_name))
    document.withdrawn_at, document.withdrawn_by_name = clock.now(), by.name
    document.withdrawn_why = why.strip()
    session.flush()
    changes = {"withdrawn_at": [None, document.withdrawn_at]}
    record(session, by, Action.DOCUMENT_WITHDRAW, subject(document), changes=changes, note=why.strip())


def older(session: Session, document: Document) -> set[int]:
    """Return the ids of a document and of all versions whose place it took."""
    rows = session.execute(select(Document.id, Document.replaced_by).where(Document.firm_id == document.firm_id)).all()
    found, size = {document.id}, 0
    while size != len(found):
        size = len(found)
        found |= {number for number, replaced_by in rows if replaced_by in found}
    return found


def newest(session: Session, document: Document) -> Document:
    """Return the version that counts now in the place of a document: itself where nothing took its place."""
    last = document
    while last.replaced_by is not None:  # two versions never replace each other
        last = session.get_one(Document, last.replaced_by)
    return last


def must_support(document: Document, firm_id: int, by: Actor) -> None:
    """Raise unless the document may support a claim of this firm, said by this person. Raises Invalid, Conflict."""
    if document.firm_id != firm_id or (by.is_firm and not document.by_firm):
        raise Invalid("document", tr("没有找到这份材料，请从材料库中选择。"))
    _must_be_usable(document)


def _must_stand(document: Document) -> None:
    if document.withdrawn_at is not None:
        raise Conflict(tr("“%(title)s”已被认定有误，不能再用；请上传正确的材料。", title=document.title))


def _must_be_usable(document: Document) -> None:
    _must_stand(document)
    if document.replaced_by is not None:
        raise Conflict(tr("“%(title)s”已有更新的版本，请使用新的材料。", title=document.title))


def must_be_in_order(start: date | None, end: date | None) -> None:
    """Raise Invalid (``valid_until``) where a validity would end before it begins."""
    if start is not None and end is not None and end < start:
        raise Invalid("valid_until", tr("有效期止早于有效期起，请核对这两个日期。"))


def _taken_again(session: Session, there: Document, by: Actor) -> Document:
    if there.withdrawn_at is not None:
        raise Invalid("file", tr("这份文件已被认定有误（%(why)s），不能再作佐证。", why=there.withdrawn_why))
    if by.is_firm and not there.by_firm:  # the firm has the very same file: no secret is told by showing it its own
        there.by_firm = True
        session.flush()
    return there


def _of_content(session: Session, firm_id: int, sha256: str) -> Document | None:
    return session.scalars(
        select(Document)
        .join(StoredFile, StoredFile.id == Document.file_id)
        .where(Document.firm_id == firm_id, StoredFile.sha256 == sha256)
        .options(joinedload(Document.file))
        .order_by(Document.id)
    ).first()


def lock(session: Session, firm_id: int) -> None:
    """Let only one person at a time put files into a locker, so that two cannot keep the same file twice."""
    session.execute(select(Firm.id).where(Firm.id == firm_id).with_for_update(key_share=True))


def _days(document: Document) -> Mapping[str, date | None]:
    return {"valid_from": document.valid_from, "valid_until": document.valid_until}
