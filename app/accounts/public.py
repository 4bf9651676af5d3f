"""Signing in and out, and one's own password."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from app.access.actions import Action
from app.access.actor import Actor
from app.access.roles import Role
from app.accounts import pending, queries, resetting, second_factor, service
from app.accounts.forms import (
    CodeForm,
    ConfirmFactorForm,
    PasswordForm,
    ProfileForm,
    ResetForm,
    SignInForm,
    StopFactorForm,
)
from app.accounts.login import enter
from app.accounts.models import Mandate, User
from app.core import clock
from app.core.digest import sha256_hex
from app.core.errors import Conflict, Invalid, NotFound
from app.core.sealing import Box
from app.core.text import tr
from app.documents.qr import qr_svg
from app.web.forms import attach
from app.web.i18n import safe_target, translate
from app.web.render import page, page_named
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
            user = service.authenticate(
                session, login=form.login.data, password=form.password.data, address=request.remote_addr or ""
            )
            asks_code = user is not None and second_factor.of(session, user.id) is not None
            opened = None if user is None or asks_code else service.open_session(session, user, **_where())
    except service.TooManyAttempts as error:
        form.form_errors.append(translate(error))
        return page(429, form=form)
    if user is None:
        form.form_errors.append(translate(tr("账号或密码不正确，请核对后重试。")))
        return page(422, form=form)
    if opened is None:
        pending.begin(user)
        return redirect(url_for("public.accounts.code", next=request.args.get("next")))
    return _entered(user, *opened)


@door.route("/sign-in/code", methods=["GET", "POST"])
@open_door
def code() -> ResponseReturnValue:
    waiting = pending.user(read())
    if waiting is None:
        flash(translate(tr("验证已超时，请重新输入账号和密码。")), "warning")
        return redirect(url_for("public.accounts.sign_in", next=request.args.get("next")))
    form = CodeForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form)
    try:
        with transaction() as session:
            user = queries.user(session, waiting.id)
            service.must_not_be_paused(session, user.login, request.remote_addr or "")
            fits = second_factor.check(session, _box(), user, form.code.data or "")
            if not fits:
                service.failed(session, user, address=request.remote_addr or "")
            opened = service.open_session(session, user, **_where()) if fits else None
    except service.TooManyAttempts as error:
        form.form_errors.append(translate(error))
        return page(429, form=form)
    if opened is None:
        form.form_errors.append(
            translate(tr("验证码不正确、已过期或已用过，请等待新的验证码再试，也可使用一个恢复码。"))
        )
        return page(422, form=form)
    return _entered(user, *opened)


def _box() -> Box:
    found: Box = current_app.extensions["yuqi_box"]
    return found


def _where() -> dict[str, str]:
    return {"address": request.remote_addr or "", "browser": request.headers.get("User-Agent", "")}


def _entered(user: User, token: str, chosen: Mandate | None) -> ResponseReturnValue:
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


@door.route("/profile", methods=["GET", "POST"])
@requires(Action.ACCOUNT_PROFILE)
def profile() -> ResponseReturnValue:
    form = ProfileForm(obj=queries.user(read(), actor().id or 0))
    if form.sent_and_valid():
        try:
            with transaction() as session:
                user = queries.user(session, actor().id or 0)
                service.edit_profile(
                    session, user, phone=form.phone.data or "", email=form.email.data or "",
                    password=form.password.data or "",
                )  # fmt: skip
        except Invalid as error:
            attach(error, form)
        else:
            flash(translate(tr("联系方式已保存。")), "success")
            return redirect(url_for("public.accounts.profile"))
    return page(422 if form.errors or form.form_errors else 200, form=form)


@door.get("/security")
@requires(Action.ACCOUNT_SECURE)
def security() -> ResponseReturnValue:
    return _security(ConfirmFactorForm())


def _security(form: ConfirmFactorForm) -> ResponseReturnValue:
    """How the second factor stands; once begun, what the device needs to know."""
    person = actor()
    seed = second_factor.seed(read(), _box(), person.id or 0)
    shown = _for_device(seed, person) if seed else ""
    return page_named(
        "security",
        422 if form.errors or form.form_errors else 200,
        on=second_factor.of(read(), person.id or 0),
        left=second_factor.left(read(), person.id or 0),
        must=g.get("must_secure", False),
        form=form,
        stop=StopFactorForm(formdata=None),
        codes=CodeForm(formdata=None, prefix="renew"),
        seed=seed,
        qr=shown,
    )


def _for_device(seed: str, person: Actor) -> str:
    return qr_svg(second_factor.address(seed, person.login), title=translate(tr("验证器二维码")), size=180)


@door.post("/security/begin")
@requires(Action.ACCOUNT_SECURE)
def begin_factor() -> ResponseReturnValue:
    with transaction() as session:
        second_factor.begin(session, _box(), queries.user(session, actor().id or 0))
    return redirect(url_for("public.accounts.security"))


@door.post("/security/confirm")
@requires(Action.ACCOUNT_SECURE)
def confirm_factor() -> ResponseReturnValue:
    form = ConfirmFactorForm()
    if not form.sent_and_valid():
        return _security(form)
    try:
        with transaction() as session:
            made = second_factor.confirm(
                session, _box(), queries.user(session, actor().id or 0),
                password=form.password.data or "", code=form.code.data or "", keep_token=g.token,
            )  # fmt: skip
    except Invalid as error:
        attach(error, form)
        return _security(form)
    return page_named("recovery", codes=made)


@door.post("/security/stop")
@requires(Action.ACCOUNT_SECURE)
def stop_factor() -> ResponseReturnValue:
    form = StopFactorForm()
    try:
        with transaction() as session:
            user = queries.user(session, actor().id or 0)
            second_factor.stop(session, _box(), user, password=form.password.data or "", code=form.code.data or "")
    except Invalid as error:
        flash(translate(error), "error")
    else:
        flash(translate(tr("两步验证已停用。")), "success")
    return redirect(url_for("public.accounts.security"))


@door.post("/security/codes")
@requires(Action.ACCOUNT_SECURE)
def renew_codes() -> ResponseReturnValue:
    form = CodeForm(prefix="renew")
    try:
        with transaction() as session:
            user = queries.user(session, actor().id or 0)
            made = second_factor.renew_codes(session, _box(), user, code=form.code.data or "")
    except Invalid as error:
        flash(translate(error), "error")
        return redirect(url_for("public.accounts.security"))
    return page_named("recovery", codes=made)


@door.route("/reset/<token>", methods=["GET", "POST"])
@open_door
def reset(token: str) -> ResponseReturnValue:
    key = settings().secret_key
    try:
        user = resetting.owner(read(), key, token)
        form = ResetForm()
        if form.sent_and_valid():
            with transaction() as session:
                resetting.replace(session, key, token, form.password.data or "")
            flash(translate(tr("密码已修改，请用新密码登录。")), "success")
            return redirect(url_for("public.accounts.sign_in"))
    except (NotFound, Conflict) as error:
        return page_named("reset_refused", 404 if isinstance(error, NotFound) else 409, why=error.message)
    except Invalid as error:
        attach(error, form)
    return page(422 if form.errors or form.form_errors else 200, form=form, user=user)
