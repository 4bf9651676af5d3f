"""A firm's own figures: what is held of it, what it stated, stating and withdrawing. No firm in the address."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock
from app.core.errors import Invalid, NotFound
from app.core.text import tr
from app.facts import entry, keeping, queries, service, table
from app.facts.models import ClaimState, SourceKind
from app.files import service as files
from app.web.downloads import attachment
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("facts", __name__, url_prefix="/facts")


def own_firm() -> int:
    """Return the firm of the person signed in; the address never says it."""
    firm_id = actor().firm_id
    if firm_id is None:
        raise NotFound
    return firm_id


@door.get("/")
@requires(Action.OWN_READ)
def index() -> ResponseReturnValue:
    firm_id, everything = own_firm(), request.args.get("show") == "all"
    facts, stated = queries.current_facts(read(), firm_id), queries.stated_by_firm(read(), firm_id)
    pending = [claim for claim in stated if claim.state is ClaimState.PENDING]
    groups = table.figure_groups(
        facts, pending, this_year=clock.today().year, everything=everything, text=request.args.get("q", "")[:60]
    )
    return page(groups=groups, everything=everything, held=len(facts), stated=stated, waiting=len(pending))


@door.get("/claims")
@requires(Action.OWN_READ)
def claims() -> ResponseReturnValue:
    return page(stated=queries.stated_by_firm(read(), own_firm()))


@door.get("/indicators")
@requires(Action.OWN_STATE)
def indicators() -> ResponseReturnValue:
    return page(groups=table.indicators_to_state(request.args.get("q", "")[:60]))


@door.route("/new", methods=["GET", "POST"])
@requires(Action.OWN_STATE)
def state() -> ResponseReturnValue:
    firm_id = own_firm()
    if not request.args.get("key"):
        return redirect(url_for("portal.facts.indicators"))
    asked = entry.asked(by_firm=True)
    if not keeping.firm_may_state(asked.indicator):
        raise NotFound
    if asked.form.sent_and_valid():
        try:
            claim_id = entry.keep(asked, firm_id, SourceKind.FIRM, by=actor())
            flash(translate(tr("已提交，主管部门审核后生效。")), "success")
            return redirect(url_for("portal.facts.claim", claim_id=claim_id))
        except Invalid as error:
            entry.explain(error, asked)
    standing = queries.current_fact(read(), firm_id, asked.indicator.key, asked.year)
    return page(422 if asked.form.errors else 200, asked=asked, form=asked.form, fact=standing)


@door.get("/claims/<int:claim_id>")
@requires(Action.OWN_READ)
def claim(claim_id: int) -> ResponseReturnValue:
    found = queries.claim_in_full(read(), claim_id, for_=actor())
    return page(claim=found, upload=entry.evidence_form(own_firm()), action_form=Form())


@door.post("/claims/<int:claim_id>/withdraw")
@requires(Action.OWN_STATE)
def withdraw(claim_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.withdraw(session, queries.claim(session, claim_id, for_=actor()), by=actor())
    flash(translate(tr("已撤回，可重新填报。")), "success")
    return redirect(url_for("portal.facts.claim", claim_id=claim_id))


@door.post("/claims/<int:claim_id>/evidence")
@requires(Action.OWN_STATE)
def add_evidence(claim_id: int) -> ResponseReturnValue:
    form = entry.evidence_form(own_firm())
    try:
        entry.add_evidence(form, claim_id, by=actor())
    except Invalid as error:
        attach(error, form)
        found_again = queries.claim_in_full(read(), claim_id, for_=actor())
        return page_named("claim", 422, claim=found_again, upload=form, action_form=Form())
    flash(translate(tr("佐证材料已保存。")), "success")
    return redirect(url_for("portal.facts.claim", claim_id=claim_id))


@door.get("/claims/<int:claim_id>/evidence/<int:evidence_id>")
@requires(Action.OWN_READ)
def evidence(claim_id: int, evidence_id: int) -> ResponseReturnValue:
    file = queries.evidence(read(), claim_id, evidence_id, for_=actor()).document.file
    content = files.content_of(current_app.extensions["yuqi_store"], file)
    return attachment(file.name, file.media_type, content)
