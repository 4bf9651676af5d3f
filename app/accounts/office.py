"""Accounts in the office: the administrator's list, create, edit, disable, reset."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Reach
from app.access.roles import Role
from app.accounts import duties, queries, resetting, second_factor, service
from app.accounts.forms import AccountEditForm, AccountForm
from app.core.errors import Invalid
from app.core.text import tr
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.incoming import number
from app.web.render import page, page_named
from app.web.session import read, settings, transaction
from app.web.surfaces import actor, requires

door = Blueprint("accounts", __name__, url_prefix="/accounts")


@door.get("/")
@requires(Action.ACCOUNT_READ)
def index() -> ResponseReturnValue:
    role = request.args.get("role", "")
    everybody = queries.users(read())
    counts = {member: sum(user.role is member for user in everybody) for member in Role}
    shown = [user for user in everybody if not role or user.role.value == role]
    return page(users=shown, role=role, counts=counts, total=len(everybody))


@door.route("/new", methods=["GET", "POST"])
@requires(Action.ACCOUNT_CREATE)
def create() -> ResponseReturnValue:
    form = AccountForm(firm_id=number("firm_id"))
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form)
    try:
        with transaction() as session:
            _must_be_a_firm(session, form.firm_id.data)
            user, secret = service.create(
                session,
                login=form.login.data,
                name=form.name.data,
                role=Role(form.role.data),
                by=actor(),
                reach=Reach(form.reach.data),
                towns=form.towns.data or [],
                firm_id=form.firm_id.data,
                phone=form.phone.data or "",
            )
    except Invalid as error:
        attach(error, form)
        return page(422, form=form)
    return page_named("secret", user=user, secret=secret)


@door.route("/<int:user_id>", methods=["GET", "POST"])
@requires(Action.ACCOUNT_EDIT)
def edit(user_id: int) -> ResponseReturnValue:
    user = queries.user(read(), user_id)
    form = AccountEditForm(obj=user)
    if user.is_firm:  # stays with its firm, so the form does not offer another post
        del form.role
    if not form.sent_and_valid():
        secured = second_factor.of(read(), user_id) is not None
        return page(422 if form.errors else 200, form=form, user=user, action_form=Form(), secured=secured)
    try:
        with transaction() as session:
            service.edit(
                session,
                queries.user(session, user_id),
                by=actor(),
                name=form.name.data,
                role=user.role if user.is_firm else Role(form.role.data),
                reach=Reach(form.reach.data),
                towns=form.towns.data or [],
                phone=form.phone.data or "",
            )
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, user=user, action_form=Form())
    flash(translate(tr("账号已保存，修改从下一次操作起生效。")), "success")
    return redirect(url_for("office.accounts.index"))


@door.post("/<int:user_id>/active")
@requires(Action.ACCOUNT_DISABLE)
def set_active(user_id: int) -> ResponseReturnValue:
    """Disabling somebody with whom something is left asks first, and names it."""
    active = request.form.get("active") == "yes"
    if not active and request.form.get("knows") != "yes" and _left(read(), user_id):
        return redirect(url_for("office.accounts.leaving", user_id=user_id))
    with transaction() as session:
        left = [] if active else _left(session, user_id)
        service.set_active(session, queries.user(session, user_id), active=active, by=actor(), left=left)
    done = tr("账号已启用。") if active else tr("账号已停用，其所有登录已结束。")
    flash(translate(done), "success")
    return redirect(url_for("office.accounts.index"))


@door.get("/<int:user_id>/leaving")
@requires(Action.ACCOUNT_DISABLE)
def leaving(user_id: int) -> ResponseReturnValue:
    """What is left with a person, and where each is handed on; before the account is disabled and after."""
    user = queries.user(read(), user_id)
    return page(user=user, left=_left(read(), user.id), form=Form())


def _left(session: Session, user_id: int) -> list[duties.Left]:
    return duties.left_with(session, current_app.extensions[duties.EXTENSION], user_id)


@door.post("/<int:user_id>/reset")
@requires(Action.ACCOUNT_RESET)
def reset(user_id: int) -> ResponseReturnValue:
    with transaction() as session:
        user = queries.user(session, user_id)
        secret = service.reset_password(session, user, by=actor())
    return page_named("secret", user=user, secret=secret)


@door.post("/<int:user_id>/unlock")
@requires(Action.ACCOUNT_UNLOCK)
def unlock(user_id: int) -> ResponseReturnValue:
    with transaction() as session:
        second_factor.unlock(session, queries.user(session, user_id), by=actor())
    flash(translate(tr("两步验证已解除，其所有登录已结束；请提醒本人重新启用。")), "success")
    return redirect(url_for("office.accounts.edit", user_id=user_id))


@door.post("/<int:user_id>/reset-link")
@requires(Action.ACCOUNT_RESET)
def reset_link(user_id: int) -> ResponseReturnValue:
    with transaction() as session:
        user = queries.user(session, user_id)
        token = resetting.link_token(session, settings().secret_key, user, by=actor())
    return page_named("link", user=user, link=settings().public_url + url_for("public.accounts.reset", token=token))


def _must_be_a_firm(session: Session, firm_id: int | None) -> None:
    """Accounts stand below the firms, so the register hands them the look-up of names."""
    names: Callable[[Session, list[int]], dict[int, str]] = current_app.extensions["yuqi_firm_names"]
    if firm_id is not None and firm_id not in names(session, [firm_id]):
        raise Invalid("firm_id", tr("没有编号为 %(id)s 的企业，请核对企业页面地址中的数字。", id=firm_id))
