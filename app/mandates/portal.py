"""Who may act for the firm: the firm sees all of them, its head invites and ends."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.accounts import mandates
from app.core import clock
from app.core.errors import NotFound
from app.firms import queries as firms
from app.mandates import entry, queries
from app.mandates.forms import InviteForm, ReasonForm
from app.web.render import page, page_named
from app.web.session import read
from app.web.surfaces import actor, requires

door = Blueprint("mandates", __name__, url_prefix="/people")


def _own() -> int:
    found = actor().firm_id
    if found is None:
        raise NotFound
    return found


@door.get("/")
@requires(Action.OWN_PEOPLE)
def index() -> ResponseReturnValue:
    return page(
        people=mandates.of_firm(read(), _own()),
        invitations=queries.invitations(read(), _own()),
        today=clock.today(),
    )


@door.route("/invite", methods=["GET", "POST"])
@requires(Action.OWN_INVITE)
def invite() -> ResponseReturnValue:
    form = InviteForm()
    sent = entry.invite(form, _own())
    if sent is None:
        return page(422 if form.errors else 200, form=form)
    firm = firms.firm(read(), _own(), for_=actor())
    return page_named("link", invitation=sent.invitation, firm=firm, link=sent.link)


@door.route("/<int:mandate_id>/end", methods=["GET", "POST"])
@requires(Action.OWN_END)
def end(mandate_id: int) -> ResponseReturnValue:
    found, form = queries.mandate(read(), mandate_id, for_=actor()), ReasonForm()
    if entry.end(form, mandate_id, Action.OWN_END):
        return redirect(url_for("portal.mandates.index"))
    return page(422 if form.errors else 200, form=form, mandate=found)


@door.post("/invitations/<int:invitation_id>/revoke")
@requires(Action.OWN_END)
def revoke(invitation_id: int) -> ResponseReturnValue:
    entry.revoke(invitation_id)
    return redirect(url_for("portal.mandates.index"))
