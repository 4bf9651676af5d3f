"""数字化转型 in the office: who stands where, with source and date."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core.errors import Invalid
from app.core.text import tr
from app.firms import queries as firms
from app.programmes import queries as lines
from app.programmes.digital import queries, service
from app.programmes.digital.forms import AssessmentForm
from app.programmes.digital.models import DigitalLevel
from app.web.forms import attach
from app.web.i18n import translate
from app.web.incoming import number
from app.web.incoming import year as year_asked
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("digital", __name__, url_prefix="/programmes/digital")
UNASSESSED = "none"


@door.get("/")
@requires(Action.PROGRAMME_READ)
def index() -> ResponseReturnValue:
    year = year_asked("year")
    chosen = request.args.get("level", "")
    level = "" if chosen == UNASSESSED else chosen if chosen in {m.value for m in DigitalLevel} else None
    counts = queries.counts(read(), for_=actor(), year=year)
    total = sum(counts.values()) if level is None else counts.get(level, 0)
    rows = queries.listed(
        read(), for_=actor(), total=total, level=level, year=year,
        after=request.args.get("after", ""), before=request.args.get("before", ""),
    )  # fmt: skip
    years = [(str(found), str(found)) for found in lines.roster_years(read())]
    return page(rows=rows, counts=counts, level=level, levels=list(DigitalLevel), year_options=years)


@door.route("/new", methods=["GET", "POST"])
@requires(Action.PROGRAMME_EDIT)
def create() -> ResponseReturnValue:
    firm_id = number("firm_id")
    if firm_id is None:
        text = request.args.get("q", "").strip()
        found = firms.search(read(), text, for_=actor()) if text else []
        return page(firm=None, text=text, found=found)
    firm = firms.firm(read(), firm_id, for_=actor())
    form = AssessmentForm()
    if form.sent_and_valid():
        try:
            with transaction() as session:
                service.record(session, firms.firm(session, firm_id, for_=actor()), form.draft(), by=actor())
        except Invalid as error:
            attach(error, form)
        else:
            flash(translate(tr("数字化水平已登记。")), "success")
            return redirect(url_for("office.programmes.firm", firm_id=firm_id))
    return page(422 if form.errors else 200, firm=firm, form=form)


@door.route("/<int:assessment_id>", methods=["GET", "POST"])
@requires(Action.PROGRAMME_EDIT)
def edit(assessment_id: int) -> ResponseReturnValue:
    assessment, firm = queries.assessment(read(), assessment_id, for_=actor())
    form = AssessmentForm(obj=assessment)
    if form.sent_and_valid():
        try:
            with transaction() as session:
                kept, owner = queries.assessment(session, assessment_id, for_=actor())
                service.edit(session, kept, owner, form.draft(), by=actor(), version=form.version.data)
        except Invalid as error:
            attach(error, form)
        else:
            flash(translate(tr("数字化水平已保存。")), "success")
            return redirect(url_for("office.programmes.firm", firm_id=firm.id))
    return page(422 if form.errors else 200, assessment=assessment, firm=firm, form=form)
