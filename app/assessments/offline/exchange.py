"""The pages around the workbook of a form, the same for firm and staff: each has doors of its own that lead here.

The views declare who may. Staff see nothing here without a consent of the firm that lives today.
"""

from __future__ import annotations

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.assessments import consents, queries
from app.assessments.models import OPEN_STATES, Consent
from app.assessments.offline import bringing, service
from app.assessments.offline import queries as offline
from app.assessments.offline.differences import Kind
from app.assessments.offline.forms import UploadForm
from app.assessments.offline.models import BroughtBack, ReturnState
from app.assessments.queries import Form as Assessed
from app.core.errors import Invalid, NotFound
from app.core.text import message_from_json, tr
from app.jobs import telling
from app.jobs.models import FINISHED
from app.web.downloads import attachment
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.incoming import whole
from app.web.render import page_named
from app.web.session import read, transaction
from app.web.surfaces import actor

ORDER = (Kind.CONFLICT, Kind.NEW, Kind.CHANGED, Kind.UNREADABLE, Kind.CLEARED, Kind.GONE, Kind.DECLARED)


def _reached(assessment_id: int) -> tuple[Assessed, Consent | None]:
    """Return the form, and for staff the consent by which they see it. Raises NotFound, Refused."""
    found = queries.form(read(), assessment_id, for_=actor())
    return found, None if actor().is_firm else consents.needed(read(), assessment_id, actor())


def index(assessment_id: int, form: UploadForm, status: int = 200) -> ResponseReturnValue:
    """Answer the page that gives workbooks out and takes them back."""
    found, consent = _reached(assessment_id)
    return page_named(
        "index", status, form=found, upload_form=form, is_open=found.row.state in OPEN_STATES, consent=consent,
        taken=offline.taken_out(read(), assessment_id), brought=offline.brought_back(read(), assessment_id),
    )  # fmt: skip


def take_out(assessment_id: int) -> ResponseReturnValue:
    """Answer the workbook of the form as it stands now."""
    try:
        with transaction() as session:
            form, content = service.take_out(session, assessment_id, by=actor())
            name = translate(tr("%(title)s.xlsx", title=f"{form.title}-{form.firm_name}"))
    except Invalid as error:
        shown = UploadForm()
        attach(error, shown)
        return index(assessment_id, shown, 422)
    return attachment(name, bringing.XLSX, content)


def bring_back(assessment_id: int) -> ResponseReturnValue:
    """Keep what was sent, let a job read it, and lead to where that is seen."""
    form = UploadForm()
    found, _consent = _reached(assessment_id)
    try:
        bringing.may_come(read(), found, actor())  # before a byte of it is looked at
        sent = request.files.get("file")
        if not form.validate() or sent is None or not sent.filename:
            raise Invalid("file", tr("请选择填好的 Excel 文件。"))
        with transaction() as session:
            made = bringing.bring_back(
                session, current_app.extensions["yuqi_store"], assessment_id, name=sent.filename,
                content=sent.read(), by=actor(),
            )  # fmt: skip
    except Invalid as error:
        attach(error, form)
        return index(assessment_id, form, 422)
    return redirect(url_for(".upload", assessment_id=assessment_id, upload_id=made.id))


def upload(assessment_id: int, upload_id: int, form: Form, status: int = 200) -> ResponseReturnValue:
    """Answer what became of an upload: how far it is read, why it was not, or what differs."""
    found, _consent = _reached(assessment_id)
    brought = offline.upload(read(), assessment_id, upload_id)
    rows = offline.compared(read(), found, brought, for_=actor())
    groups = [(kind, [one for one in rows if one.kind is kind]) for kind in ORDER]
    return page_named(
        "upload", status, form=found, brought=brought, groups=[group for group in groups if group[1]], take_form=form,
        same=_same(brought, len(rows)), is_open=found.row.state in OPEN_STATES,
        job=offline.job_of(read(), brought) if brought.state is ReturnState.READING else None, finished=FINISHED,
        refusal=message_from_json(brought.refusal) if brought.refusal else None,
        chosen=set(request.form.getlist("take")) if request.method == "POST" else None,
    )  # fmt: skip


def _same(brought: BroughtBack, differing: int) -> int:
    return len(brought.workbook.cells) - differing - brought.missing if brought.workbook is not None else 0


def progress(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    """Answer how far an upload is read."""
    _reached(assessment_id)
    job = offline.job_of(read(), offline.upload(read(), assessment_id, upload_id))
    if job is None:
        raise NotFound
    return telling.told(job)


def stop(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    """Give up reading."""
    with transaction() as session:
        bringing.stop(session, assessment_id, upload_id, by=actor())
    flash(translate(tr("已取消读取，系统里的内容不变；上传的文件仍留存。")), "success")
    return redirect(url_for(".index", assessment_id=assessment_id))


def again(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    """Read once more what a job ended without an answer."""
    with transaction() as session:
        bringing.again(session, assessment_id, upload_id, by=actor())
    return redirect(url_for(".upload", assessment_id=assessment_id, upload_id=upload_id))


def take_over(assessment_id: int, upload_id: int, done: str) -> ResponseReturnValue:
    """Write what was chosen; ``done`` is where that leads."""
    form, sent = Form(), request.form
    chosen = {name: whole(sent.get(f"seen-{name}")) or 0 for name in sent.getlist("take")}
    try:
        with transaction() as session:
            saved, late = service.take_over(session, assessment_id, upload_id, chosen, by=actor())
    except Invalid as error:
        attach(error, form)
        return upload(assessment_id, upload_id, form, 422)
    if late:
        form.form_errors.append(
            translate(tr("已写入 %(n)s 项；另有 %(late)s 项在您查看之后又有改动，没有写入，请重新选择。",
                         n=saved, late=len(late)))
        )  # fmt: skip
        return upload(assessment_id, upload_id, form, 409)
    flash(translate(tr("已写入 %(n)s 项。", n=saved)), "success")
    return redirect(done)


def give_up(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    """Take over nothing."""
    with transaction() as session:
        service.give_up(session, assessment_id, upload_id, by=actor())
    flash(translate(tr("没有采用这次上传的内容，系统里的内容不变；上传的文件仍留存。")), "success")
    return redirect(url_for(".index", assessment_id=assessment_id))
