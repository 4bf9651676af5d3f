"""Everybody at once in the office: start a run, watch it, see how everybody came out and who is one clause short."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock
from app.core.choices import Choice
from app.core.errors import Invalid
from app.core.text import tr
from app.eligibility.engine.outcome import Outcome
from app.eligibility.forms import KINDS
from app.eligibility.models import Shortfall, VerdictState
from app.eligibility.runs import heat, queries, service
from app.eligibility.runs.forms import RunForm
from app.eligibility.shown import points
from app.jobs import queries as jobs
from app.jobs.models import FINISHED
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.incoming import number
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("runs", __name__, url_prefix="/eligibility/runs")
C = TypeVar("C", bound=Choice)
SHORT = (Shortfall.ONE_DATA, Shortfall.ONE_SUBSTANCE, Shortfall.ONE_EXPERT)


@door.route("/", methods=["GET"])
@requires(Action.ELIGIBILITY_READ)
def index() -> ResponseReturnValue:
    return page(runs=queries.latest(read()), kinds=dict(KINDS))


@door.route("/new", methods=["GET", "POST"])
@requires(Action.ELIGIBILITY_RUN)
def start() -> ResponseReturnValue:
    form = RunForm(as_of=clock.today())
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form)
    try:
        with transaction() as session:
            found = service.request(session, form.as_of.data, by=actor(), kind=form.kind.data)
    except Invalid as error:
        attach(error, form)
        return page(422, form=form)
    flash(translate(tr("已开始判定全部企业，完成后在本页显示结果。")), "info")
    return redirect(url_for("office.eligibility.runs.show", run_id=found.id))


@door.get("/<int:run_id>")
@requires(Action.ELIGIBILITY_READ)
def show(run_id: int) -> ResponseReturnValue:
    found = queries.run(read(), run_id)
    standings = []
    if found.is_complete:
        standings = queries.standings(read(), found, for_=actor())
    return page(
        run=found,
        standings=standings,
        passed_over=queries.passed_over(read(), found),
        states=list(VerdictState),
        shorts=SHORT,
        kinds=dict(KINDS),
        job=jobs.if_visible(read(), found.job_id, for_=actor()),
        finished=FINISHED,
        form=Form(),
    )


@door.get("/<int:run_id>/editions/<int:edition_id>")
@requires(Action.ELIGIBILITY_READ)
def edition(run_id: int, edition_id: int) -> ResponseReturnValue:
    standing = _standing(run_id, edition_id)
    state = _chosen(VerdictState, "state")
    outcome = _chosen(Outcome, "outcome")
    short = _chosen(Shortfall, "short")
    clause = request.args.get("clause", "")
    clauses = {one.id: one for one in standing.rulebook.clauses}
    clause = clause if clause in clauses else ""
    if outcome is not None and clause:
        ids = standing.with_outcome(clause, outcome)
    elif short is not None and short in SHORT:
        ids = standing.short(short, clause)
    else:
        ids = standing.of(state) if state is not None else standing.firm_ids.tolist()
    rows = queries.page_of(read(), standing, ids, after=number("after") or 0, for_=actor())
    return page(
        standing=standing,
        run=standing.run,
        state=state,
        short=short,
        clause=clause,
        outcome=outcome if clause else None,
        place=heat.label_of(request.args.get("town", ""), request.args.get("cluster", "")),
        clauses=clauses,
        states=list(VerdictState),
        shorts=SHORT,
        counts=standing.counts(),
        short_counts=standing.short_counts(),
        rows=rows,
        points=points,
    )


@door.get("/<int:run_id>/editions/<int:edition_id>/heat", endpoint="heat")
@requires(Action.ELIGIBILITY_READ)
def heat_table(run_id: int, edition_id: int) -> ResponseReturnValue:
    standing = _standing(run_id, edition_id)
    by = _chosen(heat.By, "by") or heat.By.TOWN
    rows, groups = None, []
    if by is heat.By.FIRM:
        ids = standing.firm_ids.tolist()
        rows = queries.page_of(read(), standing, ids, after=number("after") or 0, for_=actor())
    else:
        groups = heat.rows(read(), standing, by, for_=actor())
    return page(
        standing=standing, run=standing.run, by=by, ways=list(heat.By), clauses=heat.clauses_of(standing),
        groups=groups, rows=rows,
    )  # fmt: skip


def _standing(run_id: int, edition_id: int) -> queries.Standing:
    """Return how the firms in reach came out, narrowed to a town and a cluster where the address says so."""
    found = queries.standing(read(), queries.run(read(), run_id), edition_id, for_=actor())
    town, cluster = request.args.get("town", ""), request.args.get("cluster", "")
    return heat.narrowed(read(), found, town, cluster, for_=actor())


@door.post("/<int:run_id>/resume")
@requires(Action.ELIGIBILITY_RUN)
def resume(run_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.resume(session, queries.run(session, run_id, lock=True), by=actor())
    flash(translate(tr("已继续判定全部企业。")), "info")
    return redirect(url_for("office.eligibility.runs.show", run_id=run_id))


def _chosen(choices: type[C], name: str) -> C | None:
    value = request.args.get(name, "")
    return choices(value) if value in {one.value for one in choices} else None
