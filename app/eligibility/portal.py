"""What the bureau has published to a firm of its verdicts, in plain words. Read only; nothing unpublished is here."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core.errors import NotFound
from app.eligibility import queries
from app.eligibility import shown as showing
from app.eligibility.forms import KINDS
from app.eligibility.publishing import queries as publishing
from app.rulebooks import queries as rulebooks
from app.web.render import page
from app.web.session import read
from app.web.surfaces import actor, requires

door = Blueprint("eligibility", __name__, url_prefix="/eligibility")


@door.get("/")
@requires(Action.OWN_READ)
def index() -> ResponseReturnValue:
    firm_id = actor().firm_id
    if firm_id is None:
        raise NotFound
    told = publishing.of_firm(read(), firm_id)
    return page(
        newest=[one for one in told if one.is_newest],
        earlier=[one for one in told if not one.is_newest],
        kinds=dict(KINDS),
        points=showing.points,
    )


@door.get("/<int:publication_id>")
@requires(Action.OWN_READ)
def verdict(publication_id: int) -> ResponseReturnValue:
    told = publishing.publication(read(), publication_id, for_=actor())
    found = whole = None
    if told.withdrawal is None:
        found = queries.verdict(read(), told.line.id, for_=actor())
        whole = showing.shown_verdict(found, rulebooks.rulebook_of(told.edition), {}, title="")
    return page(told=told, verdict=found, shown=whole, points=showing.points)
