"""The verdict of any past day in the office: choose the day and what was known, see what has changed since."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock
from app.core.errors import DomainError
from app.core.text import Message, tr
from app.eligibility import queries
from app.eligibility.forms import KINDS
from app.eligibility.past import service, shown
from app.eligibility.past.service import Answer, Asked
from app.facts.known import day_of
from app.firms import queries as firms
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks
from app.web.render import page
from app.web.session import read
from app.web.surfaces import actor, requires

door = Blueprint("past", __name__)
PROGRAMME, CODE = "p:", "e:"


@door.get("/firms/<int:firm_id>/verdicts/then")
@requires(Action.ELIGIBILITY_READ)
def firm(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    options = _options()
    asked = _asked(options)
    if asked is None:
        return page(**_page(found, None, None, options, tr("规则库是空的，请先运行 rulebooks sync 载入已封存的规则。")))
    try:
        answer = service.answer(read(), found.id, asked)
    except DomainError as error:
        return page(422, **_page(found, asked, None, options, error.message))
    return page(**_page(found, asked, answer, options, None))


def _page(
    found: Firm, asked: Asked | None, answer: Answer | None, options: list[tuple[str, Message]], problem: Message | None
) -> dict[str, Any]:
    claims = queries.claims_of(read(), shown.fact_ids(answer.steps)) if answer is not None else {}
    return {
        "firm": found,
        "asked": asked,
        "answer": answer,
        "under": _under(asked),
        "options": options,
        "problem": problem,
        "kinds": dict(KINDS),
        "datum": lambda one: shown.shown(one, claims),
        "today": clock.today(),
    }


def _options() -> list[tuple[str, Message]]:
    """Every programme by the edition that applies on the day, then every edition by itself."""
    held = rulebooks.editions(read())
    newest = {one.programme: one for one in held}
    auto = [
        (PROGRAMME + programme, tr("%(title)s（按当日适用的版本）", title=one.title))
        for programme, one in newest.items()
    ]
    return auto + [(CODE + one.code, tr("%(title)s（%(code)s）", title=one.title, code=one.code)) for one in held]


def _asked(options: list[tuple[str, Message]]) -> Asked | None:
    """Return what the address asks for; what means nothing there is as if it were not written."""
    if not options:
        return None
    known = {value for value, _label in options}
    wanted = request.args.get("under", "")
    under = wanted if wanted in known else options[0][0]
    kind = request.args.get("kind", "")
    try:
        as_of = date.fromisoformat(request.args.get("as_of", ""))
    except ValueError:
        as_of = clock.today()
    programme, code = (under[len(PROGRAMME) :], "") if under.startswith(PROGRAMME) else ("", under[len(CODE) :])
    return Asked(
        as_of=as_of,
        known=day_of(request.args.get("known")),
        kind=kind if kind in dict(KINDS) else KINDS[0][0],
        programme=programme,
        code=code,
    )


def _under(asked: Asked | None) -> str:
    if asked is None:
        return ""
    return CODE + asked.code if asked.code else PROGRAMME + asked.programme
