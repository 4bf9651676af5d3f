"""Jobs in the office: what runs, how far, cancel."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.jobs import queries, service
from app.jobs.models import FINISHED
from app.jobs.telling import told
from app.web.forms import Form
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("jobs", __name__, url_prefix="/jobs")


@door.get("/")
@requires(Action.JOB_READ)
def index() -> ResponseReturnValue:
    return page(jobs=queries.latest(read(), for_=actor()))


@door.get("/<int:job_id>")
@requires(Action.JOB_READ)
def show(job_id: int) -> ResponseReturnValue:
    return page(job=queries.job(read(), job_id, for_=actor()), form=Form(), finished=FINISHED)


@door.get("/<int:job_id>/progress")
@requires(Action.JOB_READ)
def progress(job_id: int) -> ResponseReturnValue:
    return told(queries.job(read(), job_id, for_=actor()))


@door.post("/<int:job_id>/cancel")
@requires(Action.JOB_CANCEL)
def cancel(job_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.request_cancel(session, queries.job(session, job_id, for_=actor()))
    return redirect(url_for("office.jobs.show", job_id=job_id))
