"""The firm's home page: what the bureau holds, what waits, where the firm stands."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.accounts import queries as accounts
from app.core.errors import NotFound
from app.dashboards import overview
from app.facts import queries as facts
from app.facts.models import ClaimState
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
    stated = facts.stated_by_firm(session, firm.id)
    return page(
        firm=firm,
        shown=overview.overview(session, firm.id),
        caseworker=accounts.names(session, [firm.caseworker_id]).get(firm.caseworker_id) if firm.caseworker_id else "",
        pending=sum(claim.state is ClaimState.PENDING for claim in stated),
        rejected=sum(claim.state is ClaimState.REJECTED for claim in stated),
    )
