"""高企培育库 in the office: the pool by stage, entry, moves, exit, with the whole history."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import SelectChoice, SelectField

from app.access.actions import Action
from app.accounts import queries as accounts
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.firms import queries as firms
from app.programmes import queries, service
from app.programmes.catalogue import STAGES
from app.programmes.cultivation.forms import AssignForm, EnrolForm
from app.programmes.forms import LeaveForm, MoveForm
from app.programmes.models import Enrolment, Programme
from app.web.forms import attach
from app.web.i18n import translate
from app.web.incoming import number
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("cultivation", __name__, url_prefix="/programmes/cultivation")
LINE = Programme.CULTIVATION
NOBODY = 0


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
    return page(rows=rows, counts=counts, gone=gone, stage=stage, left=left, stages=STAGES[LINE])


@door.route("/new", methods=["GET", "POST"])
@requires(Action.PROGRAMME_EDIT)
def create() -> ResponseReturnValue:
    firm_id = number("firm_id")
    if firm_id is None:
        text = request.args.get("q", "").strip()
        found = firms.search(read(), text, for_=actor()) if text else []
        return page(firm=None, text=text, found=found)
    firm = firms.firm(read(), firm_id, for_=actor())
    form = EnrolForm(caseworker=firm.caseworker_id or NOBODY)
    offer_caseworkers(read(), form.caseworker)
    if form.sent_and_valid():
        try:
            with transaction() as session:
                enrolment = service.enrol(
                    session, firms.firm(session, firm_id, for_=actor()), LINE, by=actor(), stage=form.stage.data,
                    reason=form.reason.data, entered_on=form.entered_on.data,
                    caseworker_id=form.caseworker.data or None,
                )  # fmt: skip
        except Invalid as error:
            attach(error, form)
        else:
            flash(translate(tr("%(firm)s 已纳入高企培育库。", firm=firm.name)), "success")
            return redirect(url_for("office.programmes.cultivation.show", enrolment_id=enrolment.id))
    return page(422 if form.errors else 200, firm=firm, form=form)


@door.get("/<int:enrolment_id>")
@requires(Action.PROGRAMME_READ)
def show(enrolment_id: int) -> ResponseReturnValue:
    enrolment, firm = queries.enrolment(read(), enrolment_id, for_=actor())
    earlier = queries.enrolments_of(read(), firm.id, LINE)
    assign_form = AssignForm(caseworker=enrolment.caseworker_id or NOBODY)
    offer_caseworkers(read(), assign_form.caseworker)
    return page(
        enrolment=enrolment,
        firm=firm,
        earlier=earlier,
        caseworker=_name(read(), enrolment),
        moves=queries.moves(read(), [found.id for found in earlier]),
        move_form=MoveForm().offer(LINE, enrolment.stage),
        assign_form=assign_form,
        leave_form=LeaveForm(),
        stages=STAGES[LINE],
    )


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


@door.post("/<int:enrolment_id>/assign")
@requires(Action.PROGRAMME_EDIT)
def assign(enrolment_id: int) -> ResponseReturnValue:
    form = AssignForm()
    with transaction() as session:
        enrolment, firm = queries.enrolment(session, enrolment_id, for_=actor())
        known = {user.id for user in accounts.caseworkers(session)}
        chosen = form.caseworker.data or None
        if chosen is not None and chosen not in known:
            raise Invalid("caseworker", tr("请从列表中选择经办人。"))
        service.assign(session, enrolment, firm, caseworker_id=chosen, by=actor())
    flash(translate(tr("经办人已更新。")), "success")
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


def offer_caseworkers(session: Session, field: SelectField) -> None:
    """Offer the people who can be put in charge."""
    field.choices = [
        SelectChoice(NOBODY, translate(tr("未分派"))),
        *[SelectChoice(user.id, user.name) for user in accounts.caseworkers(session)],
    ]


def _name(session: Session, enrolment: Enrolment) -> str:
    return (
        accounts.names(session, [enrolment.caseworker_id]).get(enrolment.caseworker_id, "")
        if enrolment.caseworker_id
        else ""
    )
