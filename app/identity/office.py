"""Who a firm is, in the office: names and events of a firm, likely duplicates, merging and taking a merge back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr
from app.firms import duplicates, merge, registry, unmerge
from app.firms import queries as firms
from app.firms.models import Firm
from app.firms.queries import MergedAway
from app.firms.service import EditedMeanwhile
from app.firms.taxonomy import EventKind, PairState
from app.identity import compare as sides
from app.identity import queries
from app.identity.forms import EventForm, NameDaysForm, ReasonForm, RenameForm
from app.identity.jobs import SCAN
from app.jobs import service as jobs
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("identity", __name__)


@door.app_errorhandler(MergedAway)
def merged_away(error: MergedAway) -> ResponseReturnValue:
    """Say where a merged firm went, with the way there; the firm in which it stands may be out of reach."""
    shown = actor()
    target = None
    if not shown.is_firm and firms.may_see(read(), error.into, shown):
        target = url_for("office.firms.show", firm_id=error.into)
    return render_template("office/identity/_gone.html", message=translate(error.message), target=target), 200


@door.get("/firms/<int:firm_id>/history")
@requires(Action.FIRM_READ)
def firm(firm_id: int) -> ResponseReturnValue:
    return _firm(firm_id)


def _firm(firm_id: int, status: int = 200, *, failed: int = 0, **forms: Form) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    events = registry.events(read(), firm_id)
    return page_named(
        "firm",
        status,
        firm=found,
        names=queries.name_lines(read(), found),
        offers=queries.offers(read(), firm_id),
        events=events,
        parents=queries.parents(read(), events, for_=actor()),
        branches=queries.branches(read(), firm_id, actor()),
        merges=queries.merges(read(), firm_id),
        alike=duplicates.of_firm(read(), firm_id, actor()),
        failed=failed,
        **{
            "rename_form": RenameForm(formdata=None, version=found.version, name=request.args.get("name", "")),
            "event_form": EventForm(formdata=None),
            "days_form": NameDaysForm(formdata=None),
            "reason_form": ReasonForm(formdata=None),
            **forms,
        },
    )


def _saved(firm_id: int, message: Message) -> ResponseReturnValue:
    flash(translate(message), "success")
    return redirect(url_for("office.identity.firm", firm_id=firm_id))


def _change(
    firm_id: int, form: Form, name: str, work: Callable[[Session, Firm], object], done: Message, *, failed: int = 0
) -> ResponseReturnValue:
    """Do one thing to a firm; what is wrong comes back on the firm's page beside its form."""
    if not form.sent_and_valid():
        return _firm(firm_id, 422, failed=failed, **{name: form})
    try:
        with transaction() as session:
            work(session, firms.firm(session, firm_id, for_=actor()))
    except Invalid as error:
        attach(error, form)
        return _firm(firm_id, 422, failed=failed, **{name: form})
    except EditedMeanwhile as error:
        attach(Invalid("name", error.message), form)
        return _firm(firm_id, 409, **{name: form})
    return _saved(firm_id, done)


@door.post("/firms/<int:firm_id>/rename")
@requires(Action.FIRM_EDIT)
def rename(firm_id: int) -> ResponseReturnValue:
    form = RenameForm()

    def work(session: Session, found: Firm) -> None:
        version = int(form.version.data) if str(form.version.data).isdigit() else 0
        registry.rename(
            session, found, form.name.data, on=form.on.data, document=form.document.data, by=actor(), version=version
        )

    return _change(firm_id, form, "rename_form", work, tr("已更名，原名称记入曾用名。"))


@door.post("/firms/<int:firm_id>/names/<int:name_id>")
@requires(Action.FIRM_EDIT)
def correct_name(firm_id: int, name_id: int) -> ResponseReturnValue:
    form = NameDaysForm()

    def work(session: Session, found: Firm) -> None:
        former = firms.former_name(session, firm_id, name_id)
        days = {"since": form.since.data, "until": form.until.data, "document": form.document.data or ""}
        registry.correct_name(session, found, former, by=actor(), **days)

    return _change(firm_id, form, "days_form", work, tr("曾用名的起止日期已保存。"), failed=name_id)


@door.post("/firms/<int:firm_id>/offers/<int:offer_id>/decline")
@requires(Action.FIRM_EDIT)
def decline(firm_id: int, offer_id: int) -> ResponseReturnValue:
    form = ReasonForm()

    def work(session: Session, found: Firm) -> None:
        offered = queries.offer(session, firm_id, offer_id)
        registry.decline_name(session, found, offered, reason=form.reason.data, by=actor())

    return _change(firm_id, form, "reason_form", work, tr("已记为不是更名，以后不再提示。"), failed=offer_id)


@door.post("/firms/<int:firm_id>/events")
@requires(Action.FIRM_EDIT)
def event_add(firm_id: int) -> ResponseReturnValue:
    form = EventForm()

    def work(session: Session, found: Firm) -> None:
        text = form.parent.data or ""
        parent = queries.named(session, text, for_=actor()) if text and form.kind.data == EventKind.BRANCH else None
        registry.record_event(session, found, form.draft(parent.id if parent else None), by=actor())

    return _change(firm_id, form, "event_form", work, tr("登记变动已记录。"))


@door.post("/firms/<int:firm_id>/events/<int:event_id>/void")
@requires(Action.FIRM_EDIT)
def event_void(firm_id: int, event_id: int) -> ResponseReturnValue:
    form = ReasonForm()

    def work(session: Session, found: Firm) -> None:
        noted = queries.event(session, firm_id, event_id)
        registry.void_event(session, found, noted, reason=form.reason.data, by=actor())

    return _change(firm_id, form, "reason_form", work, tr("已作废，记录保留。"), failed=event_id)


@door.get("/duplicates")
@requires(Action.FIRM_READ)
def index() -> ResponseReturnValue:
    return _duplicates()


def _duplicates(status: int = 200, *, failed: int = 0, form: Form | None = None) -> ResponseReturnValue:
    asked = request.args.get("state", "")
    state = PairState(asked) if asked in set(PairState) else PairState.OPEN
    pairs, total, partly = duplicates.pairs(read(), actor(), state=state)
    shown = form or ReasonForm(formdata=None)
    merged = queries.records(read(), [(one.low.id, one.high.id) for one in pairs]) if state is PairState.MERGED else {}
    return page_named(
        "index", status, pairs=pairs, total=total, partly=partly, state=state, states=PairState.options(),
        reason_form=shown, failed=failed, merged=merged,
    )  # fmt: skip


@door.post("/duplicates/scan")
@requires(Action.FIRM_EDIT)
def scan() -> ResponseReturnValue:
    with transaction() as session:
        jobs.enqueue(session, SCAN, title=translate(tr("查找疑似重复的企业档案")), by=actor(), key=SCAN)
    flash(translate(tr("正在后台查找，完成后刷新本页查看。")), "success")
    return redirect(url_for("office.identity.index"))


@door.post("/duplicates/<int:pair_id>/apart")
@requires(Action.FIRM_EDIT)
def apart(pair_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.sent_and_valid():
        duplicates.pair(read(), pair_id, for_=actor())
        return _duplicates(422, failed=pair_id, form=form)
    with transaction() as session:
        found = duplicates.pair(session, pair_id, for_=actor())
        duplicates.keep_apart(session, found, reason=form.reason.data, by=actor())
    flash(translate(tr("已记为不是同一家，以后不再提示。")), "success")
    return redirect(url_for("office.identity.index"))


@door.post("/duplicates/<int:pair_id>/reopen")
@requires(Action.FIRM_EDIT)
def reopen(pair_id: int) -> ResponseReturnValue:
    with transaction() as session:
        duplicates.reopen(session, duplicates.pair(session, pair_id, for_=actor()), by=actor())
    flash(translate(tr("已恢复为待核对。")), "success")
    return redirect(url_for("office.identity.index"))


@door.get("/firms/<int:firm_id>/other")
@requires(Action.FIRM_MERGE)
def other(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    text = request.args.get("q", "").strip()
    hits = [one for one in firms.search(read(), text, for_=actor()) if one.id != firm_id]
    alike = (
        [one.firm for one in firms.namesakes(read(), found.name, for_=actor(), but=firm_id).seen] if not text else []
    )
    return page(firm=found, text=text, hits=hits or alike)


@door.route("/firms/<int:firm_id>/merge/<int:other_id>", methods=["GET", "POST"])
@requires(Action.FIRM_MERGE)
def compare(firm_id: int, other_id: int) -> ResponseReturnValue:
    """Merge ``other_id`` into ``firm_id``."""
    form = ReasonForm()
    if not form.sent_and_valid():
        return _compare(firm_id, other_id, form, 422 if form.errors else 200)
    try:
        with transaction() as session:
            survivor, loser = (firms.firm(session, number, for_=actor()) for number in (firm_id, other_id))
            done = merge.merge(session, survivor, loser, _choice(form), by=actor())
    except (Invalid, Conflict) as error:
        attach(Invalid("reason", error.message), form)
        return _compare(firm_id, other_id, form, 422)
    flash(translate(tr("已合并。“%(firm)s”的资料都在这里，名称记入曾用名。", firm=loser.name)), "success")
    return redirect(url_for("office.identity.merged", merge_id=done.id))


def _choice(form: ReasonForm) -> merge.Choice:
    fields = [name for name in merge.FIELDS if request.form.get(f"field-{name}") == "loser"]
    facts = [int(name[5:]) for name, value in request.form.items() if name.startswith("fact-") and value == "loser"
             and name[5:].isdigit() and len(name) < 16]  # fmt: skip
    return merge.Choice(form.reason.data or "", fields, facts)


def _compare(firm_id: int, other_id: int, form: ReasonForm, status: int) -> ResponseReturnValue:
    survivor, loser = (firms.firm(read(), number, for_=actor()) for number in (firm_id, other_id))
    seen = merge.outlook(read(), survivor, loser)
    sent = _choice(form) if request.method == "POST" else None
    return page(
        status,
        survivor=survivor,
        loser=loser,
        seen=seen,
        rows=sides.fields(read(), seen, sent.fields if sent else None),
        figures=sides.figures(read(), seen, sent.facts if sent else ()),
        moving=sides.moving(seen),
        refused=sorted({one.relation.name for one in seen.refused}),
        form=form,
    )


@door.get("/merges/<int:merge_id>")
@requires(Action.FIRM_READ)
def merged(merge_id: int) -> ResponseReturnValue:
    return _merged(merge_id)


def _merged(merge_id: int, status: int = 200, form: Form | None = None) -> ResponseReturnValue:
    line = queries.merge(read(), merge_id, for_=actor())
    survivor = read().get_one(Firm, line.merge.survivor_id)
    shown: dict[str, Any] = {
        "line": line,
        "counts": sides.counted(line.merge.counts),
        "obstacles": unmerge.obstacles(read(), line.merge),
        "changed": sides.labels(unmerge.changed_since(read(), line.merge, survivor)),
        "form": form or ReasonForm(formdata=None),
    }
    return page_named("merged", status, **shown)


@door.post("/merges/<int:merge_id>/undo")
@requires(Action.FIRM_UNMERGE)
def undo(merge_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.sent_and_valid():
        return _merged(merge_id, 422, form)
    try:
        with transaction() as session:
            line = queries.merge(session, merge_id, for_=actor())
            unmerge.unmerge(session, line.merge, reason=form.reason.data, by=actor())
    except (Invalid, Conflict) as error:
        attach(Invalid("reason", error.message), form)
        return _merged(merge_id, 422, form)
    flash(translate(tr("合并已撤销，两家企业恢复原状。")), "success")
    return redirect(url_for("office.identity.merged", merge_id=merge_id))
