"""Imports in the office: upload, look at the rehearsal, apply, undo."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, current_app, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.paging import Page
from app.core.text import tr
from app.files import service as files
from app.files.store import FileStore
from app.imports import jobs, queries, service, template
from app.imports import undo as undoing
from app.imports.forms import UndoForm, UploadForm
from app.imports.models import BatchState, ImportBatch, RowOutcome
from app.imports.page import batch_view, row_views
from app.imports.profile import profile
from app.jobs import service as job_service
from app.sheets.write import Watermark
from app.web.forms import attach
from app.web.i18n import translate
from app.web.incoming import number
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("imports", __name__, url_prefix="/imports")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _store() -> FileStore:
    found: FileStore = current_app.extensions["yuqi_store"]
    return found


@door.get("/")
@requires(Action.IMPORT_READ)
def index() -> ResponseReturnValue:
    found = queries.batches(
        read(), for_=actor(), after=request.args.get("after", ""), before=request.args.get("before", "")
    )
    return page(batches=found, titles={one.profile: profile(one.profile).title for one in found.items})


@door.route("/new", methods=["GET", "POST"])
@requires(Action.IMPORT_STAGE)
def upload() -> ResponseReturnValue:
    form = UploadForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form)
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid("file", tr("请选择要导入的表格文件。"))
        with transaction() as session:
            batch = service.receive(
                session, _store(), name=sent.filename, content=sent.read(), profile_id=form.profile.data,
                year=form.year.data, by=actor(),
            )  # fmt: skip
            _enqueue(batch, jobs.STAGE, translate(tr("预检表格：%(file)s", file=batch.file.name)))
    except Invalid as error:
        attach(error, form)
        return page(422, form=form)
    return redirect(url_for("office.imports.show", batch_id=batch.id))


def _enqueue(batch: ImportBatch, name: str, title: str) -> None:
    job = job_service.enqueue(
        read(), name, title=title, by=actor(), arguments={"batch_id": batch.id}, key=f"{name}:{batch.id}"
    )
    batch.job_id = job.id


@door.get("/<int:batch_id>")
@requires(Action.IMPORT_READ)
def show(batch_id: int) -> ResponseReturnValue:
    session = read()
    batch = queries.batch(session, batch_id, for_=actor())
    wanted = queries.RowFilter(
        outcome=_outcome(request.args.get("outcome", "")),
        kind=request.args.get("kind", ""),
        missing=request.args.get("missing", ""),
        text=request.args.get("q", ""),
    )
    found = queries.rows(
        session, batch, wanted, after=request.args.get("after", ""), before=request.args.get("before", "")
    )
    view = batch_view(session, batch, actor())
    return page(batch=batch, view=view, wanted=wanted, rows=row_views(session, found), outcomes=RowOutcome)


def _outcome(text: str) -> RowOutcome | None:
    return RowOutcome(text) if text in {one.value for one in RowOutcome} else None


@door.post("/<int:batch_id>/apply")
@requires(Action.IMPORT_APPLY)
def apply(batch_id: int) -> ResponseReturnValue:
    with transaction() as session:
        batch = queries.batch(session, batch_id, for_=actor(), lock=True)
        if batch.state is not BatchState.STAGED:
            raise Conflict(tr("这个批次已经办理过，请刷新页面查看。"))
        _enqueue(batch, jobs.APPLY, translate(tr("执行导入：%(file)s", file=batch.file.name)))
    return redirect(url_for("office.imports.show", batch_id=batch_id))


@door.post("/<int:batch_id>/rehearse")
@requires(Action.IMPORT_STAGE)
def rehearse(batch_id: int) -> ResponseReturnValue:
    with transaction() as session:
        changed = service.rehearse(session, queries.batch(session, batch_id, for_=actor(), lock=True), by=actor())
    flash(translate(tr("已重新预检，%(n)s 行的结果有变化。", n=changed)), "success")
    return redirect(url_for("office.imports.show", batch_id=batch_id))


@door.post("/<int:batch_id>/discard")
@requires(Action.IMPORT_STAGE)
def discard(batch_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.discard(session, queries.batch(session, batch_id, for_=actor(), lock=True), by=actor())
    flash(translate(tr("已放弃这次导入，企业库没有改动；原文件仍可下载。")), "success")
    return redirect(url_for("office.imports.index"))


@door.route("/<int:batch_id>/undo", methods=["GET", "POST"])
@requires(Action.IMPORT_UNDO)
def undo(batch_id: int) -> ResponseReturnValue:
    form = UndoForm()
    batch = queries.batch(read(), batch_id, for_=actor())
    if batch.state is not BatchState.APPLIED:
        raise Conflict(tr("只有已导入的批次可以撤销。"))
    if not form.sent_and_valid():
        lost = undoing.losses(read(), batch)
        return page(422 if form.errors else 200, batch=batch, form=form, lost=lost)
    with transaction() as session:
        undoing.undo(
            session, queries.batch(session, batch_id, for_=actor(), lock=True), by=actor(), reason=form.reason.data
        )
    flash(translate(tr("已撤销批次 %(id)s：待审核的数据已撤回，由它新建的企业已移除。", id=batch_id)), "success")
    return redirect(url_for("office.imports.show", batch_id=batch_id))


@door.get("/<int:batch_id>/original")
@requires(Action.IMPORT_READ)
def original(batch_id: int) -> ResponseReturnValue:
    batch = queries.batch(read(), batch_id, for_=actor())
    response = send_file(
        BytesIO(files.content_of(_store(), batch.file)),
        mimetype="application/octet-stream", as_attachment=True, download_name=batch.file.name,
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@door.get("/<int:batch_id>/problems")
@requires(Action.IMPORT_READ)
def problems(batch_id: int) -> ResponseReturnValue:
    batch = queries.batch(read(), batch_id, for_=actor())
    failed = queries.failed_rows(read(), batch.id)
    content = template.failed_rows(batch, failed, translate, watermark=Watermark(actor().name, clock.now()))
    name = translate(tr("未导入的行（批次 %(id)s）.xlsx", id=batch.id))
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)


@door.get("/template/<profile_id>")
@requires(Action.IMPORT_READ)
def blank(profile_id: str) -> ResponseReturnValue:
    known = profile(profile_id)
    year = clock.today().year - 1
    content = template.blank(known, year, created=clock.now())
    name = translate(tr("%(title)s（空白模板 %(year)s 年度）.xlsx", title=known.title, year=year))
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)


@door.get("/<int:batch_id>/row")
@requires(Action.IMPORT_READ)
def row(batch_id: int) -> ResponseReturnValue:
    """One row as it stood in the file: where a figure walks back to (``?sheet=…&row=12``)."""
    batch = queries.batch(read(), batch_id, for_=actor())
    found = queries.row_at(read(), batch.id, request.args.get("sheet", ""), number("row") or 0)
    columns = [kept for kept in batch.report.get("columns", ()) if kept["sheet"] == found.sheet]
    headers = {kept["letter"]: kept["header"] for kept in columns}
    return page(batch=batch, one=row_views(read(), Page([found], 1)).items[0], headers=headers)
