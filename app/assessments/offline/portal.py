"""A firm's form as a workbook: download, upload, look at what differs, choose. No firm in the address."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.assessments import queries
from app.assessments.models import OPEN_STATES
from app.assessments.offline import queries as offline
from app.assessments.offline import service
from app.assessments.offline.differences import Kind
from app.assessments.offline.forms import UploadForm
from app.core.errors import Invalid
from app.core.text import tr
from app.web.downloads import attachment
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.incoming import whole
from app.web.render import page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("offline", __name__, url_prefix="/<int:assessment_id>/offline")
ORDER = (Kind.CONFLICT, Kind.NEW, Kind.CHANGED, Kind.UNREADABLE, Kind.CLEARED, Kind.GONE)


@door.get("/")
@requires(Action.OWN_EXCHANGE)
def index(assessment_id: int) -> ResponseReturnValue:
    return _index(assessment_id, UploadForm())


def _index(assessment_id: int, form: UploadForm, status: int = 200) -> ResponseReturnValue:
    found = queries.form(read(), assessment_id, for_=actor())
    return page_named(
        "index", status, form=found, upload_form=form, is_open=found.row.state in OPEN_STATES,
        taken=offline.taken_out(read(), assessment_id), brought=offline.brought_back(read(), assessment_id),
    )  # fmt: skip


@door.post("/workbook")
@requires(Action.OWN_EXCHANGE)
def take_out(assessment_id: int) -> ResponseReturnValue:
    with transaction() as session:
        form, content = service.take_out(session, assessment_id, by=actor())
        name = translate(tr("%(title)s.xlsx", title=f"{form.title}-{form.firm_name}"))
    return attachment(name, service.XLSX, content)


@door.post("/uploads")
@requires(Action.OWN_EXCHANGE)
def bring_back(assessment_id: int) -> ResponseReturnValue:
    form = UploadForm()
    queries.form(read(), assessment_id, for_=actor())
    try:
        sent = request.files.get("file")
        if not form.validate() or sent is None or not sent.filename:
            raise Invalid("file", tr("请选择填好的 Excel 文件。"))
        content = sent.read()
        sheets = service.read(content, sent.filename)
        with transaction() as session:
            made = service.bring_back(
                session, current_app.extensions["yuqi_store"], assessment_id, sheets, name=sent.filename,
                content=content, by=actor(),
            )  # fmt: skip
    except Invalid as error:
        attach(error, form)
        return _index(assessment_id, form, 422)
    return redirect(url_for("portal.assessments.offline.upload", assessment_id=assessment_id, upload_id=made.id))


@door.get("/uploads/<int:upload_id>")
@requires(Action.OWN_EXCHANGE)
def upload(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    return _upload(assessment_id, upload_id, Form())


def _upload(assessment_id: int, upload_id: int, form: Form, status: int = 200) -> ResponseReturnValue:
    found = queries.form(read(), assessment_id, for_=actor())
    brought = offline.upload(read(), assessment_id, upload_id)
    rows = offline.compared(read(), found, brought)
    groups = [(kind, [one for one in rows if one.kind is kind]) for kind in ORDER]
    return page_named(
        "upload", status, form=found, brought=brought, groups=[group for group in groups if group[1]], take_form=form,
        same=len(brought.workbook.cells) - len(rows) - brought.missing, is_open=found.row.state in OPEN_STATES,
        chosen=set(request.form.getlist("take")) if request.method == "POST" else None,
    )  # fmt: skip


@door.post("/uploads/<int:upload_id>/take")
@requires(Action.OWN_EXCHANGE)
def take_over(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    form, sent = Form(), request.form
    chosen = {name: whole(sent.get(f"seen-{name}")) or 0 for name in sent.getlist("take")}
    try:
        with transaction() as session:
            saved, late = service.take_over(session, assessment_id, upload_id, chosen, by=actor())
    except Invalid as error:
        attach(error, form)
        return _upload(assessment_id, upload_id, form, 422)
    if late:
        form.form_errors.append(
            translate(tr("已写入 %(n)s 项；另有 %(late)s 项在您查看之后又有改动，没有写入，请重新选择。",
                         n=saved, late=len(late)))
        )  # fmt: skip
        return _upload(assessment_id, upload_id, form, 409)
    flash(translate(tr("已写入 %(n)s 项。", n=saved)), "success")
    return redirect(url_for("portal.assessments.show", assessment_id=assessment_id))


@door.post("/uploads/<int:upload_id>/give-up")
@requires(Action.OWN_EXCHANGE)
def give_up(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.give_up(session, assessment_id, upload_id, by=actor())
    flash(translate(tr("没有采用这次上传的内容，系统里的内容不变；上传的文件仍留存。")), "success")
    return redirect(url_for("portal.assessments.offline.index", assessment_id=assessment_id))
