"""研发机构 in the office: the register, and coverage over the roster with both lists."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.firms import queries as firms
from app.programmes import queries as lines
from app.programmes.rd_institutions import queries, service
from app.programmes.rd_institutions.forms import EndForm, InstitutionForm
from app.programmes.rd_institutions.models import InstitutionKind, InstitutionLevel
from app.web.forms import attach
from app.web.i18n import translate
from app.web.incoming import number
from app.web.incoming import year as year_asked
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("rd_institutions", __name__, url_prefix="/programmes/rd-institutions")


@door.get("/")
@requires(Action.PROGRAMME_READ)
def index() -> ResponseReturnValue:
    kinds = {member.value: member for member in InstitutionKind}
    levels = {member.value: member for member in InstitutionLevel}
    state = request.args.get("state", "")
    rows = queries.register(
        read(), for_=actor(), kind=kinds.get(request.args.get("kind", "")),
        level=levels.get(request.args.get("level", "")), state=state if state in {"valid", "ended"} else "",
        after=request.args.get("after", ""), before=request.args.get("before", ""),
    )  # fmt: skip
    return page(rows=rows, kinds=InstitutionKind.options(), levels=InstitutionLevel.options(), state=state)


@door.get("/coverage")
@requires(Action.PROGRAMME_READ)
def coverage() -> ResponseReturnValue:
    years = lines.roster_years(read())
    year = year_asked("year") or (years[0] if years else clock.today().year - 1)
    shown = request.args.get("covered", "")
    found = queries.coverage(read(), year, for_=actor())
    chosen = queries.Covered(shown) if shown in {member.value for member in queries.Covered} else None
    rows = found.of(chosen) if chosen else found.firms
    return page(coverage=found, years=years, rows=rows, chosen=chosen, states=list(queries.Covered))


@door.route("/new", methods=["GET", "POST"])
@requires(Action.PROGRAMME_EDIT)
def create() -> ResponseReturnValue:
    firm_id = number("firm_id")
    if firm_id is None:
        text = request.args.get("q", "").strip()
        found = firms.search(read(), text, for_=actor()) if text else []
        return page(firm=None, text=text, found=found)
    firm = firms.firm(read(), firm_id, for_=actor())
    form = InstitutionForm()
    if form.sent_and_valid():
        try:
            with transaction() as session:
                service.register(session, firms.firm(session, firm_id, for_=actor()), form.draft(), by=actor())
        except Invalid as error:
            attach(error, form)
        else:
            flash(translate(tr("研发机构已登记。")), "success")
            return redirect(url_for("office.programmes.firm", firm_id=firm_id))
    return page(422 if form.errors else 200, firm=firm, form=form)


@door.route("/<int:institution_id>", methods=["GET", "POST"])
@requires(Action.PROGRAMME_EDIT)
def edit(institution_id: int) -> ResponseReturnValue:
    institution, firm = queries.institution(read(), institution_id, for_=actor())
    form = InstitutionForm(obj=institution)
    if form.sent_and_valid():
        try:
            with transaction() as session:
                kept, owner = queries.institution(session, institution_id, for_=actor())
                service.edit(session, kept, owner, form.draft(), by=actor(), version=form.version.data)
        except Invalid as error:
            attach(error, form)
        else:
            flash(translate(tr("研发机构已保存。")), "success")
            return redirect(url_for("office.programmes.firm", firm_id=firm.id))
    return page(422 if form.errors else 200, institution=institution, firm=firm, form=form, end_form=EndForm())


@door.post("/<int:institution_id>/end")
@requires(Action.PROGRAMME_EDIT)
def end(institution_id: int) -> ResponseReturnValue:
    form = EndForm()
    with transaction() as session:
        institution, firm = queries.institution(session, institution_id, for_=actor())
        if not form.validate():
            raise Conflict(tr("请写明终止原因后再提交。"))
        service.end(session, institution, firm, by=actor(), reason=form.reason.data, ended_on=form.ended_on.data)
    flash(translate(tr("研发机构已登记为终止。")), "success")
    return redirect(url_for("office.programmes.firm", firm_id=firm.id))
