"""Dossiers in the office: the list, one dossier as its PDF says it, requests from a nomination list, download, void."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.access.actions import Action
from app.core.errors import NotFound
from app.core.text import tr
from app.documents.qr import qr_svg
from app.dossiers import printing, queries, rendering, service
from app.dossiers.forms import VoidForm
from app.dossiers.leaning import leaning_on
from app.dossiers.models import Dossier, DossierState
from app.dossiers.sealing import opened
from app.facts.documents import queries as documents
from app.files import service as files
from app.firms import queries as firms
from app.jobs import queries as jobs
from app.jobs import service as job_service
from app.jobs.models import FINISHED
from app.nominations import queries as nominations
from app.nominations.models import ListState
from app.web.downloads import attachment
from app.web.i18n import translate
from app.web.incoming import number
from app.web.render import page
from app.web.session import read, settings, transaction
from app.web.surfaces import actor, requires

door = Blueprint("dossiers", __name__, url_prefix="/dossiers")


@door.get("/")
@requires(Action.DOSSIER_READ)
def index() -> ResponseReturnValue:
    session, person = read(), actor()
    chosen = request.args.get("state", "")
    state = DossierState(chosen) if chosen in set(DossierState) else None
    list_id = number("list")
    counts = queries.counts(session, for_=person, list_id=list_id)
    total = counts.get(state.value, 0) if state else sum(counts.values())
    rows = queries.listed(
        session,
        for_=person,
        total=total,
        state=state,
        list_id=list_id,
        after=request.args.get("after", ""),
        before=request.args.get("before", ""),
    )
    return page(
        rows=rows, counts=counts, state=state, states=list(DossierState), lists=queries.lists(session, for_=person)
    )


@door.get("/<int:dossier_id>")
@requires(Action.DOSSIER_READ)
def show(dossier_id: int) -> ResponseReturnValue:
    found = queries.dossier(read(), dossier_id, for_=actor())
    context = opened(found.context)
    return page(
        found=found,
        line=queries.line(read(), found),
        context=context,
        drawings=[(drawing, Markup(drawing.svg)) for drawing in printing.drawings(context)],  # noqa: S704 - our own
        score_drawing=Markup(printing.score_drawing(context.judgement.score)),  # noqa: S704 - our own
        qr=qr_svg(context.address, title=translate(tr("核验二维码"))),
        job=queries.job_of(read(), found),
        states=DossierState,
        doubts=documents.doubts_behind(read(), queries.fact_ids(read(), found)),
    )


@door.get("/documents/<int:document_id>")
@requires(Action.DOCUMENT_READ)
def leaning(document_id: int) -> ResponseReturnValue:
    found = documents.document(read(), document_id, for_=actor())
    return page(
        document=documents.shown(found),
        firm=firms.firm(read(), found.firm_id, for_=actor()),
        leaning=leaning_on(read(), found),
    )


@door.get("/<int:dossier_id>/file")
@requires(Action.DOSSIER_READ)
def download(dossier_id: int) -> ResponseReturnValue:
    with transaction(on_get=True) as session:
        found = queries.dossier(session, dossier_id, for_=actor())
        if found.file is None:
            raise NotFound(tr("申报材料 %(number)s 还没有生成 PDF，请稍后再试。", number=found.number))
        content = files.content_of(current_app.extensions["yuqi_store"], found.file)
        service.record_download(session, found, by=actor())
        name = rendering.file_name(found.number, found.context["firm"]["name"])
    return attachment(name, "application/pdf", content)


@door.get("/lists/<int:list_id>")
@requires(Action.DOSSIER_READ)
def batch(list_id: int) -> ResponseReturnValue:
    session = read()
    chosen = nominations.nomination_list(session, list_id)
    job = service.last_batch(session, chosen)
    return page(
        chosen=chosen,
        rows=queries.nominated(session, list_id, for_=actor()),
        is_frozen=chosen.state is ListState.FROZEN,
        job=job,
        is_running=job is not None and job.state not in FINISHED,
        is_mine=job is not None and jobs.if_visible(session, job.id, for_=actor()) is not None,
        states=DossierState,
    )


@door.post("/lists/<int:list_id>/request")
@requires(Action.DOSSIER_REQUEST)
def request_for_list(list_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.request_list(session, nominations.nomination_list(session, list_id), by=actor())
    flash(translate(tr("已开始逐家生成申报材料，可在本页查看进度。")), "info")
    return redirect(url_for("office.dossiers.batch", list_id=list_id))


@door.post("/nominations/<int:nomination_id>/request", endpoint="request")
@requires(Action.DOSSIER_REQUEST)
def request_one(nomination_id: int) -> ResponseReturnValue:
    with transaction() as session:
        nomination = nominations.nomination(session, nomination_id, for_=actor())
        found = service.request(session, nomination, by=actor(), public_url=settings().public_url)
    flash(translate(tr("申报材料 %(number)s 已排入生成队列。", number=found.number)), "info")
    return _to(found)


@door.route("/<int:dossier_id>/void", methods=["GET", "POST"])
@requires(Action.DOSSIER_VOID)
def void(dossier_id: int) -> ResponseReturnValue:
    found = queries.dossier(read(), dossier_id, for_=actor())
    form = VoidForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, found=found, line=queries.line(read(), found), form=form)
    with transaction() as session:
        service.void(session, queries.dossier(session, dossier_id, for_=actor()), by=actor(), reason=form.reason.data)
    flash(translate(tr("申报材料 %(number)s 已作废，核验页面会显示。", number=found.number)), "success")
    return _to(found)


@door.get("/<int:dossier_id>/progress")
@requires(Action.DOSSIER_READ)
def progress(dossier_id: int) -> ResponseReturnValue:
    found = queries.dossier(read(), dossier_id, for_=actor())
    job = queries.job_of(read(), found)
    return {
        "state": found.state.value,
        "label": translate(found.state),
        "done": job.done_steps if job else 0,
        "total": job.all_steps if job else 0,
        "note": job.note if job else "",
        "error": found.error,
        "finished": found.state is not DossierState.REQUESTED,
    }


@door.get("/lists/<int:list_id>/progress")
@requires(Action.DOSSIER_READ)
def batch_progress(list_id: int) -> ResponseReturnValue:
    job = service.last_batch(read(), nominations.nomination_list(read(), list_id))
    if job is None:
        raise NotFound
    return {
        "state": job.state.value,
        "label": translate(job.state),
        "done": job.done_steps,
        "total": job.all_steps,
        "note": job.note,
        "error": job.error,
        "finished": job.state in FINISHED,
    }


@door.post("/lists/<int:list_id>/cancel")
@requires(Action.JOB_CANCEL)
def cancel(list_id: int) -> ResponseReturnValue:
    with transaction() as session:
        job = service.last_batch(session, nominations.nomination_list(session, list_id))
        job_service.request_cancel(session, jobs.job(session, job.id if job else 0, for_=actor()))
    flash(translate(tr("已请求停止；已经生成的申报材料保留，可随时继续。")), "info")
    return redirect(url_for("office.dossiers.batch", list_id=list_id))


def _to(found: Dossier) -> Response:
    return redirect(url_for("office.dossiers.show", dossier_id=found.id))
