"""The page behind the box in the head of every page; the box shows a part of it while one types."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.firms.search_text import LONGEST_QUERY
from app.search import queries
from app.search.hits import Hit
from app.web.render import page
from app.web.session import read
from app.web.surfaces import actor, requires

door = Blueprint("search", __name__, url_prefix="/search")
KEYS = frozenset(key for key, _action, _find in queries.GROUPS)


@door.get("/")
@requires(Action.FIRM_READ)
def index() -> ResponseReturnValue:
    text = request.args.get("q", "").strip()[:LONGEST_QUERY]
    only = request.args.get("only", "")
    only = only if only in KEYS else ""
    groups = queries.found(read(), text, for_=actor(), only=only)
    return page(text=text, only=only, groups=groups, address=_address, most=queries.ALL)


def _address(hit: Hit) -> str:
    return url_for(hit.endpoint, **dict(hit.place), _anchor=hit.fragment or None)  # type: ignore[arg-type]
