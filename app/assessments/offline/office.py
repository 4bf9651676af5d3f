"""A firm's form as a workbook for staff, by the firm's consent: the same way as the firm's, every answer marked."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.assessments.offline import exchange
from app.assessments.offline.forms import UploadForm
from app.web.forms import Form
from app.web.surfaces import requires

door = Blueprint("offline", __name__, url_prefix="/<int:assessment_id>/offline")


@door.get("/")
@requires(Action.ASSESSMENT_FILL)
def index(assessment_id: int) -> ResponseReturnValue:
    return exchange.index(assessment_id, UploadForm())


@door.post("/workbook")
@requires(Action.ASSESSMENT_FILL)
def take_out(assessment_id: int) -> ResponseReturnValue:
    return exchange.take_out(assessment_id)


@door.post("/uploads")
@requires(Action.ASSESSMENT_FILL)
def bring_back(assessment_id: int) -> ResponseReturnValue:
    return exchange.bring_back(assessment_id)


@door.get("/uploads/<int:upload_id>")
@requires(Action.ASSESSMENT_FILL)
def upload(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    return exchange.upload(assessment_id, upload_id, Form())


@door.get("/uploads/<int:upload_id>/progress")
@requires(Action.ASSESSMENT_FILL)
def progress(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    return exchange.progress(assessment_id, upload_id)


@door.post("/uploads/<int:upload_id>/stop")
@requires(Action.ASSESSMENT_FILL)
def stop(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    return exchange.stop(assessment_id, upload_id)


@door.post("/uploads/<int:upload_id>/again")
@requires(Action.ASSESSMENT_FILL)
def again(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    return exchange.again(assessment_id, upload_id)


@door.post("/uploads/<int:upload_id>/take")
@requires(Action.ASSESSMENT_FILL)
def take_over(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    done = url_for("office.assessments.behalf.show", assessment_id=assessment_id)
    return exchange.take_over(assessment_id, upload_id, done)


@door.post("/uploads/<int:upload_id>/give-up")
@requires(Action.ASSESSMENT_FILL)
def give_up(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    return exchange.give_up(assessment_id, upload_id)
