"""The export centre: what I took out, what is being made, what can be taken again."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.access.policy import decide
from app.audit import service as audit
from app.audit.service import Subject
from app.core.errors import Conflict, Invalid, Refused
from app.core.text import tr
from app.exports import queries, service
from app.exports.forms import PurposeForm
from app.exports.kinds import ExportKind, Kinds, kind_of
from app.exports.models import ExportState
from app.files import service as files
from app.files.store import FileStore
from app.jobs import service as jobs
from app.web.downloads import attachment
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.render import page
from app.web.session import read, settings, transaction
from app.web.surfaces import actor, requires

door = Blueprint("exports", __name__, url_prefix="/exports")


@door.get("/")
@requires(Action.EXPORT_READ)
def index() -> ResponseReturnValue:
    found = queries.exports(
        read(), for_=actor(), after=request.args.get("after", ""), before=request.args.get("before", "")
    )
    return page(page=found, labels={key: kind.label for key, kind in _kinds().items()}, ready=ExportState.READY)


@door.get("/<int:export_id>")
@requires(Action.EXPORT_READ)
def show(export_id: int) -> ResponseReturnValue:
    found = queries.export(read(), export_id, for_=actor())
    is_mine = found.export.created_by == actor().id
    return page(
        shown=found, label=_label(found.export.kind), form=Form(), is_mine=is_mine, ready=ExportState.READY,
        known=found.export.kind in _kinds(),
    )  # fmt: skip


@door.route("/new", methods=["GET", "POST"])
@requires(Action.EXPORT_TAKE)
def create() -> ResponseReturnValue:
    """Take out a view: the address names its kind and carries its filters."""
    kind = kind_of(_kinds(), request.args.get("kind", ""))
    _must_be_allowed(kind)
    asked = kind.clean(request.args)
    rows, limits = kind.count(read(), actor(), asked), _limits()
    form = PurposeForm()
    if form.sent_and_valid():
        try:
            return _ordered(kind, asked, form.purpose.data or "", limits)
        except Invalid as error:
            attach(error, form)
    words = kind.words(read(), actor(), asked)
    return page(
        422 if form.errors else 200, form=form, label=kind.label, words=words, rows=rows, limits=limits
    )  # fmt: skip


@door.get("/<int:export_id>/file")
@requires(Action.EXPORT_TAKE)
def file(export_id: int) -> ResponseReturnValue:
    found = queries.export(read(), export_id, for_=actor())
    if found.export.file is None or found.state is not ExportState.READY:
        flash(translate(tr("文件还没有生成或已经过期，可以重新导出。")), "warning")
        return redirect(url_for("office.exports.show", export_id=export_id))
    name, media_type, content = found.export.file.name, found.export.file.media_type, files.content_of(
        _store(), found.export.file
    )  # fmt: skip
    with transaction(on_get=True) as session:
        subject = Subject("export", export_id, _label(found.export.kind))
        audit.record(session, actor(), Action.EXPORT_TAKE, subject)
    return attachment(name, media_type, content)


@door.post("/<int:export_id>/cancel")
@requires(Action.EXPORT_TAKE)
def cancel(export_id: int) -> ResponseReturnValue:
    with transaction() as session:
        found = queries.export(session, export_id, for_=actor())
        if found.job is None:
            raise Conflict(tr("这次导出已经完成，无需取消。"))
        jobs.request_cancel(session, found.job)
        audit.record(session, actor(), Action.EXPORT_CANCEL, Subject("export", export_id, _label(found.export.kind)))
    return redirect(url_for("office.exports.show", export_id=export_id))


@door.post("/<int:export_id>/again")
@requires(Action.EXPORT_TAKE)
def again(export_id: int) -> ResponseReturnValue:
    """The same view with the same purpose, as it is now."""
    found = queries.export(read(), export_id, for_=actor()).export
    return _ordered(kind_of(_kinds(), found.kind), found.asked, found.purpose, _limits())


def _ordered(kind: ExportKind, asked: dict[str, str], purpose: str, limits: service.Limits) -> ResponseReturnValue:
    with transaction() as session:
        made = service.order(session, kind, asked, purpose=purpose, by=actor(), limits=limits)
        if made.job_id is None:
            content = service.workbook(session, kind, made, by=actor())
            service.keep(session, _store(), made, kind, content, by=actor(), days=limits.days)
    waits = made.job_id is not None
    said = tr("行数较多，已转到后台生成，完成后可在这里下载。") if waits else tr("导出完成，可以下载。")
    flash(translate(said), "info" if waits else "success")
    return redirect(url_for("office.exports.show", export_id=made.id))


def _must_be_allowed(kind: ExportKind) -> None:
    decision = decide(actor(), kind.action)
    if not decision.allowed:
        raise Refused(decision.reason or tr("没有权限。"))


def _kinds() -> Kinds:
    found: Kinds = current_app.extensions["yuqi_exports"]
    return found


def _label(kind: str) -> str:
    kinds = _kinds()
    return kinds[kind].label if kind in kinds else kind


def _store() -> FileStore:
    found: FileStore = current_app.extensions["yuqi_store"]
    return found


def _limits() -> service.Limits:
    chosen = settings()
    return service.Limits(chosen.export_purpose_rows, chosen.export_job_rows, chosen.export_days)
