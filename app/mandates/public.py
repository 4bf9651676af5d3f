"""Getting in: taking up an invitation, asking with a proof, choosing the firm that one acts for."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.roles import Role
from app.accounts import mandates
from app.accounts import queries as people
from app.accounts import service as accounts
from app.accounts.login import enter
from app.accounts.models import User
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import tr
from app.mandates import queries, service
from app.mandates.forms import AskForm, NewPersonForm, RegisterForm
from app.web.forms import Form, attach
from app.web.i18n import safe_target, translate
from app.web.incoming import whole
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, current_actor, open_door, requires

door = Blueprint("mandates", __name__)


@door.route("/invitation/<token>", methods=["GET", "POST"])
@open_door
def invitation(token: str) -> ResponseReturnValue:
    person = current_actor()
    try:
        found = service.open_invitation(read(), token)
    except (NotFound, Conflict) as error:
        return page_named("unusable", 404 if isinstance(error, NotFound) else 409, why=error.message)
    form = Form() if person else NewPersonForm()
    if person is not None and not person.is_firm:
        return page(invitation=found, form=form, token=token)
    if form.sent_and_valid():
        try:
            return _join(token, form, person.id if person else None)
        except Invalid as error:
            attach(error, form)
    return page(422 if form.errors or form.form_errors else 200, invitation=found, form=form, token=token)


def _join(token: str, form: Form, user_id: int | None) -> ResponseReturnValue:
    with transaction() as session:
        user = people.user(session, user_id) if user_id else _registered(session, form)
        mandate = service.join(session, token, user)
        if user_id is None:
            session_token, _chosen = accounts.open_session(session, user, **_where())
        else:
            session_token = mandates.act(session, user, mandate.id, token=g.token)
    enter(session_token)
    flash(translate(tr("邀请已接受，您现在可以办理这家企业的业务。")), "success")
    return redirect("/portal/")


def _registered(session: Session, form: Form) -> User:
    return accounts.register(
        session,
        login=form["login"].data,
        name=form["name"].data,
        phone=form["phone"].data or "",
        password=form["password"].data,
    )


def _where() -> dict[str, str]:
    return {"address": request.remote_addr or "", "browser": request.headers.get("User-Agent", "")}


@door.route("/register", methods=["GET", "POST"])
@open_door
def register() -> ResponseReturnValue:
    if current_actor() is not None:
        return redirect(url_for("public.mandates.ask"))
    form = RegisterForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form)
    try:
        with transaction() as session:
            user = _registered(session, form)
            _asked(session, user, form)
            token, _chosen = accounts.open_session(session, user, **_where())
    except Invalid as error:
        attach(error, form)
        return page(422, form=form)
    except service.TooManyRequests as error:
        form.form_errors.append(translate(error))
        return page(429, form=form)
    enter(token)
    flash(translate(tr("账号已开通，申请已提交，审核结果会显示在这一页。")), "success")
    return redirect(url_for("public.mandates.acting"))


@door.route("/ask", methods=["GET", "POST"])
@requires(Action.OWN_ASK)
def ask() -> ResponseReturnValue:
    form = AskForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form)
    try:
        with transaction() as session:
            _asked(session, people.user(session, actor().id or 0), form)
    except Invalid as error:
        attach(error, form)
        return page(422, form=form)
    except service.TooManyRequests as error:
        form.form_errors.append(translate(error))
        return page(429, form=form)
    flash(translate(tr("申请已提交，审核结果会显示在这一页。")), "success")
    return redirect(url_for("public.mandates.acting"))


def _asked(session: Session, user: User, form: Form) -> None:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid("file", tr("请选择要上传的证明材料。"))
    asked = service.Asked(
        credit_code=form["credit_code"].data,
        firm_name=form["firm_name"].data,
        role=Role(form["role"].data),
        agency=form["agency"].data or "",
        statement=form["statement"].data or "",
        file_name=file.filename,
        content=file.read(),
    )
    service.ask(session, current_app.extensions["yuqi_store"], user, asked, address=request.remote_addr or "")


@door.route("/acting", methods=["GET", "POST"])
@requires(Action.OWN_ACT)
def acting() -> ResponseReturnValue:
    person = actor()
    if request.method == "POST":
        chosen = whole(request.form.get("mandate_id")) or 0
        with transaction() as session:
            fresh = mandates.act(session, people.user(session, person.id or 0), chosen, token=g.token)
        enter(fresh)
        return redirect(safe_target(request.args.get("next"), "/portal/"))
    return page(
        acting_for=queries.acting_for(read(), person.id or 0),
        requests=queries.requests_of(read(), person.id or 0),
        next=safe_target(request.args.get("next"), ""),
    )
