"""Who may act for the firm: the firm sees all of them, its head invites and ends."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.accounts import mandates
from app.core import clock
from app.core.errors import Invalid, NotFound
from app.core.text import tr
from app.firms import queries as firms
from app.mandates import queries, service
from app.mandates.forms import InviteForm, ReasonForm
from app.web.forms import attach
from app.web.i18n import translate
from app.web.render import page, page_named
from app.web.session import read, settings, transaction
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
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form)
    try:
        with transaction() as session:
            firm = firms.firm(session, _own(), for_=actor())
            made, token = service.invite(
                session, firm, form.power(firm.id), invitee=form.invitee.data or "", by=actor()
            )
    except Invalid as error:
        attach(error, form)
        return page(422, form=form)
    link = settings().public_url + url_for("public.mandates.invitation", token=token)
    return page_named("link", invitation=made, firm=firm, link=link)


@door.route("/<int:mandate_id>/end", methods=["GET", "POST"])
@requires(Action.OWN_END)
def end(mandate_id: int) -> ResponseReturnValue:
    found = queries.mandate(read(), mandate_id, for_=actor())
    form = ReasonForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, mandate=found)
    with transaction() as session:
        mandates.end(
            session,
            queries.mandate(session, mandate_id, for_=actor()),
            by=actor(),
            why=form.reason.data or "",
            action=Action.OWN_END,
        )
    flash(translate(tr("授权已终止，立即生效。")), "success")
    return redirect(url_for("portal.mandates.index"))


@door.post("/invitations/<int:invitation_id>/revoke")
@requires(Action.OWN_END)
def revoke(invitation_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.revoke(session, queries.invitation(session, invitation_id, for_=actor()), by=actor())
    flash(translate(tr("邀请已收回，链接不能再使用。")), "success")
    return redirect(url_for("portal.mandates.index"))
