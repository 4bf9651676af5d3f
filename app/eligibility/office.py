"""Eligibility in the office: lists, their rows, one verdict clause by clause, and the verdicts of a firm."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.accounts import queries as accounts
from app.core import clock
from app.core.errors import Invalid
from app.core.text import tr
from app.eligibility import export, listing, proposing, queries, service
from app.eligibility import shown as showing
from app.eligibility.forms import KINDS, DrawUpForm, JudgeForm
from app.eligibility.listing import ListFilter, Tab
from app.eligibility.publishing import queries as publishing
from app.facts.documents import queries as documents
from app.figures.interval import interval_bar
from app.firms import queries as firms
from app.firms.taxonomy import ClusterCode, Town
from app.jobs import queries as jobs
from app.jobs.models import FINISHED
from app.rulebooks import queries as rulebooks
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("eligibility", __name__)


@door.get("/eligibility")
@requires(Action.ELIGIBILITY_READ)
def index() -> ResponseReturnValue:
    return page(lists=listing.latest_lists(read(), for_=actor()), tabs=_verdict_tabs())


@door.route("/eligibility/new", methods=["GET", "POST"])
@requires(Action.ELIGIBILITY_DRAW_UP)
def draw_up() -> ResponseReturnValue:
    form = DrawUpForm(**_asked())
    _offer_editions(form)
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, offer=_offer(form), kinds=dict(KINDS))
    try:
        with transaction() as session:
            found = service.request(
                session,
                rulebooks.edition(session, form.edition.data),
                form.as_of.data,
                by=actor(),
                kind=form.kind.data,
                towns=form.towns.data or [],
                title=form.title.data or "",
            )
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, offer=_offer(form), kinds=dict(KINDS))
    flash(translate(tr("已开始生成清单，完成后在本页显示结果。")), "info")
    return redirect(url_for("office.eligibility.show", list_id=found.id))


@door.get("/eligibility/<int:list_id>")
@requires(Action.ELIGIBILITY_READ)
def show(list_id: int) -> ResponseReturnValue:
    about = listing.overview(read(), list_id, for_=actor())
    if not about.is_complete:
        return page_named(
            "waiting",
            about=about,
            finished=FINISHED,
            job=jobs.if_visible(read(), about.job_id, for_=actor()),
            form=Form(),
        )
    asked = ListFilter.read(request.args)
    counts = listing.tab_counts(read(), list_id, asked, for_=actor())
    edition = rulebooks.edition(read(), about.edition_id)
    rulebook = rulebooks.rulebook_of(edition)
    rows = listing.page_of(
        read(),
        list_id,
        asked,
        for_=actor(),
        total=listing.row_total(counts, asked),
        after=request.args.get("after", ""),
        before=request.args.get("before", ""),
    )
    return page(
        about=about,
        edition=edition,
        asked=asked,
        counts=counts,
        rows=rows,
        articles={clause.id: clause.article for clause in rulebook.clauses},
        line=showing.pass_line(rulebook),
        full=rulebook.score.total if rulebook.score else None,
        tone=showing.tone,
        points=showing.points,
        stale=queries.stale_count(read(), list_id, for_=actor()),
        refused=listing.refused(read(), list_id, for_=actor()),
        excluded=listing.excluded(read(), list_id, for_=actor()),
        **_filters(list_id, asked),
    )


@door.get("/eligibility/<int:list_id>/export")
@requires(Action.ELIGIBILITY_EXPORT)
def export_list(list_id: int) -> ResponseReturnValue:
    about = listing.overview(read(), list_id, for_=actor())
    view: dict[str, Any] = {"kind": export.KIND.key, **export.KIND.clean({**request.args, "list": str(about.id)})}
    return redirect(url_for("office.exports.create", **view))


@door.post("/eligibility/<int:list_id>/resume")
@requires(Action.ELIGIBILITY_DRAW_UP)
def resume(list_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.resume(session, listing.eligibility_list(session, list_id, lock=True), by=actor())
    flash(translate(tr("已继续生成清单。")), "info")
    return redirect(url_for("office.eligibility.show", list_id=list_id))


@door.get("/eligibility/verdicts/<int:verdict_id>")
@requires(Action.ELIGIBILITY_READ)
def verdict(verdict_id: int) -> ResponseReturnValue:
    found = queries.verdict(read(), verdict_id, for_=actor())
    edition = rulebooks.edition(read(), found.edition_id)
    claims = queries.claims_of(read(), showing.fact_ids(found))
    title = translate(tr("综合得分"))
    whole = showing.shown_verdict(found, rulebooks.rulebook_of(edition), claims, title=title, say=translate)
    return page(
        verdict=found,
        firm=firms.firm(read(), found.firm_id, for_=actor()),
        edition=edition,
        shown=whole,
        chart=interval_bar(whole.interval, say=translate) if whole.interval is not None else None,
        doubts=documents.doubts_behind(read(), showing.fact_ids(found)),
        stale=queries.stale(read(), [found.id]).get(found.id),
        told=publishing.of_firm(read(), found.firm_id),
        judged_by=accounts.names(read(), [found.judged_by]).get(found.judged_by, "") if found.judged_by else "",
        kinds=dict(KINDS),
        points=showing.points,
    )


@door.get("/firms/<int:firm_id>/verdicts")
@requires(Action.ELIGIBILITY_READ)
def firm(firm_id: int) -> ResponseReturnValue:
    form = JudgeForm(**_asked())
    _offer_editions(form)
    return page(**_firm_page(firm_id, form))


@door.post("/firms/<int:firm_id>/verdicts")
@requires(Action.ELIGIBILITY_JUDGE)
def judge(firm_id: int) -> ResponseReturnValue:
    form = JudgeForm()
    _offer_editions(form)
    if not form.sent_and_valid():
        return page_named("firm", 422, **_firm_page(firm_id, form))
    try:
        with transaction() as session:
            edition = rulebooks.edition(session, form.edition.data)
            found = service.judge(session, firm_id, edition, form.as_of.data, by=actor(), kind=form.kind.data)
    except Invalid as error:
        attach(error, form)
        return page_named("firm", 422, **_firm_page(firm_id, form))
    flash(translate(tr("判定完成，结果如下。")), "success")
    return redirect(url_for("office.eligibility.verdict", verdict_id=found.id))


def _firm_page(firm_id: int, form: JudgeForm) -> dict[str, Any]:
    lines = queries.of_firm(read(), firm_id)
    return {
        "firm": firms.firm(read(), firm_id, for_=actor()),
        "form": form,
        "latest": queries.latest_verdicts(read(), firm_id),
        "told": {one.line.id for one in publishing.of_firm(read(), firm_id) if one.is_current},
        "history": lines,
        "points": showing.points,
        "kinds": dict(KINDS),
        "offer": _offer(form),
    }


def _asked() -> dict[str, Any]:
    """Return edition, day and kind as the address asks for them; today and a new application where it does not."""
    kind = request.args.get("kind", "")
    try:
        day = date.fromisoformat(request.args.get("as_of", ""))
    except ValueError:
        day = clock.today()
    asked = {"as_of": day, "kind": kind if kind in dict(KINDS) else KINDS[0][0]}
    edition = request.args.get("edition", type=int)
    return asked if edition is None else asked | {"edition": edition}


def _offer_editions(form: JudgeForm) -> None:
    form.edition.choices = [(one.id, f"{one.title}（{one.code}）") for one in rulebooks.editions(read())]
    if form.edition.data is None and not form.is_submitted():
        proposed = proposing.offer(read(), None, form.as_of.data or clock.today(), form.kind.data).chosen
        form.edition.data = proposed.id if proposed is not None else None


def _offer(form: JudgeForm) -> proposing.Offer:
    kind = form.kind.data if form.kind.data in dict(KINDS) else KINDS[0][0]
    return proposing.offer(read(), form.edition.data, form.as_of.data or clock.today(), kind)


def _filters(list_id: int, asked: ListFilter) -> dict[str, Any]:
    clauses = listing.clause_counts(read(), list_id, asked, for_=actor())
    return {
        "tabs": list(Tab),
        "shorts": listing.ONE_SHORT,
        "towns": Town.options(),
        "clusters": ClusterCode.options(),
        "caseworkers": firms.caseworker_options(read()),
        "clauses": sorted(clauses.items(), key=lambda pair: (-pair[1], pair[0])),
    }


def _verdict_tabs() -> list[Tab]:
    return [tab for tab in Tab if tab not in (Tab.ALL, Tab.SHORT)]
