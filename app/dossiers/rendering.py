"""Print one dossier from its stored context, whatever edge asks for it: the worker, a batch, the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.audit.service import record
from app.core import clock
from app.core.db import Database
from app.core.digest import content_hash
from app.core.errors import Conflict, DomainError, NotFound, Refused
from app.core.text import tr
from app.dossiers import printing, service
from app.dossiers.context import DossierContext
from app.dossiers.models import Dossier, DossierState
from app.dossiers.queries import LARGEST_ID
from app.dossiers.sealing import opened
from app.files import service as files
from app.files.store import FileStore

STEPS = 3
Report = Callable[[int, str], None]


@dataclass(frozen=True)
class Printed:
    """A dossier with its file."""

    id: int
    number: str
    pages: int
    sha256: str


def render(database: Database, store: FileStore, dossier_id: int, *, report: Report) -> Printed:
    """Print a dossier unless it is printed already; the same context gives the same bytes.

    ``report`` is told the step (of ``STEPS``) and may raise to stop. A fault of the document marks the dossier as
    failed with its reason and is raised again.
    """
    with database.session() as session:
        found = _dossier(session, dossier_id)
        if (printed := _printed(found)) is not None:
            return printed
        context, number = _context(found), found.number
    report(1, str(tr("正在排版 %(number)s", number=number)))
    try:
        content = printing.pdf(context)
    except DomainError as error:
        _fail(database, dossier_id, error)
        raise
    report(2, str(tr("正在保存 %(number)s", number=number)))
    return _keep(database, store, dossier_id, content, name=file_name(number, context.firm.name))


def file_name(number: str, firm: str) -> str:
    """Return the name of the PDF as people save it: 蓬科资〔2026〕000123 某某有限公司.pdf."""
    return f"{number} {firm}.pdf"


def _dossier(session: Session, dossier_id: int, *, lock: bool = False) -> Dossier:
    found = None
    if 0 < dossier_id <= LARGEST_ID:
        found = session.get(Dossier, dossier_id, with_for_update={"of": Dossier} if lock else None)
    if found is None:
        raise NotFound(tr("没有 ID 为 %(id)s 的申报材料，请核对后重试。", id=dossier_id))
    return found


def _printed(found: Dossier) -> Printed | None:
    """Return what is there already; None when it has still to be printed. A void one without a file is refused."""
    if found.file_id is not None and found.pages is not None:
        return Printed(found.id, found.number, found.pages, found.sha256)
    if found.state is DossierState.VOID:
        raise Conflict(tr("申报材料 %(number)s 已作废，不能再生成。", number=found.number))
    return None


def _context(found: Dossier) -> DossierContext:
    if content_hash(found.context) != found.context_digest:
        raise Refused(
            tr("申报材料 %(number)s 的内容与登记的校验值不符，已停止生成，请联系管理员。", number=found.number)
        )
    return opened(found.context)


def _keep(database: Database, store: FileStore, dossier_id: int, content: bytes, *, name: str) -> Printed:
    pages = printing.pages_of(content)
    with database.transaction() as session:
        found = _dossier(session, dossier_id, lock=True)
        if (printed := _printed(found)) is not None:
            return printed
        by = service.requester(session, found.requested_by)
        file = files.keep(session, store, name=name, media_type="application/pdf", content=content, by=by)
        before = found.state
        found.file_id, found.sha256, found.pages = file.id, file.sha256, pages
        found.state, found.error, found.rendered_at = DossierState.RENDERED, "", clock.now()
        session.flush()
        changes: dict[str, list[Any]] = {
            "state": [before, found.state],
            "sha256": [None, file.sha256],
            "pages": [None, pages],
        }
        record(session, by, Action.DOSSIER_REQUEST, service.subject(found), changes=changes, note="生成完毕")
        return Printed(found.id, found.number, pages, file.sha256)


def _fail(database: Database, dossier_id: int, error: DomainError) -> None:
    with database.transaction() as session:
        found = _dossier(session, dossier_id, lock=True)
        if found.state is not DossierState.REQUESTED:
            return
        by = service.requester(session, found.requested_by)
        found.state, found.error = DossierState.FAILED, str(error.message)
        session.flush()
        changes = {"state": [DossierState.REQUESTED, DossierState.FAILED]}
        record(session, by, Action.DOSSIER_REQUEST, service.subject(found), changes=changes, note=found.error)
