"""A firm tries its own figures: what would change, stored nowhere."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock
from app.core.errors import Invalid
from app.eligibility.gap import calculation, queries
from app.eligibility.gap.asking import asked, choices, tried
from app.rulebooks import queries as rulebooks
from app.web.render import page
from app.web.session import read
from app.web.surfaces import actor, requires

door = Blueprint("gap", __name__)


@door.route("/calculate", methods=["GET", "POST"])
@requires(Action.OWN_READ)
def calculate() -> ResponseReturnValue:
    firm_id, about = actor().firm_id or 0, asked()
    try:
        reached = queries.reached(
            read(), firm_id, about.edition, about.as_of, about.kind, today=clock.today(), carry=about.carry
        )
        rulebook = rulebooks.rulebook_of(about.edition)
        made = calculation.calculate(rulebook, reached.sheet, about.as_of, about.kind, tried())
    except Invalid as error:
        return page(422, about=about, made=None, problem=error.message, **choices())
    return page(
        about=about, made=made, reached=reached, problem=None, closed=calculation.closed(made),
        name_of=calculation.name_of, **choices(),
    )  # fmt: skip
