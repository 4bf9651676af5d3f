"""Publishing in the office: one verdict from its page, the verdicts of a list, and taking a publication back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice

from app.access.actions import Action
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr
from app.eligibility import listing
from app.eligibility import queries as verdicts
from app.eligibility.listing import Overview
from app.eligibility.models import VerdictState
from app.eligibility.publishing import queries, service
from app.eligibility.publishing.forms import PublishForm, PublishListForm, WithdrawPublicationForm
from app.firms import queries as firms
from app.rulebooks import queries as rulebooks
from app.web.forms import attach
from app.web.i18n import translate
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("publishing", __name__)


@door.route("/eligibility/verdicts/<int:verdict_id>/publish", methods=["GET", "POST"])
@requires(Action.ELIGIBILITY_PUBLISH)
def publish(verdict_id: int) -> ResponseReturnValue:
    found = verdicts.verdict(read(), verdict_id, for_=actor())
    form, status = PublishForm(), 200
    if form.sent_and_valid():
        try:
            with transaction() as session:
                service.publish(session, verdict_id, by=actor(), note=form.note.data or "")
            flash(translate(tr("判定已公布，企业现在可以在门户看到。")), "success")
            return redirect(url_for("office.eligibility.verdict", verdict_id=verdict_id))
        except Conflict as error:
            attach(Invalid("", error.message), form)
            status = 409
    firm = firms.firm(read(), found.firm_id, for_=actor())
    return page(
        422 if form.errors and status == 200 else status, form=form, verdict=found, firm=firm,
        edition=rulebooks.edition(read(), found.edition_id),
        stale=verdicts.stale(read(), [found.id]).get(found.id),
        told=[one for one in queries.of_firm(read(), firm.id) if one.is_current],
    )  # fmt: skip


@door.route("/eligibility/<int:list_id>/publish", methods=["GET", "POST"])
@requires(Action.ELIGIBILITY_PUBLISH)
def publish_list(list_id: int) -> ResponseReturnValue:
    about = listing.overview(read(), list_id, for_=actor())
    if not about.is_complete:
        raise Conflict(tr("清单还没有生成完毕，完成后才能公布。"))
    form, status = PublishListForm(), 200
    if form.sent_and_valid():
        try:
            with transaction() as session:
                number = service.publish_list(
                    session, list_id, [VerdictState(one) for one in form.states.data or []], by=actor(),
                    with_stale=form.with_stale.data, note=form.note.data or "",
                )  # fmt: skip
            flash(translate(tr("已向 %(n)s 家企业公布判定。", n=number)), "success")
            return redirect(url_for("office.eligibility.show", list_id=list_id))
        except (Conflict, Invalid) as error:
            attach(error if isinstance(error, Invalid) else Invalid("", error.message), form)
            status = 422 if isinstance(error, Invalid) else 409
    return page(422 if form.errors and status == 200 else status, **_list_page(about, form))


def _list_page(about: Overview, form: PublishListForm) -> dict[str, Any]:
    edition = rulebooks.edition(read(), about.edition_id)
    still = queries.open_of(read(), about.id, edition, about.as_of, about.kind, for_=actor())
    form.states.choices = [
        SelectChoice(
            state.value,
            translate(tr("%(state)s（%(n)s 家）", state=Message(state.label), n=still.counts.get(state, 0))),
        )
        for state in VerdictState
    ]
    return {"about": about, "edition": edition, "form": form, "still": still}


@door.route("/eligibility/publications/<int:publication_id>/withdraw", methods=["GET", "POST"])
@requires(Action.ELIGIBILITY_UNPUBLISH)
def withdraw(publication_id: int) -> ResponseReturnValue:
    told = queries.publication(read(), publication_id, for_=actor())
    form = WithdrawPublicationForm()
    if not form.sent_and_valid():
        firm = firms.firm(read(), told.firm_id, for_=actor())
        return page(422 if form.errors else 200, form=form, told=told, firm=firm)
    with transaction() as session:
        service.withdraw(session, publication_id, form.reason.data or "", by=actor())
    flash(translate(tr("已撤回公布，企业会看到撤回的原因。")), "success")
    return redirect(url_for("office.eligibility.verdict", verdict_id=told.line.id))
