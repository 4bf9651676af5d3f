"""Replaying a list in the office: start it, watch it, see that everything agrees or what does not."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core.text import tr
from app.eligibility import listing
from app.eligibility.replay import queries, service
from app.eligibility.replay.comparing import Reason
from app.jobs import queries as jobs
from app.jobs.models import FINISHED
from app.rulebooks import queries as rulebooks
from app.web.i18n import translate
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("replay", __name__)


@door.get("/eligibility/<int:list_id>/replay")
@requires(Action.ELIGIBILITY_READ)
def show(list_id: int) -> ResponseReturnValue:
    about = listing.overview(read(), list_id, for_=actor())
    replays = queries.of_list(read(), list_id)
    newest = replays[0] if replays else None
    counts = queries.counts(read(), newest.id, for_=actor()) if newest is not None else {}
    rows = None
    if newest is not None and counts:
        rows = queries.differences(
            read(), newest.id, for_=actor(), total=sum(counts.values()), after=request.args.get("after", ""),
            before=request.args.get("before", ""),
        )  # fmt: skip
    return page(
        about=about,
        edition=rulebooks.edition(read(), about.edition_id),
        replays=replays,
        newest=newest,
        counts=counts,
        rows=rows,
        reasons={one.value: one.label for one in Reason},
        job=jobs.if_visible(read(), newest.job_id, for_=actor()) if newest is not None else None,
        finished=FINISHED,
    )


@door.post("/eligibility/<int:list_id>/replay")
@requires(Action.ELIGIBILITY_REPLAY)
def start(list_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.request(session, listing.eligibility_list(session, list_id), by=actor())
    flash(translate(tr("已开始重演，完成后在本页显示结果。")), "info")
    return redirect(url_for("office.eligibility.replay.show", list_id=list_id))
