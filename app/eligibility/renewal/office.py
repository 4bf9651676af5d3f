"""Overtaken verdicts in the office: look for them now, watch, see what changed; the nights before."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core.text import tr
from app.eligibility.renewal import queries, service
from app.jobs import queries as jobs
from app.jobs.models import FINISHED
from app.web.forms import Form
from app.web.i18n import translate
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("renewal", __name__, url_prefix="/eligibility/renewals")


@door.route("/", methods=["GET"])
@requires(Action.ELIGIBILITY_READ)
def index() -> ResponseReturnValue:
    return page(renewals=queries.latest(read()), form=Form())


@door.post("/start")
@requires(Action.ELIGIBILITY_RENEW)
def start() -> ResponseReturnValue:
    with transaction() as session:
        found = service.request(session, by=actor())
    flash(translate(tr("已开始查找过时的判定，完成后在本页显示结果。")), "info")
    return redirect(url_for("office.eligibility.renewal.show", renewal_id=found.id))


@door.get("/<int:renewal_id>")
@requires(Action.ELIGIBILITY_READ)
def show(renewal_id: int) -> ResponseReturnValue:
    found = service.renewal(read(), renewal_id)
    counts = queries.counts(read(), renewal_id, for_=actor())
    everything = request.args.get("show") == "all"
    total = sum(number if everything else changed for number, changed in counts.values())
    rows = queries.page_of(
        read(), renewal_id, for_=actor(), everything=everything, total=total, after=request.args.get("after", ""),
        before=request.args.get("before", ""),
    )  # fmt: skip
    return page(
        found=found,
        counts=counts,
        everything=everything,
        rows=rows,
        job=jobs.if_visible(read(), found.job_id, for_=actor()),
        finished=FINISHED,
    )
