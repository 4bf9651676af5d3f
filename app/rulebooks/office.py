"""Editions in the office: which rules there are, every clause with its source, and who checked them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core.errors import Invalid
from app.core.text import tr
from app.rulebooks import compare as comparing
from app.rulebooks import queries, service, words
from app.rulebooks.forms import CheckForm
from app.web.forms import attach
from app.web.i18n import translate
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("rulebooks", __name__, url_prefix="/rulebooks")


@door.get("/")
@requires(Action.EDITION_READ)
def index() -> ResponseReturnValue:
    found = [(edition, queries.rulebook_of(edition)) for edition in queries.editions(read())]
    return page(editions=found)


@door.get("/<int:edition_id>")
@requires(Action.EDITION_READ)
def show(edition_id: int) -> ResponseReturnValue:
    edition = queries.edition(read(), edition_id)
    rulebook = queries.rulebook_of(edition)
    return page(edition=edition, rulebook=rulebook, shown=words.shown(rulebook))


@door.get("/compare")
@requires(Action.EDITION_READ)
def compare() -> ResponseReturnValue:
    every = queries.editions(read())
    codes = {edition.code: edition for edition in every}
    chosen = [codes.get(request.args.get(name, "")) for name in ("old", "new")]
    rows: list[comparing.Row] = []
    if chosen[0] is not None and chosen[1] is not None:
        rows = comparing.compared(queries.rulebook_of(chosen[0]), queries.rulebook_of(chosen[1]))
    whole = request.args.get("same", "") == "1"
    return page(
        editions=every, old=chosen[0], new=chosen[1], counts=comparing.counts(rows), whole=whole,
        rows=[row for row in rows if whole or row.state != "same"],
    )  # fmt: skip


@door.route("/<int:edition_id>/check", methods=["GET", "POST"])
@requires(Action.EDITION_CHECK)
def check(edition_id: int) -> ResponseReturnValue:
    edition = queries.edition(read(), edition_id)
    form = CheckForm(checked_on=edition.checked_on, checked_by=edition.checked_by or actor().name)
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, edition=edition)
    try:
        with transaction() as session:
            service.record_check(
                session,
                queries.edition(session, edition_id),
                by=actor(),
                checked_on=form.checked_on.data,
                checked_by=form.checked_by.data,
                note=form.note.data,
            )
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, edition=edition)
    flash(translate(tr("已登记核对情况。")), "success")
    return redirect(url_for("office.rulebooks.show", edition_id=edition_id))
