"""What the doors of firm and bureau answer about a receipt: the same, once each has seen whose it is."""

from __future__ import annotations

from flask import current_app, flash, request
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.assessments import queries as assessments
from app.assessments.receipts import printing, queries, service
from app.assessments.receipts.models import ReceiptState
from app.core.errors import NotYet
from app.core.text import tr
from app.files import service as files
from app.jobs.models import Job
from app.web.downloads import attachment
from app.web.i18n import translate
from app.web.session import read, settings, transaction
from app.web.surfaces import actor


def make(assessment_id: int, number: int) -> None:
    """Queue the receipt of a round: of the occasion that is asked for where there is one, else of the latest."""
    with transaction() as session:
        form = assessments.form(session, assessment_id, for_=actor())
        service.issue(session, form, number, by=actor(), public_url=settings().public_url,
                      occasion=request.form.get("occasion", ""))  # fmt: skip
    flash(translate(tr("回执已排入生成队列，本页会显示进度。")), "info")


def file(assessment_id: int, number: int, occasion: str, action: Action) -> ResponseReturnValue:
    """Answer the PDF, and note who took it. Raises NotFound, NotYet while it is being printed."""
    with transaction(on_get=True) as session:
        form = assessments.form(session, assessment_id, for_=actor())
        found = queries.chosen(session, assessment_id, number, occasion)
        if found.file is None:
            raise NotYet(tr("回执 %(number)s 还没有生成 PDF，请稍后再试。", number=found.number))
        content = files.content_of(current_app.extensions["yuqi_store"], found.file)
        service.record_download(session, form.row, found, by=actor(), action=action)
        name = printing.file_name(service.opened(found))
    return attachment(name, "application/pdf", content)


def progress(assessment_id: int, number: int, occasion: str) -> ResponseReturnValue:
    """Answer how far the printing is, for the page that stands open."""
    assessments.form(read(), assessment_id, for_=actor())
    found = queries.chosen(read(), assessment_id, number, occasion)
    job = read().get(Job, found.job_id) if found.job_id is not None else None
    one = queries.Offered(found.occasion, found, job)
    state = found.state if one.is_waiting or found.state is ReceiptState.MADE else ReceiptState.FAILED
    return {
        "state": state.value,
        "label": translate(state),
        "done": job.done_steps if job else 0,
        "total": job.all_steps if job else 0,
        "note": job.note if job else "",
        "error": one.error,
        "finished": not one.is_waiting,
    }
