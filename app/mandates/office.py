"""Mandates in the office: requests to decide, who acts for a firm, invitations."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.access.roles import Role
from app.accounts import mandates, resetting
from app.accounts.mandates import Power
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.documents.qr import qr_svg
from app.files import service as files
from app.firms import queries as firms
from app.mandates import entry, queries, service
from app.mandates.forms import AllowForm, InviteForm, ReasonForm
from app.mandates.models import RequestState
from app.web.downloads import attachment
from app.web.forms import attach
from app.web.i18n import translate
from app.web.render import page, page_named
from app.web.session import read, settings, transaction
from app.web.surfaces import actor, requires

door = Blueprint("mandates", __name__)


@door.get("/mandates")
@requires(Action.MANDATE_READ)
def index() -> ResponseReturnValue:
    wanted = request.args.get("state", RequestState.WAITING.value)
    state = RequestState(wanted) if wanted in set(RequestState) else None
    found = queries.requests(read(), for_=actor())
    counts = {one: sum(row.asked.state is one for row in found) for one in RequestState}
    shown = [row for row in found if state is None or row.asked.state is state]
    return page(rows=shown, state=state, counts=counts, states=RequestState, total=len(found))


@door.route("/mandates/<int:request_id>", methods=["GET", "POST"])
@requires(Action.MANDATE_READ)
def show(request_id: int) -> ResponseReturnValue:
    found = queries.request(read(), request_id, for_=actor())
    return _shown(found, AllowForm(obj=found.asked), ReasonForm())


def _shown(found: queries.ReadRequest, allow: AllowForm, refuse: ReasonForm, status: int = 200) -> ResponseReturnValue:
    acting = mandates.of_firm(read(), found.firm.id) if found.firm else []
    return page_named(
        "show", status, row=found, allow=allow, refuse=refuse, acting=acting, today=clock.today(), states=RequestState
    )


@door.post("/mandates/<int:request_id>/allow")
@requires(Action.MANDATE_GRANT)
def allow(request_id: int) -> ResponseReturnValue:
    found = queries.request(read(), request_id, for_=actor())
    form = AllowForm()
    if not form.sent_and_valid():
        return _shown(found, form, ReasonForm(formdata=None), 422)
    if found.firm is None:
        raise Conflict(tr("企业库中没有这个信用代码，请先建立企业档案或补全信用代码，再办理授权。"))
    power = Power(found.firm.id, Role(form.role.data), form.valid_until.data, form.agency.data or "")
    try:
        with transaction() as session:
            again = queries.request(session, request_id, for_=actor())
            service.allow(session, again.asked, firms.firm(session, power.firm_id, for_=actor()), power, by=actor())
    except Invalid as error:
        attach(error, form)
        return _shown(queries.request(read(), request_id, for_=actor()), form, ReasonForm(formdata=None), 422)
    flash(translate(tr("已同意，申请人现在可以办理这家企业的业务。")), "success")
    return redirect(url_for("office.mandates.index"))


@door.post("/mandates/<int:request_id>/refuse")
@requires(Action.MANDATE_REFUSE)
def refuse(request_id: int) -> ResponseReturnValue:
    found = queries.request(read(), request_id, for_=actor())
    form = ReasonForm()
    if not form.sent_and_valid():
        return _shown(found, AllowForm(formdata=None, obj=found.asked), form, 422)
    with transaction() as session:
        again = queries.request(session, request_id, for_=actor())
        service.refuse(session, again.asked, by=actor(), reason=form.reason.data or "")
    flash(translate(tr("已退回申请，原因会显示给申请人。")), "success")
    return redirect(url_for("office.mandates.index"))


@door.get("/mandates/<int:request_id>/proof")
@requires(Action.MANDATE_READ)
def proof(request_id: int) -> ResponseReturnValue:
    file = queries.request(read(), request_id, for_=actor()).asked.file
    return attachment(file.name, file.media_type, files.content_of(current_app.extensions["yuqi_store"], file))


@door.get("/firms/<int:firm_id>/people")
@requires(Action.MANDATE_READ)
def firm(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    return page(
        firm=found,
        people=mandates.of_firm(read(), firm_id),
        invitations=queries.invitations(read(), firm_id),
        today=clock.today(),
    )


@door.route("/firms/<int:firm_id>/people/invite", methods=["GET", "POST"])
@requires(Action.MANDATE_INVITE)
def invite(firm_id: int) -> ResponseReturnValue:
    found, form = firms.firm(read(), firm_id, for_=actor()), InviteForm()
    sent = entry.invite(form, firm_id)
    if sent is None:
        return page(422 if form.errors else 200, firm=found, form=form)
    code = qr_svg(sent.link, title=translate(tr("邀请链接的二维码")), size=160)
    return page_named("link", invitation=sent.invitation, firm=found, link=sent.link, qr=code)


@door.route("/firms/people/<int:mandate_id>/end", methods=["GET", "POST"])
@requires(Action.MANDATE_END)
def end(mandate_id: int) -> ResponseReturnValue:
    found, form = queries.mandate(read(), mandate_id, for_=actor()), ReasonForm()
    owner = firms.firm(read(), found.firm_id, for_=actor())
    if entry.end(form, mandate_id, Action.MANDATE_END):
        return redirect(url_for("office.mandates.firm", firm_id=owner.id))
    return page(422 if form.errors else 200, form=form, mandate=found, firm=owner)


@door.post("/firms/people/<int:mandate_id>/reset")
@requires(Action.MANDATE_RESET)
def reset(mandate_id: int) -> ResponseReturnValue:
    with transaction() as session:
        found = queries.mandate(session, mandate_id, for_=actor())
        owner = firms.firm(session, found.firm_id, for_=actor())
        service.must_reach_all(session, found.user, for_=actor())
        token = resetting.link_token(session, settings().secret_key, found.user, by=actor())
    link = settings().public_url + url_for("public.accounts.reset", token=token)
    return page_named("reset_link", firm=owner, user=found.user, link=link)


@door.post("/firms/people/invitations/<int:invitation_id>/revoke")
@requires(Action.MANDATE_REVOKE)
def revoke(invitation_id: int) -> ResponseReturnValue:
    return redirect(url_for("office.mandates.firm", firm_id=entry.revoke(invitation_id)))
