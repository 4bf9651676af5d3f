"""What falls due for the firm, as its people were reminded of it."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import workdays
from app.reminders import queries, service
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("reminders", __name__, url_prefix="/reminders")


@door.get("/")
@requires(Action.OWN_READ)
def index() -> ResponseReturnValue:
    shown = queries.mine(read(), actor())
    if queries.unread(read(), actor()):
        with transaction(on_get=True) as session:
            service.read(session, by=actor())
    return page(reminders=shown, published=workdays.published()[1])
