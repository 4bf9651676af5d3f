"""The firm's home page: what is next, what is within reach, what is missing, what is held, whom to call."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.access.policy import decide
from app.core import clock
from app.core.errors import NotFound
from app.dashboards import overview
from app.dashboards.home import home
from app.firms import queries as firms
from app.web.render import page
from app.web.session import read
from app.web.surfaces import actor, requires

door = Blueprint("dashboards", __name__)


@door.get("/")
@requires(Action.OWN_READ)
def index() -> ResponseReturnValue:
    session, person = read(), actor()
    if person.firm_id is None:
        raise NotFound
    firm = firms.firm(session, person.firm_id, for_=person)
    signs = decide(person, Action.OWN_SIGN).allowed
    return page(
        firm=firm,
        home=home(session, firm, signs=signs, name=actor().name),
        lines=overview.lines_of(session, firm.id),
        year=clock.today().year - 1,
    )
