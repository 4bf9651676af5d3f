"""Taking a file out of a locker: only what nothing leans on, and never what was declared wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.access.actions import Action
from app.access.actor import Actor
from app.access.roles import FIRM_ROLES
from app.accounts.models import User
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict
from app.core.text import tr
from app.facts import locker, uses
from app.facts.models import Document
from app.facts.uses import Finder
from app.files import service as files
from app.jobs import service as jobs

FORGET = "facts.forget_file"
GRACE = timedelta(hours=1)
"""How long the bytes stay: somebody may be bringing the same content at this moment."""


def remove(session: Session, document: Document, finders: Sequence[Finder], *, by: Actor) -> None:
    """Take a document out of its locker. What the bureau had put there itself is only no longer shown to the firm.

    Raises Conflict when a figure, a form or a submission leans on it, or when it was declared wrong.
    """
    locker.lock(session, document.firm_id)
    if document.withdrawn_at is not None:
        raise Conflict(tr("“%(title)s”已被认定有误，须留存备查，不能删除。", title=document.title))
    leaning = uses.used(session, [document.id], finders).get(document.id, ())
    if leaning:
        raise Conflict(
            tr("“%(title)s”已用在 %(n)s 处，不能删除；内容有误的请换成新版。", title=document.title, n=len(leaning))
        )
    record(session, by, Action.DOCUMENT_REMOVE, locker.subject(document), changes={"file": [document.title, None]})
    if not _was_brought_by_firm(session, document):
        document.by_firm = False
        session.flush()
        return
    _take_out(session, document, by)


def _was_brought_by_firm(session: Session, document: Document) -> bool:
    role = session.scalar(select(User.role).where(User.id == document.added_by))
    return role is None or role in FIRM_ROLES


def _take_out(session: Session, document: Document, by: Actor) -> None:
    """Remove the row; versions that it had replaced are replaced by what replaced it, or count again."""
    session.execute(
        update(Document)
        .where(Document.replaced_by == document.id)
        .values(replaced_by=document.replaced_by)
        .execution_options(synchronize_session=False)
    )
    found = session.scalars(select(Document).where(Document.id == document.id).options(joinedload(Document.file))).one()
    file = found.file
    session.delete(found)
    session.flush()
    digest = files.forget(session, file)
    title, key = str(tr("清理已删除的材料")), f"{FORGET}:{digest}"
    job = jobs.enqueue(session, FORGET, title=title, by=by, arguments={"sha256": digest}, key=key)
    job.run_after = clock.now() + GRACE
