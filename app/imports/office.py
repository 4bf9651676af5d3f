"""Imports in the office: upload, look at the rehearsal, apply, undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, TypeVar

from flask import Blueprint, current_app, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.paging import Page
from app.core.text import Message, tr
from app.files import service as files
from app.files.store import FileStore
from app.imports import confirmation, downloads, grid, jobs, losses, queries, repairs, saved, service, template
from app.imports import undo as undoing
from app.imports.forms import (
    AlikeForm,
    CellForm,
    DecisionForm,
    ReasonForm,
    ReturnForm,
    SubmitForm,
    SupplementForm,
    UndoForm,
    UploadForm,
)
from app.imports.models import BatchState, Decision, ImportBatch, ImportRow, RowOutcome
from app.imports.page import batch_view, row_views, sample
from app.jobs import service as job_service
from app.sheets.write import Watermark
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.incoming import number
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires
from config import Settings

F = TypeVar("F", bound=Form)
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
    return page(batches=found, titles={"": translate(tr("自动识别")), **saved.titles(read())})


@door.route("/new", methods=["GET", "POST"])
@requires(Action.IMPORT_STAGE)
def upload() -> ResponseReturnValue:
    form = UploadForm(titles=saved.titles(read()))
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form)
    try:
        batch = _received(form.profile.data, form.year.data)
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
    kind, alike = request.args.get("kind", ""), request.args.get("alike", "")
    wanted = queries.RowFilter(
        outcome=_outcome(request.args.get("outcome", "")),
        kind=f"{kind}/{alike}" if kind and alike else kind,
        missing=request.args.get("missing", ""),
        text=request.args.get("q", ""),
    )
    found = queries.rows(
        session, batch, wanted, after=request.args.get("after", ""), before=request.args.get("before", "")
    )
    cells = grid.cells(session, batch, found, kind, alike, for_=actor()) if kind else ()
    return page(
        batch=batch, view=batch_view(session, batch, actor()), wanted=wanted, kind=kind, alike=alike,
        rows=row_views(session, batch, found), groups=grid.groups(batch), cells=cells, one_each=grid.one_each(cells),
        may_confirm=confirmation.may_confirm(batch, actor(), alone=_alone()), me=actor().id,
    )  # fmt: skip


def _outcome(text: str) -> RowOutcome | None:
    return RowOutcome(text) if text in {one.value for one in RowOutcome} else None


def _alone() -> bool:
    settings: Settings = current_app.extensions["yuqi_settings"]
    return settings.import_alone


@contextmanager
def _changing(batch_id: int) -> Iterator[tuple[Session, ImportBatch]]:
    """Give the batch, locked, in a transaction that is committed at the end."""
    with transaction() as session:
        yield session, queries.batch(session, batch_id, for_=actor(), lock=True)


def _valid(form: F) -> F:
    """Return a form that came filled in as our own pages fill it. Raises ``Invalid`` with its first complaint."""
    if not form.sent_and_valid():
        first = next((str(error) for errors in form.errors.values() for error in errors), "")
        raise Invalid("", tr("提交的内容不完整：%(why)s", why=first or tr("请刷新页面后再试")))
    return form


def _back(batch_id: int, kind: str = "", alike: str = "", row: ImportRow | None = None) -> ResponseReturnValue:
    """Return to where the person was working: the row's own page, or the group of problems."""
    if kind == "row" and row is not None:
        return redirect(url_for("office.imports.row", batch_id=batch_id, sheet=row.sheet, row=row.row))
    wanted: dict[str, Any] = {name: text for name, text in (("kind", kind), ("alike", alike)) if text}
    return redirect(url_for("office.imports.show", batch_id=batch_id, **wanted) + "#work")


@door.post("/<int:batch_id>/cell")
@requires(Action.IMPORT_EDIT)
def cell(batch_id: int) -> ResponseReturnValue:
    with _changing(batch_id) as (session, batch):
        form = _valid(CellForm())
        writing = repairs.Writing(form.row_id.data, form.letter.data, form.text.data or "")
        row = repairs.write_cell(
            session, batch, writing, by=actor(), version=form.version.data, why=form.why.data or ""
        )
        after = queries.row(session, batch, row.id)
        told = tr("已改 %(cell)s，第 %(row)s 行现在是：%(outcome)s。", cell=f"{writing.letter}{row.row}", row=row.row,
                  outcome=Message(after.outcome.label))  # fmt: skip
    flash(translate(told), "success")
    return _back(batch_id, form.kind.data, form.alike.data, row)


@door.post("/<int:batch_id>/take-back")
@requires(Action.IMPORT_EDIT)
def take_back(batch_id: int) -> ResponseReturnValue:
    with _changing(batch_id) as (session, batch):
        form = _valid(CellForm())
        repairs.take_back(session, batch, form.row_id.data, form.letter.data, by=actor(), version=form.version.data)
        row = queries.row(session, batch, form.row_id.data)
    flash(translate(tr("已恢复为文件里的原文，修改记录仍保留。")), "success")
    return _back(batch_id, form.kind.data, form.alike.data, row)


@door.post("/<int:batch_id>/repair")
@requires(Action.IMPORT_EDIT)
def repair(batch_id: int) -> ResponseReturnValue:
    with _changing(batch_id) as (session, batch):
        form = _valid(AlikeForm())
        count = repairs.repair(session, batch, kind=form.kind.data, likeness=form.alike.data, by=actor())
    flash(translate(tr("已按建议改好 %(n)s 个同类单元格，逐个可撤回。", n=count)), "success")
    return _back(batch_id, form.kind.data)


@door.post("/<int:batch_id>/decide")
@requires(Action.IMPORT_EDIT)
def decide(batch_id: int) -> ResponseReturnValue:
    with _changing(batch_id) as (session, batch):
        form = _valid(DecisionForm())
        decision = Decision(form.decision.data) if form.decision.data in {one.value for one in Decision} else None
        row = queries.row(session, batch, form.row_id.data)
        repairs.decide(
            session, batch, row.id, decision, by=actor(), version=form.version.data, firm_id=form.firm_id.data,
            why=form.why.data or "",
        )  # fmt: skip
    flash(translate(tr("已记下对第 %(row)s 行的决定，并重新预检。", row=row.row)), "success")
    return _back(batch_id, form.kind.data, form.alike.data, row)


@door.post("/<int:batch_id>/reason")
@requires(Action.IMPORT_EDIT)
def reason(batch_id: int) -> ResponseReturnValue:
    with _changing(batch_id) as (session, batch):
        form = _valid(ReasonForm())
        repairs.give_reason(
            session, batch, form.row_id.data, form.key.data, form.reason.data or "", by=actor(),
            version=form.version.data,
        )  # fmt: skip
        row = queries.row(session, batch, form.row_id.data)
    return _back(batch_id, form.kind.data, form.alike.data, row)


@door.post("/<int:batch_id>/reasons")
@requires(Action.IMPORT_EDIT)
def reason_for_all(batch_id: int) -> ResponseReturnValue:
    with _changing(batch_id) as (session, batch):
        form = _valid(AlikeForm())
        count = repairs.reason_for_all(session, batch, form.reason.data or "", by=actor(), kind=form.kind.data or "")
    flash(translate(tr("已给 %(n)s 个数据写上同一原因。", n=count)), "success")
    if request.form.get("next") == "submit":
        return redirect(url_for("office.imports.submit", batch_id=batch_id))
    return _back(batch_id, form.kind.data)


@door.route("/<int:batch_id>/submit", methods=["GET", "POST"])
@requires(Action.IMPORT_SUBMIT)
def submit(batch_id: int) -> ResponseReturnValue:
    form = SubmitForm()
    if not form.sent_and_valid():
        batch = queries.batch(read(), batch_id, for_=actor())
        if batch.state is not BatchState.STAGED:
            return _back(batch_id)
        return page(422 if form.errors else 200, batch=batch, form=form, view=batch_view(read(), batch, actor()))
    with _changing(batch_id) as (session, batch):
        confirmation.submit(session, batch, by=actor(), note=form.note.data or "")
    flash(translate(tr("已提交，等待另一位同事确认。确认之前可以收回。")), "success")
    return _back(batch_id)


@door.post("/<int:batch_id>/recall")
@requires(Action.IMPORT_SUBMIT)
def recall(batch_id: int) -> ResponseReturnValue:
    with _changing(batch_id) as (session, batch):
        confirmation.take_back(session, batch, by=actor())
    flash(translate(tr("已收回，可以继续修改。")), "success")
    return _back(batch_id)


@door.route("/<int:batch_id>/return", methods=["GET", "POST"])
@requires(Action.IMPORT_RETURN)
def send_back(batch_id: int) -> ResponseReturnValue:
    form = ReturnForm()
    if not form.sent_and_valid():
        batch = queries.batch(read(), batch_id, for_=actor())
        if batch.state is not BatchState.SUBMITTED:
            return _back(batch_id)
        return page(422 if form.errors else 200, batch=batch, form=form)
    with _changing(batch_id) as (session, batch):
        confirmation.return_for_correction(session, batch, by=actor(), reason=form.reason.data)
    flash(translate(tr("已退回给提交人。")), "success")
    return _back(batch_id)


@door.route("/<int:batch_id>/apply", methods=["GET", "POST"])
@requires(Action.IMPORT_APPLY)
def apply(batch_id: int) -> ResponseReturnValue:
    form = Form()
    if not form.sent_and_valid():
        batch = queries.batch(read(), batch_id, for_=actor())
        if batch.state is not BatchState.SUBMITTED:
            return _back(batch_id)
        view = batch_view(read(), batch, actor())
        return page(batch=batch, form=form, view=view, sample=sample(read(), batch),
                    may_confirm=confirmation.may_confirm(batch, actor(), alone=_alone()))  # fmt: skip
    with _changing(batch_id) as (_session, batch):
        service.must_be(batch, BatchState.SUBMITTED)
        confirmation.refuse_own(batch, actor(), alone=_alone())
        _enqueue(batch, jobs.APPLY, translate(tr("执行导入：%(file)s", file=batch.file.name)))
    return _back(batch_id)


@door.post("/<int:batch_id>/rehearse")
@requires(Action.IMPORT_STAGE)
def rehearse(batch_id: int) -> ResponseReturnValue:
    with _changing(batch_id) as (session, batch):
        changed = service.rehearse(session, batch, by=actor())
    flash(translate(tr("已重新预检，%(n)s 行的结果有变化。", n=changed)), "success")
    return _back(batch_id)


@door.post("/<int:batch_id>/discard")
@requires(Action.IMPORT_STAGE)
def discard(batch_id: int) -> ResponseReturnValue:
    with _changing(batch_id) as (session, batch):
        service.discard(session, batch, by=actor())
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
        lost, stays = losses.told(read(), batch), losses.stays(read(), batch)
        return page(422 if form.errors else 200, batch=batch, form=form, lost=lost, stays=stays)
    with transaction() as session:
        undoing.undo(
            session, queries.batch(session, batch_id, for_=actor(), lock=True), by=actor(), reason=form.reason.data
        )
    flash(translate(tr("已撤销批次 %(id)s：待审核的数据已撤回，由它新建的企业已移除。", id=batch_id)), "success")
    return redirect(url_for("office.imports.show", batch_id=batch_id))


@door.route("/<int:batch_id>/supplement", methods=["GET", "POST"])
@requires(Action.IMPORT_STAGE)
def supplement(batch_id: int) -> ResponseReturnValue:
    """The failed rows, mended in the spreadsheet, come back as a batch that knows which one it completes."""
    form = SupplementForm()
    parent = queries.batch(read(), batch_id, for_=actor())
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, batch=parent, form=form)
    try:
        batch = _received(parent.profile, parent.year, parent)
    except Invalid as error:
        attach(error, form)
        return page(422, batch=parent, form=form)
    return redirect(url_for("office.imports.show", batch_id=batch.id))


def _received(profile_id: str, year: int, parent: ImportBatch | None = None) -> ImportBatch:
    """Take the file that was sent and let a job read it. Raises ``Invalid`` (``file``)."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("file", tr("请选择要导入的表格文件。"))
    with transaction() as session:
        batch = service.receive(
            session, _store(), name=sent.filename, content=sent.read(), profile_id=profile_id, year=year, by=actor(),
            parent=parent,
        )  # fmt: skip
        _enqueue(batch, jobs.STAGE, translate(tr("预检表格：%(file)s", file=batch.file.name)))
    return batch


def _file(content: bytes, name: Message, kind: str = XLSX) -> ResponseReturnValue:
    return send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=translate(name))


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


@door.get("/<int:batch_id>/marked")
@requires(Action.IMPORT_READ)
def marked(batch_id: int) -> ResponseReturnValue:
    batch = queries.batch(read(), batch_id, for_=actor())
    content = downloads.marked(read(), _store(), batch, translate)
    stem = batch.file.name.rpartition(".")[0] or batch.file.name
    return _file(content, tr("%(file)s（批次 %(id)s 标注）.xlsx", file=stem, id=batch.id))


@door.get("/<int:batch_id>/problems")
@requires(Action.IMPORT_READ)
def problems(batch_id: int) -> ResponseReturnValue:
    batch = queries.batch(read(), batch_id, for_=actor())
    failed = queries.failed_rows(read(), batch.id)
    content = template.failed_rows(batch, failed, translate, watermark=Watermark(actor().name, clock.now()))
    return _file(content, tr("未导入的行（批次 %(id)s）.xlsx", id=batch.id))


@door.get("/<int:batch_id>/reasons")
@requires(Action.IMPORT_READ)
def reasons(batch_id: int) -> ResponseReturnValue:
    batch = queries.batch(read(), batch_id, for_=actor())
    content = downloads.reasons(read(), batch, watermark=Watermark(actor().name, clock.now()))
    return _file(content, tr("变动原因说明（批次 %(id)s）.xlsx", id=batch.id))


@door.get("/template/<profile_id>")
@requires(Action.IMPORT_READ)
def blank(profile_id: str) -> ResponseReturnValue:
    known = saved.named(read(), profile_id)
    year = clock.today().year - 1
    content = template.blank(known, year, created=clock.now())
    return _file(content, tr("%(title)s（空白模板 %(year)s 年度）.xlsx", title=known.title, year=year))


@door.get("/<int:batch_id>/row")
@requires(Action.IMPORT_READ)
def row(batch_id: int) -> ResponseReturnValue:
    """One row as it stood in the file: where a figure walks back to (``?sheet=…&row=12``)."""
    batch = queries.batch(read(), batch_id, for_=actor())
    found = queries.row_at(read(), batch.id, request.args.get("sheet", ""), number("row") or 0)
    return page(batch=batch, one=row_views(read(), batch, Page([found], 1)).items[0],
                **grid.row_page(read(), batch, found, request.args.get("find", ""), actor()))  # fmt: skip
