"""A firm's own latest verdicts in plain words: what stands in the way and which figures are missing. Read only."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.eligibility import queries
from app.eligibility import shown as showing
from app.eligibility.forms import KINDS
from app.rulebooks import queries as rulebooks
from app.web.render import page
from app.web.session import read
from app.web.surfaces import actor, requires

door = Blueprint("eligibility", __name__, url_prefix="/eligibility")


@door.get("/")
@requires(Action.OWN_READ)
def index() -> ResponseReturnValue:
    firm_id = actor().firm_id or 0
    lines = queries.latest_verdicts(read(), firm_id)
    editions = rulebooks.codes(read(), [line.edition_id for line in lines])
    return page(
        verdicts=[(line, editions[line.edition_id]) for line in lines],
        kinds=dict(KINDS),
        points=showing.points,
    )


@door.get("/<int:verdict_id>")
@requires(Action.OWN_READ)
def verdict(verdict_id: int) -> ResponseReturnValue:
    found = queries.verdict(read(), verdict_id, for_=actor())
    edition = rulebooks.edition(read(), found.edition_id)
    whole = showing.shown_verdict(found, rulebooks.rulebook_of(edition), {}, title="")
    return page(
        verdict=found,
        edition=edition,
        shown=whole,
        points=showing.points,
        is_stale=found.id in queries.stale(read(), [found.id]),
    )
