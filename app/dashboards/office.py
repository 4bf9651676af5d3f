"""The workbench of the person signed in, and one firm at a glance."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.dashboards import overview, workbench
from app.firms import queries as firms
from app.web.render import page
from app.web.session import read
from app.web.surfaces import actor, requires

door = Blueprint("dashboards", __name__)


@door.get("/")
@requires(Action.DASHBOARD_READ)
def index() -> ResponseReturnValue:
    return page(bench=workbench.workbench(read(), actor()))


@door.get("/firms/<int:firm_id>")
@requires(Action.DASHBOARD_READ)
def firm(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    return page(firm=found, shown=overview.overview(read(), firm_id))
