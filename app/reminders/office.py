"""Reminders in the office: one's own, how they arrived at firms, and whom to call."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock, workdays
from app.reminders import queries, service
from app.reminders.models import DigestState
from app.web.render import page
from app.web.session import read, settings, transaction
from app.web.surfaces import actor, requires

door = Blueprint("reminders", __name__, url_prefix="/reminders")


@door.get("/")
@requires(Action.REMINDER_READ)
def index() -> ResponseReturnValue:
    shown = queries.mine(read(), actor())
    if queries.unread(read(), actor()):
        with transaction(on_get=True) as session:
            service.read(session, by=actor())
    return page(reminders=shown, published=workdays.published()[1])


@door.get("/arrivals")
@requires(Action.REMINDER_READ)
def arrivals() -> ResponseReturnValue:
    wanted = request.args.get("state", "")
    state = DigestState(wanted) if wanted in set(DigestState) else None
    found = queries.arrivals(read(), for_=actor(), state=state)
    return page(rows=found, state=state, states=DigestState, has_channel=bool(settings().notify_url))


@door.get("/calls")
@requires(Action.REMINDER_READ)
def calls() -> ResponseReturnValue:
    found = queries.calls(read(), for_=actor())
    return page(calls=found, today=clock.today(), published=workdays.published()[1])
