"""Figures in the office: the review queue, one claim, a firm's figures, stating a figure."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.access.towns import Town
from app.core import clock
from app.core.errors import Invalid, NotFound
from app.core.text import tr
from app.facts import beside, entry, export, filtering, queries, queue, service, table
from app.facts import known as knowing
from app.facts.documents import queries as documents
from app.facts.filtering import QueueFilter
from app.facts.forms import ReviewForm
from app.facts.keeping import indicator_of, name_of
from app.facts.models import ClaimState, SourceKind
from app.files import service as files
from app.firms import queries as firms
from app.web.downloads import attachment
from app.web.forms import Form, attach
from app.web.i18n import safe_target, translate
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("facts", __name__)

MOST_TOLD, LONGEST_REASON = 5, 1000


@door.get("/facts")
@requires(Action.CLAIM_READ)
def index() -> ResponseReturnValue:
    chosen, person = QueueFilter.from_plain(request.args), actor()
    counts = queue.counts_by_source(read(), chosen, for_=person)
    found = queue.review_queue(
        read(),
        chosen,
        for_=person,
        after=request.args.get("after", ""),
        before=request.args.get("before", ""),
        total=counts[chosen.source],
    )
    return page(
        page=found,
        chosen=chosen,
        words=filtering.in_words(chosen),
        counts=counts,
        choices=queue.choices(read(), chosen, for_=person),
        sources=list(SourceKind),
        states=ClaimState.options(),
        towns=Town.options(),
    )


@door.post("/facts/accept")
@requires(Action.CLAIM_ACCEPT)
def accept_chosen() -> ResponseReturnValue:
    ids = [number for text in request.form.getlist("id") if (number := entry.whole(text)) is not None]
    if not ids:
        flash(translate(tr("没有选中任何数据，请先勾选再核定。")), "warning")
        return redirect(_back())
    reason = request.form.get("bulk_reason", "")
    if len(reason) > LONGEST_REASON:
        raise Invalid("bulk_reason", tr("审核意见最多 %(n)s 个字，没有核定，请缩短后再核定。", n=LONGEST_REASON))
    with transaction() as session:
        whole = queue.with_equals(session, ids)
        report = service.accept_many(session, whole, by=actor(), reason=reason)
    _tell(report)
    return redirect(_back())


@door.route("/facts/batches/<int:batch_id>/accept", methods=["GET", "POST"])
@requires(Action.CLAIM_ACCEPT)
def accept_batch(batch_id: int) -> ResponseReturnValue:
    form = ReviewForm()
    if batch_id > firms.LARGEST_ID:
        raise NotFound
    if form.sent_and_valid():
        with transaction() as session:
            ids = queue.ids_of_batch(session, batch_id, for_=actor())
            report = service.accept_many(session, ids, by=actor(), reason=form.reason.data or "")
        _tell(report)
        return redirect(url_for("office.facts.index", batch=batch_id))
    ids = queue.ids_of_batch(read(), batch_id, for_=actor())
    return page(422 if form.errors else 200, form=form, batch_id=batch_id, total=len(ids))


def _tell(report: service.AcceptReport) -> None:
    done = len(report.accepted) + len(report.confirmed)
    if done:
        flash(
            translate(tr("已核定 %(n)s 条，其中 %(same)s 条与原核定值一致。", n=done, same=len(report.confirmed))),
            "success",
        )
    if not report.refused:
        return
    flash(translate(tr("%(n)s 条没有核定，仍在待审核数据中：", n=len(report.refused))), "warning")
    for refusal in report.refused[:MOST_TOLD]:
        flash(translate(tr("%(name)s：%(why)s", name=refusal.name or tr("数据"), why=refusal.why)), "warning")


def _back() -> str:
    return safe_target(request.form.get("next"), url_for("office.facts.index"))


@door.get("/facts/claims/<int:claim_id>")
@requires(Action.CLAIM_READ)
def claim(claim_id: int) -> ResponseReturnValue:
    return page(**_claim_page(claim_id))


def _claim_page(claim_id: int, form: ReviewForm | None = None, upload: Form | None = None) -> dict[str, Any]:
    found = queries.claim_in_full(read(), claim_id, for_=actor())
    return {
        "claim": found,
        "firm": firms.firm(read(), found.firm_id, for_=actor()),
        "said": beside.side_by_side(read(), found.firm_id, found.key, found.year),
        "history": queries.history(read(), found.firm_id, found.key, found.year),
        "form": form or ReviewForm(seen=found.current.id if found.current else 0),
        "upload": upload or entry.evidence_form(found.firm_id),
        "is_own": found.stated_by == actor().id,
    }


@door.post("/facts/claims/<int:claim_id>/accept")
@requires(Action.CLAIM_ACCEPT)
def accept(claim_id: int) -> ResponseReturnValue:
    form = _review_form(claim_id)
    try:
        with transaction() as session:
            found = queries.claim(session, claim_id, for_=actor())
            service.accept(session, found, by=actor(), reason=form.reason.data or "", seen=_seen(form))
    except Invalid as error:
        return _again(claim_id, error)
    flash(translate(tr("已核定：%(name)s。", name=name_of(found.key, found.year))), "success")
    return redirect(_back())


@door.post("/facts/claims/<int:claim_id>/choose")
@requires(Action.FACT_CHOOSE)
def choose(claim_id: int) -> ResponseReturnValue:
    form = _review_form(claim_id)
    try:
        with transaction() as session:
            found = queries.claim(session, claim_id, for_=actor())
            service.choose(session, found, by=actor(), reason=form.reason.data or "", seen=_seen(form))
    except Invalid as error:
        return _again(claim_id, error)
    flash(
        translate(tr("已选定：%(name)s。其余来源已附理由退回，仍可查阅。", name=name_of(found.key, found.year))),
        "success",
    )
    return redirect(url_for("office.facts.claim", claim_id=claim_id))


@door.post("/facts/claims/<int:claim_id>/keep")
@requires(Action.FACT_CHOOSE)
def keep(claim_id: int) -> ResponseReturnValue:
    form = _review_form(claim_id)
    try:
        with transaction() as session:
            found = queries.claim(session, claim_id, for_=actor())
            service.keep_current(session, found, by=actor(), reason=form.reason.data or "")
    except Invalid as error:
        return _again(claim_id, error)
    flash(translate(tr("已维持现核定值，其余来源已附理由退回。")), "success")
    return redirect(url_for("office.facts.claim", claim_id=claim_id))


@door.post("/facts/claims/<int:claim_id>/reject")
@requires(Action.CLAIM_REJECT)
def reject(claim_id: int) -> ResponseReturnValue:
    form = _review_form(claim_id)
    try:
        with transaction() as session:
            found = queries.claim(session, claim_id, for_=actor())
            service.reject(session, found, by=actor(), note=form.reason.data or "")
    except Invalid as error:
        return _again(claim_id, error)
    flash(translate(tr("已退回：%(name)s。", name=name_of(found.key, found.year))), "success")
    return redirect(_back())


@door.post("/facts/claims/<int:claim_id>/withdraw")
@requires(Action.CLAIM_WITHDRAW)
def withdraw(claim_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.withdraw(session, queries.claim(session, claim_id, for_=actor()), by=actor())
    flash(translate(tr("已撤回，可重新填报。")), "success")
    return redirect(url_for("office.facts.claim", claim_id=claim_id))


def _review_form(claim_id: int) -> ReviewForm:
    """Return the form of the claim's page, or of its row in the queue, where names begin with the claim's id."""
    prefix = f"c{claim_id}-"
    return ReviewForm(prefix=prefix if any(name.startswith(prefix) for name in request.form) else "")


def _seen(form: ReviewForm) -> int | None:
    return entry.whole(form.seen.data)


def _again(claim_id: int, error: Invalid) -> ResponseReturnValue:
    """Show the claim with the message at the reason, whichever form was sent; nothing typed is lost."""
    sent = _review_form(claim_id)
    form = ReviewForm(formdata=None, data={"reason": sent.reason.data, "seen": sent.seen.data})
    attach(Invalid("reason", error.message), form)
    return page_named("claim", 422, **_claim_page(claim_id, form))


@door.post("/facts/claims/<int:claim_id>/evidence")
@requires(Action.CLAIM_STATE)
def add_evidence(claim_id: int) -> ResponseReturnValue:
    form = entry.evidence_form(queries.claim(read(), claim_id, for_=actor()).firm_id)
    try:
        entry.add_evidence(form, claim_id, by=actor())
    except Invalid as error:
        attach(error, form)
        return page_named("claim", 422, **_claim_page(claim_id, upload=form))
    flash(translate(tr("佐证材料已保存。")), "success")
    return redirect(url_for("office.facts.claim", claim_id=claim_id))


@door.get("/facts/claims/<int:claim_id>/evidence/<int:evidence_id>")
@requires(Action.CLAIM_READ)
def evidence(claim_id: int, evidence_id: int) -> ResponseReturnValue:
    file = queries.evidence(read(), claim_id, evidence_id, for_=actor()).document.file
    content = files.content_of(current_app.extensions["yuqi_store"], file)
    return attachment(file.name, file.media_type, content)


@door.get("/firms/<int:firm_id>/figures")
@requires(Action.FACT_READ)
def firm(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    known = knowing.knowledge(read(), firm_id, knowing.day_of(request.args.get("known")))
    pending = queries.pending_of(read(), firm_id)
    everything, text = request.args.get("show") == "all", request.args.get("q", "")[:60]
    groups = table.figure_groups(
        known.facts, [] if known.day else pending, this_year=clock.today().year, everything=everything, text=text,
        later=known.later,
    )  # fmt: skip
    return page(
        firm=found,
        groups=groups,
        everything=everything,
        known=known,
        waiting=len(pending),
        today=clock.today(),
        doubted=documents.doubted_claims(read(), firm_id),
    )


@door.get("/firms/<int:firm_id>/figures/export")
@requires(Action.FACT_EXPORT)
def export_figures(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    asked = export.KIND.clean({"firm": str(found.id), "known": request.args.get("known", "")})
    view: dict[str, Any] = {"kind": export.KIND.key, **asked}
    return redirect(url_for("office.exports.create", **view))


@door.get("/firms/<int:firm_id>/figures/history")
@requires(Action.FACT_READ)
def history(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    key, year = request.args.get("key", ""), entry.whole(request.args.get("year"))
    indicator = indicator_of(key, year)
    known = knowing.knowledge(
        read(), firm_id, knowing.day_of(request.args.get("known")), key=indicator.key, year=year
    )  # fmt: skip
    return page(
        firm=found,
        indicator=indicator,
        year=year,
        name=name_of(indicator.key, year),
        known=known,
        then=known.facts[0] if known.facts else None,
        today=clock.today(),
        said=beside.side_by_side(read(), firm_id, indicator.key, year),
        history=queries.history(read(), firm_id, indicator.key, year),
    )


@door.get("/firms/<int:firm_id>/figures/indicators")
@requires(Action.CLAIM_STATE)
def indicators(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    return page(firm=found, groups=table.indicators_to_state(request.args.get("q", "")[:60]))


@door.route("/firms/<int:firm_id>/figures/new", methods=["GET", "POST"])
@requires(Action.CLAIM_STATE)
def state(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    if not request.args.get("key"):
        return redirect(url_for("office.facts.indicators", firm_id=firm_id))
    asked = entry.asked()
    if asked.form.sent_and_valid():
        try:
            claim_id = entry.keep(asked, firm_id, SourceKind.CASEWORKER, by=actor())
            flash(translate(tr("已提交审核。")), "success")
            return redirect(url_for("office.facts.claim", claim_id=claim_id))
        except Invalid as error:
            entry.explain(error, asked)
    standing = queries.current_fact(read(), firm_id, asked.indicator.key, asked.year)
    return page(422 if asked.form.errors else 200, firm=found, asked=asked, form=asked.form, fact=standing)
