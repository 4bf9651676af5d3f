"""Signing in and out, and one's own password."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, flash, g, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from app.access.actions import Action
from app.access.actor import Actor
from app.access.roles import Role
from app.accounts import queries, service
from app.accounts.forms import PasswordForm, SignInForm
from app.accounts.login import enter
from app.core import clock
from app.core.digest import sha256_hex
from app.core.errors import Invalid
from app.core.text import tr
from app.web.forms import attach
from app.web.i18n import safe_target, translate
from app.web.render import page
from app.web.session import read, settings, transaction
from app.web.surfaces import actor, current_actor, open_door, requires

door = Blueprint("accounts", __name__)


def home_of(person: Actor) -> str:
    """Return where a person starts."""
    if person.role is Role.FIRM_APPLICANT:
        return "/acting"
    return "/portal/" if person.is_firm else "/office/"


@door.get("/")
@open_door
def start() -> ResponseReturnValue:
    person = current_actor()
    return redirect(home_of(person) if person else url_for("public.accounts.sign_in"))


@door.route("/sign-in", methods=["GET", "POST"])
@open_door
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form)
    try:
        with transaction() as session:
            found = service.sign_in(
                session,
                login=form.login.data,
                password=form.password.data,
                address=request.remote_addr or "",
                browser=request.headers.get("User-Agent", ""),
            )
    except service.TooManyAttempts as error:
        form.form_errors.append(translate(error))
        return page(429, form=form)
    if found is None:
        form.form_errors.append(translate(tr("账号或密码不正确，请核对后重试。")))
        return page(422, form=form)
    user, token, chosen = found
    enter(token)
    return redirect(_after_sign_in(user.as_actor(chosen), several=user.is_firm and chosen is None))


def _after_sign_in(person: Actor, *, several: bool) -> str:
    """Return where to go: back to what was asked for, but first to the choice of a firm where one must be made."""
    target = safe_target(request.args.get("next"), "/acting" if several else home_of(person))
    if several and target.startswith("/portal"):
        return "/acting?" + urlencode({"next": target})
    return target


@door.post("/sign-out")
@requires(Action.ACCOUNT_SIGN_OUT)
def sign_out() -> ResponseReturnValue:
    with transaction() as session:
        service.sign_out(session, queries.user(session, actor().id or 0), g.token)
    logout_user()
    cookie.clear()
    flash(translate(tr("您已退出登录。")), "success")
    return redirect(url_for("public.accounts.sign_in"))


@door.route("/password", methods=["GET", "POST"])
@requires(Action.ACCOUNT_PASSWORD)
def password() -> ResponseReturnValue:
    form = PasswordForm()
    if form.sent_and_valid():
        try:
            with transaction() as session:
                user = queries.user(session, actor().id or 0)
                service.change_password(session, user, old=form.old.data, new=form.password.data, keep_token=g.token)
        except Invalid as error:
            attach(error, form)
        else:
            flash(translate(tr("密码已修改，其他设备上的登录已结束。")), "success")
            return redirect(home_of(actor()))
    return page(422 if form.errors else 200, form=form, must_change=g.get("must_change_password", False))


@door.get("/sessions")
@requires(Action.SESSION_END)
def sessions() -> ResponseReturnValue:
    person = actor()
    idle = timedelta(minutes=settings().session_idle_minutes)
    found = queries.open_sessions(read(), person.id or 0, seen_since=clock.now() - idle)
    return page(sessions=found, current=sha256_hex(g.token))


@door.post("/sessions/<int:session_id>/end")
@requires(Action.SESSION_END)
def end_session(session_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.end_session(session, queries.user(session, actor().id or 0), session_id, by=actor())
    flash(translate(tr("该登录已结束。")), "success")
    return redirect(url_for("public.accounts.sessions"))
