"""What falls due for the firm, as its people were reminded of it; a filler asks the head to sign."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.assessments import queries as assessments
from app.core import workdays
from app.core.errors import Invalid
from app.core.text import N_, tr
from app.jobs import service as jobs
from app.reminders import queries, service
from app.reminders.forms import HandForm
from app.reminders.jobs import REMIND
from app.web.i18n import translate
from app.web.render import page
from app.web.session import read, settings, transaction
from app.web.surfaces import actor, requires

door = Blueprint("reminders", __name__, url_prefix="/reminders")


@door.get("/")
@requires(Action.OWN_READ)
def index() -> ResponseReturnValue:
    shown = queries.mine(read(), actor())
    if queries.unread(read(), actor()):
        with transaction(on_get=True) as session:
            service.read(session, by=actor())
    return page(reminders=shown, published=workdays.published()[1])


@door.post("/sign/<int:form_id>")
@requires(Action.OWN_HAND)
def ask_to_sign(form_id: int) -> ResponseReturnValue:
    form = HandForm()
    mails = bool(settings().notify_url)
    with transaction() as session:
        assessments.form(session, form_id, for_=actor())
        if not form.validate():
            raise Invalid("until", tr("请填写希望签署的日期，如 2026-08-31。"))
        told = service.ask_to_sign(session, form_id, form.until.data, by=actor(), mails=mails)
        if mails:  # what is told now goes out now, not in the night
            jobs.enqueue(session, REMIND, title=N_("到期提醒"), by=actor(), key=f"{REMIND}:{form_id}")
    flash(translate(tr("已提醒 %(n)s 位负责人登录签署。", n=len(told))), "success")
    return redirect(url_for("portal.assessments.show", assessment_id=form_id))
