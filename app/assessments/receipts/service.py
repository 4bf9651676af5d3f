"""Asking for receipts and printing them: the context is put together and frozen at once, the PDF is made by a job."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Actor
from app.accounts import queries as accounts
from app.assessments import queries as assessments
from app.assessments.models import Assessment, Submission
from app.assessments.receipts import printing, queries
from app.assessments.receipts.contents import Imprint, context_of
from app.assessments.receipts.context import ReceiptContext
from app.assessments.receipts.models import Occasion, Receipt, ReceiptState
from app.assessments.subject import subject_of
from app.audit.service import record
from app.core import clock
from app.core.db import Database
from app.core.digest import content_hash
from app.core.errors import DomainError, NotFound, Refused
from app.core.text import tr
from app.documents.sealing import sealed, unsealed
from app.files import service as files
from app.files.store import FileStore
from app.jobs import service as jobs

JOB = "assessments.receipt"
VERIFY = "/verify/"
STEPS = 2
CODE_SIGNS, CODE_LENGTH = "23456789abcdefghjkmnpqrstuvwxyz", 16
"""As of dossiers: without signs that people confuse when they type a code from paper."""
Report = Callable[[int, str], None]


def follow(session: Session, assessment_id: int, number: int, *, by: Actor, public_url: str) -> None:
    """Issue what a step of a round leads to: its own receipt, and that of the round before, which it answers.

    The caller has done the step in the same transaction. Raises NotFound.
    """
    form = assessments.form(session, assessment_id, for_=by)
    for round_number in (number, number - 1):
        if round_number:
            issue(session, form, round_number, by=by, public_url=public_url)


def issue(
    session: Session, form: assessments.Form, number: int, *, by: Actor, public_url: str, occasion: str = ""
) -> Receipt:
    """Freeze the receipt of a round's latest occasion, or take the one of ``occasion``, and queue its printing.

    A second request while it waits changes nothing; one that failed is queued again. Raises NotFound.
    """
    made = assessments.submission(session, form.row.id, number)
    # whoever comes second waits here and then finds the first one's receipt
    session.execute(select(Submission.id).where(Submission.id == made.id).with_for_update())
    there = {one.occasion: one.receipt for one in queries.offered(session, made)}
    asked = Occasion(occasion) if occasion in set(Occasion) else None
    found = there.get(asked) if asked is not None else None
    if found is None:
        newest = queries.occasions(session, made)[-1]
        found = there.get(newest) or _freeze(session, form, made, newest, by, public_url)
    if found.state is not ReceiptState.MADE:
        _queue(session, form, found, by)
    return found


def current(session: Session, form: assessments.Form, made: Submission) -> ReceiptContext:
    """Return what the page of a round says: the words of its newest receipt, as they will be while there is none."""
    newest = queries.occasions(session, made)[-1]
    found = next((one.receipt for one in queries.offered(session, made) if one.occasion is newest), None)
    if found is not None:
        return opened(found)
    return context_of(session, form, made, newest, Imprint("", "", "", made.submitted_at))


def _freeze(
    session: Session, form: assessments.Form, made: Submission, occasion: Occasion, by: Actor, public_url: str
) -> Receipt:
    now = clock.now()
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    mark = list(Occasion).index(occasion) + 1
    number = f"蓬科评〔{clock.local(made.submitted_at).year}〕{form.row.id:06d}-{made.number}-{mark}"
    imprint = Imprint(number, code, public_url.rstrip("/") + VERIFY + code, now)
    text, digest = sealed(context_of(session, form, made, occasion, imprint))
    found = Receipt(
        submission_id=made.id, occasion=occasion, number=number, verification_code=code, context=text,
        context_digest=digest, requested_by=by.id, requested_by_name=by.name, created_at=now,
        state=ReceiptState.WAITING,
    )  # fmt: skip
    session.add(found)
    session.flush()
    session.refresh(found, ["context"])
    return found


def _queue(session: Session, form: assessments.Form, found: Receipt, by: Actor) -> None:
    title = f"生成自评回执 {found.number}"
    job = jobs.enqueue(session, JOB, title=title, by=by, arguments={"receipt_id": found.id}, key=f"{JOB}:{found.id}")
    if found.job_id == job.id:
        return
    found.job_id, found.state, found.error = job.id, ReceiptState.WAITING, ""
    session.flush()
    action = Action.OWN_PRINT if by.is_firm else Action.ASSESSMENT_PRINT
    changes = {"receipt": [None, found.number], "digest": [None, found.context_digest]}
    record(session, by, action, subject_of(form.row), changes=changes)


def render(database: Database, store: FileStore, receipt_id: int, *, report: Report) -> dict[str, Any]:
    """Print a receipt unless it is printed already; return its number, pages and hash.

    ``report`` is told the step (of ``STEPS``) and may raise to stop. A fault of the document marks the receipt as
    failed with its reason and is raised again.
    """
    with database.session() as session:
        found = _receipt(session, receipt_id)
        if found.state is ReceiptState.MADE:
            return _told(found)
        context, number = opened(found), found.number
    report(1, str(tr("正在排版 %(number)s", number=number)))
    try:
        content = printing.pdf(context)
    except DomainError as error:
        _fail(database, receipt_id, error)
        raise
    return _keep(database, store, receipt_id, content, name=printing.file_name(context))


def opened(found: Receipt) -> ReceiptContext:
    """Return what a receipt says. Raises Refused where it is not what was frozen."""
    if content_hash(found.context) != found.context_digest:
        raise Refused(tr("回执 %(number)s 的内容与登记的校验值不符，已停止提供，请联系管理员。", number=found.number))
    return unsealed(ReceiptContext, found.context)


def record_download(session: Session, form: Assessment, found: Receipt, *, by: Actor, action: Action) -> None:
    """Note in the log who took the PDF."""
    record(session, by, action, subject_of(form), changes={"receipt": [found.number, found.number]}, note="下载 PDF")


def _receipt(session: Session, receipt_id: int, *, lock: bool = False) -> Receipt:
    found = session.get(Receipt, receipt_id, with_for_update={"of": Receipt} if lock else None)
    if found is None:
        raise NotFound
    return found


def _told(found: Receipt) -> dict[str, Any]:
    return {"receipt": found.id, "number": found.number, "pages": found.pages, "sha256": found.sha256}


def _keep(database: Database, store: FileStore, receipt_id: int, content: bytes, *, name: str) -> dict[str, Any]:
    pages = printing.pages_of(content)
    with database.transaction() as session:
        found = _receipt(session, receipt_id, lock=True)
        if found.state is ReceiptState.MADE:
            return _told(found)
        by = SYSTEM if found.requested_by is None else accounts.user(session, found.requested_by).as_actor()
        file = files.keep(session, store, name=name, media_type="application/pdf", content=content, by=by)
        found.file_id, found.sha256, found.pages = file.id, file.sha256, pages
        found.state, found.error, found.made_at = ReceiptState.MADE, "", clock.now()
        session.flush()
        return _told(found)


def _fail(database: Database, receipt_id: int, error: DomainError) -> None:
    with database.transaction() as session:
        found = _receipt(session, receipt_id, lock=True)
        if found.state is ReceiptState.WAITING:
            found.state, found.error = ReceiptState.FAILED, str(error.message)
