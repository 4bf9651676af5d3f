"""Recognitions in the office: the register, a firm's ladder, one certificate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.core import clock
from app.core.errors import Invalid, NotFound
from app.core.text import tr
from app.files import service as files
from app.firms import queries as firms
from app.firms.models import Firm
from app.recognitions import queries, service
from app.recognitions.forms import RecognitionForm, RevokeForm, VoidForm
from app.recognitions.models import Recognition, RecognitionKind
from app.recognitions.queries import LadderShown, RegisterFilter
from app.recognitions.service import Certificate
from app.recognitions.standing import TONES, Standing, standing
from app.recognitions.strip import ladder_strip, told
from app.web.downloads import attachment
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("recognitions", __name__)


@door.get("/recognitions")
@requires(Action.RECOGNITION_READ)
def index() -> ResponseReturnValue:
    kinds = {one.value: one for one in RecognitionKind}
    states = {one.value: one for one in Standing}
    asked = request.args
    wanted = RegisterFilter(
        kinds.get(asked.get("kind", "")), states.get(asked.get("state", "")), asked.get("q", "").strip()[:100]
    )
    after, before = request.args.get("after", ""), request.args.get("before", "")
    found = queries.register(read(), wanted, for_=actor(), after=after, before=before)
    return page(page=found, kinds=RecognitionKind.options(), states=Standing.options(), tones=TONES)


@door.get("/firms/<int:firm_id>/recognitions")
@requires(Action.RECOGNITION_READ)
def firm(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    there, today = queries.of_firm(read(), firm_id), clock.today()
    rows = [(one, standing(one, today)) for one in there]
    return page(firm=found, rows=rows, tones=TONES, strip=strip_of(found, queries.ladder_of(read(), firm_id)))


def strip_of(found: Firm, shown: LadderShown) -> dict[str, Any]:
    """Return what the ladder's partial template needs."""
    picture = ladder_strip(
        shown.ladder,
        clock.today(),
        say=translate,
        key=f"firm-{found.id}",
    )
    rungs: Sequence[Any] = [(rung, told(rung), TONES[rung.state] if rung.state else "") for rung in shown.ladder.rungs]
    return {"ladder": shown.ladder, "rungs": rungs, "picture": picture, "verdict": shown.verdict}


def ladder_panel(session: Session, found: Firm) -> dict[str, Any]:
    """Return the ladder for the firm's page."""
    return strip_of(found, queries.ladder_of(session, found.id))


@door.route("/firms/<int:firm_id>/recognitions/new", methods=["GET", "POST"])
@requires(Action.RECOGNITION_REGISTER)
def create(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    form = RecognitionForm() if request.method == "POST" else RecognitionForm(kind=request.args.get("kind", ""))
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, firm=found)
    store = current_app.extensions["yuqi_store"]
    try:
        with transaction() as session:
            mine = firms.firm(session, firm_id, for_=actor())
            service.register(session, mine, form.draft(), by=actor(), store=store, certificate=_certificate(form))
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, firm=found)
    flash(translate(tr("资质已登记。")), "success")
    return redirect(url_for("office.recognitions.firm", firm_id=firm_id))


@door.get("/recognitions/<int:recognition_id>")
@requires(Action.RECOGNITION_READ)
def show(recognition_id: int) -> ResponseReturnValue:
    return page(**_shown(recognition_id))


def _shown(recognition_id: int, **forms_: Form) -> dict[str, Any]:
    one, found = queries.recognition(read(), recognition_id, for_=actor())
    return {
        "one": one,
        "firm": found,
        "state": standing(one, clock.today()),
        "tones": TONES,
        "name_then": queries.name_then(read(), found, one),
        "revoke_form": RevokeForm(formdata=None),
        "void_form": VoidForm(),
        **forms_,
    }


@door.route("/recognitions/<int:recognition_id>/edit", methods=["GET", "POST"])
@requires(Action.RECOGNITION_REGISTER)
def edit(recognition_id: int) -> ResponseReturnValue:
    one, found = queries.recognition(read(), recognition_id, for_=actor())
    form = RecognitionForm(obj=one)
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, firm=found, one=one)
    try:
        with transaction() as session:
            mine, owner = queries.recognition(session, recognition_id, for_=actor())
            changed = service.edit(
                session, mine, owner, form.draft(), version=form.version.data or 0, by=actor(),
                store=current_app.extensions["yuqi_store"], certificate=_certificate(form),
            )  # fmt: skip
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, firm=found, one=one)
    flash(translate(tr("已保存。") if changed else tr("内容没有变化，未作修改。")), "success" if changed else "info")
    return redirect(url_for("office.recognitions.show", recognition_id=recognition_id))


@door.post("/recognitions/<int:recognition_id>/revoke")
@requires(Action.RECOGNITION_REVOKE)
def revoke(recognition_id: int) -> ResponseReturnValue:
    form = RevokeForm()
    try:
        if not form.validate():
            return page_named("show", 422, **_shown(recognition_id, revoke_form=form))
        with transaction() as session:
            mine, owner = queries.recognition(session, recognition_id, for_=actor())
            service.revoke(session, mine, owner, on=form.on.data, reason=form.reason.data or "", by=actor())
    except Invalid as error:
        attach(error, form)
        return page_named("show", 422, **_shown(recognition_id, revoke_form=form))
    flash(translate(tr("已登记撤销。")), "success")
    return redirect(url_for("office.recognitions.show", recognition_id=recognition_id))


@door.post("/recognitions/<int:recognition_id>/void")
@requires(Action.RECOGNITION_REVOKE)
def void(recognition_id: int) -> ResponseReturnValue:
    form = VoidForm()
    try:
        if not form.validate():
            return page_named("show", 422, **_shown(recognition_id, void_form=form))
        with transaction() as session:
            mine, owner = queries.recognition(session, recognition_id, for_=actor())
            service.void(session, mine, owner, reason=form.reason.data or "", by=actor())
    except Invalid as error:
        attach(error, form)
        return page_named("show", 422, **_shown(recognition_id, void_form=form))
    flash(translate(tr("记录已作废，仍可查阅。")), "success")
    return redirect(url_for("office.recognitions.show", recognition_id=recognition_id))


@door.get("/recognitions/<int:recognition_id>/file")
@requires(Action.RECOGNITION_READ)
def file(recognition_id: int) -> ResponseReturnValue:
    one: Recognition = queries.recognition(read(), recognition_id, for_=actor())[0]
    if one.file is None:
        raise NotFound(tr("这项资质没有附件。"))
    content = files.content_of(current_app.extensions["yuqi_store"], one.file)
    return attachment(one.file.name, one.file.media_type, content)


def _certificate(form: RecognitionForm) -> Certificate | None:
    sent = request.files.get(form.file.name)
    return Certificate(sent.filename, sent.read()) if sent is not None and sent.filename else None
