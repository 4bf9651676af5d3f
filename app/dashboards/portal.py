"""The firm's home page."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.web.render import page
from app.web.surfaces import requires

door = Blueprint("dashboards", __name__)


@door.get("/")
@requires(Action.OWN_READ)
def index() -> ResponseReturnValue:
    return page()
