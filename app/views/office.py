"""Saved views in the office: open, save, change, take over, retire."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.access.policy import decide
from app.core.errors import Invalid, NotFound
from app.core.text import tr
from app.views import queries, service
from app.views.forms import ViewForm
from app.views.queries import Kinds
from app.views.service import ViewDraft
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("views", __name__, url_prefix="/views")


@door.get("/")
@requires(Action.VIEW_READ)
def index() -> ResponseReturnValue:
    kinds = _kinds()
    found = [one for one in queries.views(read(), for_=actor()) if one.listing in kinds]
    words = {one.id: kinds[one.listing].words(read(), actor(), one.asked) for one in found}
    return page(views=found, words=words, kinds=kinds, left=queries.left(read(), found), form=Form())


@door.get("/<int:view_id>")
@requires(Action.VIEW_READ)
def show(view_id: int) -> ResponseReturnValue:
    """Lead to the list; what a person sees there is theirs to see."""
    found = queries.view(read(), view_id, for_=actor())
    if found.retired_at is not None or found.listing not in _kinds():
        flash(translate(tr("视图“%(name)s”已停用。", name=found.name)), "warning")
        return redirect(url_for("office.views.index"))
    return redirect(url_for(found.listing, **_kinds()[found.listing].clean(found.asked)))  # type: ignore[arg-type]


@door.route("/new", methods=["GET", "POST"])
@requires(Action.VIEW_SAVE)
def create() -> ResponseReturnValue:
    """Save a list with the filters that the address carries."""
    listing, kinds = request.args.get("listing", ""), _kinds()
    if listing not in kinds or not decide(actor(), kinds[listing].action).allowed:
        raise NotFound(tr("这个列表不能保存视图。"))
    asked = kinds[listing].clean(request.args)
    form = ViewForm()
    if form.sent_and_valid():
        try:
            with transaction() as session:
                made = service.save(session, kinds, listing, asked, _draft(form), by=actor())
            flash(translate(tr("视图“%(name)s”已保存，地址可以发给同事。", name=made.name)), "success")
            return redirect(url_for("office.views.index"))
        except Invalid as error:
            attach(error, form)
    words = kinds[listing].words(read(), actor(), asked)
    return page(422 if form.errors else 200, form=form, words=words, label=kinds[listing].label)


@door.route("/<int:view_id>/edit", methods=["GET", "POST"])
@requires(Action.VIEW_SAVE)
def edit(view_id: int) -> ResponseReturnValue:
    found = queries.view(read(), view_id, for_=actor())
    form = ViewForm(obj=found)
    if form.sent_and_valid():
        try:
            with transaction() as session:
                service.edit(session, queries.view(session, view_id, for_=actor()), _draft(form), by=actor())
            flash(translate(tr("视图已修改。")), "success")
            return redirect(url_for("office.views.index"))
        except Invalid as error:
            attach(error, form)
    return page(422 if form.errors else 200, form=form, view=found, is_mine=found.owner_id == actor().id)


@door.post("/<int:view_id>/retire")
@requires(Action.VIEW_RETIRE)
def retire(view_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.retire(session, queries.view(session, view_id, for_=actor()), by=actor())
    flash(translate(tr("视图已停用。")), "success")
    return redirect(url_for("office.views.index"))


@door.post("/<int:view_id>/take-over")
@requires(Action.VIEW_TAKE)
def take_over(view_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.take_over(session, queries.view(session, view_id, for_=actor()), by=actor())
    flash(translate(tr("您已接手这个视图。")), "success")
    return redirect(url_for("office.views.index"))


def _draft(form: ViewForm) -> ViewDraft:
    return ViewDraft(form.name.data or "", form.purpose.data or "", bool(form.is_shared.data))


def _kinds() -> Kinds:
    found: Kinds = current_app.extensions["yuqi_views"]
    return found
