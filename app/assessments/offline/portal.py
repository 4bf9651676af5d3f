"""A firm's form as a workbook: download, upload, look at what differs, choose. No firm in the address."""

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
@requires(Action.OWN_EXCHANGE)
def index(assessment_id: int) -> ResponseReturnValue:
    return exchange.index(assessment_id, UploadForm())


@door.post("/workbook")
@requires(Action.OWN_EXCHANGE)
def take_out(assessment_id: int) -> ResponseReturnValue:
    return exchange.take_out(assessment_id)


@door.post("/uploads")
@requires(Action.OWN_EXCHANGE)
def bring_back(assessment_id: int) -> ResponseReturnValue:
    return exchange.bring_back(assessment_id)


@door.get("/uploads/<int:upload_id>")
@requires(Action.OWN_EXCHANGE)
def upload(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    return exchange.upload(assessment_id, upload_id, Form())


@door.get("/uploads/<int:upload_id>/progress")
@requires(Action.OWN_EXCHANGE)
def progress(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    return exchange.progress(assessment_id, upload_id)


@door.post("/uploads/<int:upload_id>/stop")
@requires(Action.OWN_EXCHANGE)
def stop(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    return exchange.stop(assessment_id, upload_id)


@door.post("/uploads/<int:upload_id>/again")
@requires(Action.OWN_EXCHANGE)
def again(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    return exchange.again(assessment_id, upload_id)


@door.post("/uploads/<int:upload_id>/take")
@requires(Action.OWN_EXCHANGE)
def take_over(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    done = url_for("portal.assessments.show", assessment_id=assessment_id)
    return exchange.take_over(assessment_id, upload_id, done)


@door.post("/uploads/<int:upload_id>/give-up")
@requires(Action.OWN_EXCHANGE)
def give_up(assessment_id: int, upload_id: int) -> ResponseReturnValue:
    return exchange.give_up(assessment_id, upload_id)
