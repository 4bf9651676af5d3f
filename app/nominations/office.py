"""Nomination lists in the office: draw up, decide, rank, submit, return, freeze, and who is not on the list and why."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core.errors import Invalid
from app.core.text import Message, tr
from app.eligibility import listing
from app.eligibility import queries as eligibility
from app.nominations import content, export, lifecycle, queries, service
from app.nominations.forms import AddForm, DecisionForm, FreezeForm, ListForm, ReturnForm
from app.nominations.models import Decision, ListState, NominationList
from app.rulebooks import queries as rulebooks
from app.web.forms import attach
from app.web.i18n import translate
from app.web.incoming import whole
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("nominations", __name__, url_prefix="/nominations")


@door.get("/")
@requires(Action.NOMINATION_READ)
def index() -> ResponseReturnValue:
    return page(lists=queries.lists(read(), for_=actor()), decisions=list(Decision))


@door.route("/new/<int:eligibility_list_id>", methods=["GET", "POST"])
@requires(Action.NOMINATION_DRAW_UP)
def draw_up(eligibility_list_id: int) -> ResponseReturnValue:
    about = listing.overview(read(), eligibility_list_id, for_=actor())
    form = ListForm(title=f"{about.edition_title}推荐名单 {about.as_of}")
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, about=about)
    try:
        with transaction() as session:
            drawn = listing.eligibility_list(session, eligibility_list_id)
            found = service.draw_up(session, drawn, by=actor(), title=form.title.data, quota=form.quota.data)
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, about=about)
    return _done(found.id, tr("名单已拟定，符合条件的企业已列为候选，请逐家提出意见。"))


@door.get("/<int:list_id>")
@requires(Action.NOMINATION_READ)
def show(list_id: int) -> ResponseReturnValue:
    found = queries.nomination_list(read(), list_id)
    places = queries.places(read(), list_id, for_=actor())
    return page(
        list=found,
        places=places,
        decisions=[Decision.NOMINATE, Decision.UNDECIDED, Decision.DEFER, Decision.DECLINE],
        stale=eligibility.stale(read(), [place.verdict_id for place in places]),
        doubted=eligibility.doubted(read(), [place.verdict_id for place in places]),
        intact=content.is_intact(read(), found) if found.state is ListState.FROZEN else None,
        may=lambda action: lifecycle.may(found.state, Action(action)),
        follows=queries.must_follow(read(), found),
        had_a_hand=actor().id in found.worked_by or actor().id == found.created_by,
        form=FreezeForm(version=found.version),
        **_basis(found),
    )


@door.get("/<int:list_id>/absent")
@requires(Action.NOMINATION_READ)
def absent(list_id: int) -> ResponseReturnValue:
    found = queries.nomination_list(read(), list_id)
    rows = queries.absent(
        read(),
        found,
        for_=actor(),
        text=request.args.get("q", ""),
        after=request.args.get("after", ""),
        before=request.args.get("before", ""),
    )
    return page(list=found, rows=rows)


@door.route("/<int:list_id>/edit", methods=["GET", "POST"])
@requires(Action.NOMINATION_DECIDE)
def edit(list_id: int) -> ResponseReturnValue:
    found = queries.nomination_list(read(), list_id)
    form = ListForm(obj=found)
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, list=found)
    try:
        with transaction() as session:
            service.edit(
                session,
                list_id,
                by=actor(),
                title=form.title.data,
                quota=form.quota.data,
                version=whole(form.version.data) or 0,
            )
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, list=queries.nomination_list(read(), list_id))
    return _done(list_id, tr("名单已保存。"))


@door.route("/<int:list_id>/add", methods=["GET", "POST"])
@requires(Action.NOMINATION_DECIDE)
def add(list_id: int) -> ResponseReturnValue:
    found = queries.nomination_list(read(), list_id)
    form = AddForm()
    text = request.args.get("q", "")
    firm_id = whole(request.form.get("firm_id", ""))
    if request.method == "POST" and firm_id is not None and form.sent_and_valid():
        try:
            with transaction() as session:
                service.add(session, list_id, firm_id, by=actor(), reason=form.reason.data or "")
        except Invalid as error:
            attach(error, form)
        else:
            return _done(list_id, tr("已列为候选，请提出意见。"))
    rows = queries.could_join(read(), found, text, for_=actor())
    return page(422 if form.errors else 200, list=found, form=form, rows=rows, text=text, chosen=firm_id)


@door.route("/places/<int:nomination_id>", methods=["GET", "POST"])
@requires(Action.NOMINATION_DECIDE)
def decide(nomination_id: int) -> ResponseReturnValue:
    place = queries.nomination(read(), nomination_id, for_=actor())
    form = DecisionForm(obj=place)
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, **_place(nomination_id))
    try:
        with transaction() as session:
            service.decide(
                session,
                queries.nomination(session, nomination_id, for_=actor()),
                Decision(form.decision.data),
                by=actor(),
                reason=form.reason.data or "",
                amount=form.amount.data,
                amount_source=form.amount_source.data or "",
                version=whole(form.version.data) or 0,
            )
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, **_place(nomination_id))
    return _done(place.list_id, tr("意见已保存。"))


@door.post("/places/<int:nomination_id>/rank")
@requires(Action.NOMINATION_DECIDE)
def rank(nomination_id: int) -> ResponseReturnValue:
    with transaction() as session:
        place = queries.nomination(session, nomination_id, for_=actor())
        service.rank(session, place, up=request.form.get("move") == "up", by=actor())
        list_id = place.list_id
    return redirect(url_for("office.nominations.show", list_id=list_id, _anchor=f"place-{nomination_id}"))


@door.post("/<int:list_id>/submit")
@requires(Action.NOMINATION_SUBMIT)
def submit(list_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.submit(session, list_id, by=actor(), version=whole(request.form.get("version")) or 0)
    return _done(list_id, tr("名单已提交，由另一位审核人锁定。"))


@door.route("/<int:list_id>/return", methods=["GET", "POST"])
@requires(Action.NOMINATION_RETURN)
def return_to_draft(list_id: int) -> ResponseReturnValue:
    form = ReturnForm()
    if not form.sent_and_valid():
        found = queries.nomination_list(read(), list_id)
        return page(422 if form.errors else 200, form=form, list=found)
    with transaction() as session:
        service.return_to_draft(session, list_id, by=actor(), note=form.note.data)
    return _done(list_id, tr("名单已退回拟定。"))


@door.route("/<int:list_id>/freeze", methods=["GET", "POST"])
@requires(Action.NOMINATION_FREEZE)
def freeze(list_id: int) -> ResponseReturnValue:
    found = queries.nomination_list(read(), list_id)
    form = FreezeForm(version=found.version)
    if not form.sent_and_valid():
        places = queries.places(read(), list_id, for_=actor())
        return page(form=form, list=found, nominated=[one for one in places if one.rank is not None])
    with transaction() as session:
        service.freeze(session, list_id, by=actor(), version=whole(form.version.data) or 0)
    return _done(list_id, tr("名单已锁定，内容不再改变。"))


@door.get("/<int:list_id>/export")
@requires(Action.NOMINATION_EXPORT)
def export_list(list_id: int) -> ResponseReturnValue:
    found = queries.nomination_list(read(), list_id)
    view: dict[str, Any] = {"kind": export.KIND.key, **export.KIND.clean({"list": str(found.id)})}
    return redirect(url_for("office.exports.create", **view))


def _basis(found: NominationList) -> dict[str, Any]:
    drawn = listing.eligibility_list(read(), found.eligibility_list_id)
    return {"drawn": drawn, "edition": rulebooks.edition(read(), drawn.edition_id)}


def _place(nomination_id: int) -> dict[str, Any]:
    place = queries.nomination(read(), nomination_id, for_=actor())
    found = queries.nomination_list(read(), place.list_id)
    shown = next(one for one in queries.places(read(), found.id, for_=actor()) if one.id == nomination_id)
    return {"place": shown, "list": found, "is_open": lifecycle.may(found.state, Action.NOMINATION_DECIDE)}


def _done(list_id: int, message: Message) -> ResponseReturnValue:
    flash(translate(message), "success")
    return redirect(url_for("office.nominations.show", list_id=list_id))
