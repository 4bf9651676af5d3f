"""Notes in the office: all notes of a firm, and writing one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core.text import tr
from app.firms import queries as firms
from app.notes import queries, service
from app.notes.forms import NoteForm
from app.web.i18n import translate
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("notes", __name__)


@door.get("/firms/<int:firm_id>/notes")
@requires(Action.FIRM_READ)
def index(firm_id: int) -> ResponseReturnValue:
    firm = firms.firm(read(), firm_id, for_=actor())
    after, before = request.args.get("after", ""), request.args.get("before", "")
    return page(firm=firm, page=queries.of_firm(read(), firm_id, after=after, before=before))


@door.route("/firms/<int:firm_id>/notes/new", methods=["GET", "POST"])
@requires(Action.NOTE_WRITE)
def create(firm_id: int) -> ResponseReturnValue:
    firm = firms.firm(read(), firm_id, for_=actor())
    form = NoteForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, firm=firm, form=form)
    with transaction() as session:
        service.write(session, firms.firm(session, firm_id, for_=actor()), form.text.data or "", by=actor())
    flash(translate(tr("备注已保存。")), "success")
    return redirect(url_for("office.notes.index", firm_id=firm_id))
