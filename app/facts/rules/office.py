"""Accepting by rule in the office: choose, look through, confirm, see what was accepted and what was left."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core.errors import Invalid
from app.facts import filtering
from app.facts.filtering import QueueFilter
from app.facts.models import RuleRun
from app.facts.rules import service, sifting
from app.facts.rules.forms import RunForm
from app.facts.rules.law import PERCENTS, Rule, Why, written
from app.jobs import queries as jobs
from app.jobs.models import FINISHED
from app.web.forms import attach
from app.web.incoming import number
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("rules", __name__, url_prefix="/facts/rules")
USUAL = 20


@door.route("/", methods=["GET", "POST"])
@requires(Action.FACT_BY_RULE)
def index() -> ResponseReturnValue:
    chosen = QueueFilter.from_plain(request.args)
    rule = Rule(request.args["rule"]) if request.args.get("rule") in set(Rule) else None
    percent = number("percent")
    percent = percent if percent in PERCENTS else USUAL
    form = RunForm()
    if rule is not None and form.sent_and_valid():
        try:
            with transaction() as session:
                upper = int(form.upper.data) if str(form.upper.data).isdigit() else 0
                run = service.begin(session, chosen, rule, percent, upper=upper, note=form.note.data or "", by=actor())
            return redirect(url_for("office.facts.rules.show", run_id=run.id))
        except Invalid as error:
            attach(error, form)
    found = sifting.preview(read(), chosen, rule, percent, for_=actor()) if rule is not None else None
    if found is not None:
        form.upper.data = str(found.upper)
    return page(
        422 if form.errors else 200,
        form=form,
        chosen=chosen,
        words=filtering.in_words(chosen),
        rules=[(one, written(one, percent)) for one in Rule],
        rule=rule,
        percent=percent,
        percents=PERCENTS,
        found=found,
        runs=service.latest(read(), for_=actor()),
        sentence=sentence,
    )


@door.get("/runs/<int:run_id>")
@requires(Action.FACT_BY_RULE)
def show(run_id: int) -> ResponseReturnValue:
    run = service.run_of(read(), run_id, for_=actor())
    return page(
        run=run,
        sentence=sentence(run),
        words=filtering.in_words(QueueFilter.from_plain(run.chosen["filter"])),
        left=[(why, run.left[why.value]) for why in Why if run.left.get(why.value)],
        job=jobs.if_visible(read(), run.job_id, for_=actor()),
        finished=FINISHED,
    )


def sentence(run: RuleRun) -> object:
    """Return the rule of a run as a sentence."""
    return written(Rule(run.rule), service.percent_of(run))
