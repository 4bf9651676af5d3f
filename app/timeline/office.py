"""A firm's timeline in the office."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.firms import queries as firms
from app.firms.models import Firm
from app.timeline import links, queries
from app.timeline.kinds import ICONS, EventKind
from app.timeline.queries import TimelineFilter
from app.web.incoming import year as year_asked
from app.web.render import page
from app.web.session import read
from app.web.surfaces import actor, requires

door = Blueprint("timeline", __name__)
NEWEST = 5


@door.get("/firms/<int:firm_id>/timeline")
@requires(Action.FIRM_READ)
def firm(firm_id: int) -> ResponseReturnValue:
    found, person = firms.firm(read(), firm_id, for_=actor()), actor()
    kinds = {one.value: one for one in EventKind}
    wanted = TimelineFilter(kinds.get(request.args.get("kind", "")), year_asked("year"))
    after, before = request.args.get("after", ""), request.args.get("before", "")
    shown = queries.timeline(read(), firm_id, wanted, after=after, before=before)
    rows = [
        (one, links.link(one, firm_id, person), links.batch_link(one.entry.note, person) if one.entry else "")
        for one in shown.items
    ]
    return page(
        firm=found,
        rows=rows,
        page=shown,
        wanted=wanted,
        counts=queries.kinds(read(), firm_id),
        years=[(str(one), str(one)) for one in queries.years(read(), firm_id)],
        icons=ICONS,
    )


def panel(session: Session, found: Firm) -> dict[str, Any]:
    """Return the newest events for the firm's page."""
    shown = queries.timeline(session, found.id, TimelineFilter(), size=NEWEST)
    return {"rows": [(one, links.link(one, found.id, actor())) for one in shown.items]}
