"""Receipts of submissions within reach: asked for, watched, taken."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.assessments.receipts import answering
from app.web.surfaces import requires

door = Blueprint("receipts", __name__, url_prefix="/<int:assessment_id>/submissions/<int:number>/receipts")


@door.post("/")
@requires(Action.ASSESSMENT_PRINT)
def make(assessment_id: int, number: int) -> ResponseReturnValue:
    answering.make(assessment_id, number)
    address = url_for("office.assessments.submission", assessment_id=assessment_id, number=number)
    return redirect(f"{address}#receipts")


@door.get("/<occasion>/file")
@requires(Action.ASSESSMENT_READ)
def file(assessment_id: int, number: int, occasion: str) -> ResponseReturnValue:
    return answering.file(assessment_id, number, occasion, Action.ASSESSMENT_READ)


@door.get("/<occasion>/progress")
@requires(Action.ASSESSMENT_READ)
def progress(assessment_id: int, number: int, occasion: str) -> ResponseReturnValue:
    return answering.progress(assessment_id, number, occasion)
