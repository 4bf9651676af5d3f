"""倍增计划 in the office: list with standing, enrol, show the path, move, leave, change the target."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.facts.catalogue import load_catalogue
from app.firms import queries as firms
from app.programmes import queries, service
from app.programmes.catalogue import STAGES
from app.programmes.doubling import queries as doubling
from app.programmes.doubling import service as targets
from app.programmes.doubling.chart import doubling_chart
from app.programmes.doubling.forms import EditTargetForm, EnrolForm
from app.programmes.forms import LeaveForm, MoveForm
from app.programmes.models import Programme
from app.web.forms import attach
from app.web.i18n import translate
from app.web.incoming import number
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("doubling", __name__, url_prefix="/programmes/doubling")
LINE = Programme.DOUBLING


@door.get("/")
@requires(Action.PROGRAMME_READ)
def index() -> ResponseReturnValue:
    counts = queries.counts_by_stage(read(), LINE, for_=actor())
    gone = queries.left_count(read(), LINE, for_=actor())
    stage, left = request.args.get("stage", ""), request.args.get("left") == "1"
    total = gone if left else counts.get(stage, 0) if stage else sum(counts.values())
    rows = queries.enrolled(
        read(), LINE, for_=actor(), total=total, stage=stage, left=left,
        after=request.args.get("after", ""), before=request.args.get("before", ""),
    )  # fmt: skip
    progress = doubling.progress_of(read(), [row.enrolment for row in rows.items])
    return page(
        rows=rows, progress=progress, counts=counts, gone=gone, stage=stage, left=left, stages=STAGES[LINE],
        catalogue=load_catalogue(),
    )  # fmt: skip


@door.route("/new", methods=["GET", "POST"])
@requires(Action.PROGRAMME_EDIT)
def create() -> ResponseReturnValue:
    firm_id = number("firm_id")
    if firm_id is None:
        text = request.args.get("q", "").strip()
        found = firms.search(read(), text, for_=actor()) if text else []
        return page(firm=None, text=text, found=found)
    firm = firms.firm(read(), firm_id, for_=actor())
    form = EnrolForm()
    if form.sent_and_valid():
        try:
            with transaction() as session:
                enrolment = targets.enrol(
                    session, firms.firm(session, firm_id, for_=actor()), form.draft(), by=actor(),
                    stage=form.stage.data, reason=form.reason.data,
                )  # fmt: skip
        except Invalid as error:
            attach(error, form)
        else:
            flash(translate(tr("%(firm)s 已纳入倍增计划。", firm=firm.name)), "success")
            return redirect(url_for("office.programmes.doubling.show", enrolment_id=enrolment.id))
    return page(422 if form.errors else 200, firm=firm, form=form)


@door.get("/<int:enrolment_id>")
@requires(Action.PROGRAMME_READ)
def show(enrolment_id: int) -> ResponseReturnValue:
    enrolment, firm = queries.enrolment(read(), enrolment_id, for_=actor())
    progress = doubling.progress_of(read(), [enrolment]).get(enrolment.id)
    return page(
        enrolment=enrolment,
        firm=firm,
        progress=progress,
        chart=doubling_chart(progress, say=translate) if progress else "",
        stages=STAGES[LINE],
        moves=queries.moves(read(), [enrolment.id]),
        move_form=MoveForm().offer(LINE, enrolment.stage),
        leave_form=LeaveForm(),
        catalogue=load_catalogue(),
    )


@door.route("/<int:enrolment_id>/target", methods=["GET", "POST"])
@requires(Action.PROGRAMME_EDIT)
def edit(enrolment_id: int) -> ResponseReturnValue:
    enrolment, firm = queries.enrolment(read(), enrolment_id, for_=actor())
    form = EditTargetForm(obj=doubling.target(read(), enrolment_id))
    if form.sent_and_valid():
        try:
            with transaction() as session:
                kept, owner = queries.enrolment(session, enrolment_id, for_=actor())
                targets.edit_target(
                    session, doubling.target(session, enrolment_id), kept, owner, form.draft(), by=actor(),
                    reason=form.reason.data,
                )  # fmt: skip
        except Invalid as error:
            attach(error, form)
        else:
            flash(translate(tr("目标已调整，原目标保留在操作日志中。")), "success")
            return redirect(url_for(".show", enrolment_id=enrolment_id))
    return page(422 if form.errors else 200, enrolment=enrolment, firm=firm, form=form)


@door.post("/<int:enrolment_id>/move")
@requires(Action.PROGRAMME_EDIT)
def move(enrolment_id: int) -> ResponseReturnValue:
    form = MoveForm()
    with transaction() as session:
        enrolment, firm = queries.enrolment(session, enrolment_id, for_=actor())
        service.move(
            session, enrolment, firm, to=form.to.data or "", by=actor(), reason=form.reason.data or "",
            moved_on=form.moved_on.data,
        )  # fmt: skip
    flash(translate(tr("阶段已变更。")), "success")
    return redirect(url_for(".show", enrolment_id=enrolment_id))


@door.post("/<int:enrolment_id>/leave")
@requires(Action.PROGRAMME_EDIT)
def leave(enrolment_id: int) -> ResponseReturnValue:
    form = LeaveForm()
    with transaction() as session:
        enrolment, firm = queries.enrolment(session, enrolment_id, for_=actor())
        if not form.validate():
            raise Conflict(tr("请写明出库理由后再提交。"))
        service.leave(session, enrolment, firm, by=actor(), reason=form.reason.data, left_on=form.left_on.data)
    flash(translate(tr("%(firm)s 已出库。", firm=firm.name)), "success")
    return redirect(url_for(".show", enrolment_id=enrolment_id))
