"""One click for the rows of a page: each has just one firm that it may mean, all seen by the person who clicks."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core.text import tr
from app.imports import queries, repairs
from app.web.i18n import translate
from app.web.incoming import whole
from app.web.session import transaction
from app.web.surfaces import actor, requires

door = Blueprint("together", __name__)


@door.post("/<int:batch_id>/decide-together")
@requires(Action.IMPORT_EDIT)
def decide(batch_id: int) -> ResponseReturnValue:
    kind = request.form.get("kind", "")
    with transaction() as session:
        batch = queries.batch(session, batch_id, for_=actor(), lock=True)
        sent = (one.split(":") for one in request.form.getlist("choice"))
        said = [[whole(part) for part in parts] for parts in sent if len(parts) == 3]
        choices = [repairs.Choice(row, version, firm) for row, version, firm in said if row and version and firm]
        done = repairs.decide_each(session, batch, choices, by=actor())
    flash(translate(tr("已为 %(n)s 行选定企业，并重新预检。", n=done)), "success")
    return redirect(url_for("office.imports.show", batch_id=batch_id, kind=kind or None) + "#work")
