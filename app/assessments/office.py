"""What firms submitted, for the bureau: answers beside what is held, what changed, returning and accepting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.assessments import attached, carrying, checks, queries, returned, reviewing
from app.assessments.forms import AcceptForm, ReturnForm
from app.assessments.models import SubmissionState
from app.assessments.places import Place, field_of
from app.assessments.preview import preview as previewed
from app.assessments.receipts import papers as submitted
from app.assessments.receipts import queries as receipts
from app.assessments.receipts import service as issuing
from app.assessments.reviewing import Draft
from app.core import clock
from app.core.errors import Invalid
from app.core.text import tr
from app.facts import display, keeping
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.incoming import whole
from app.web.render import page, page_named
from app.web.session import read, settings, transaction
from app.web.surfaces import actor, requires

door = Blueprint("assessments", __name__, url_prefix="/assessments")
DAYS_TO_MEND = 10


@door.get("/")
@requires(Action.ASSESSMENT_READ)
def index() -> ResponseReturnValue:
    asked = request.args.get("state", "")
    state = SubmissionState(asked) if asked in set(SubmissionState) else SubmissionState.WAITING
    return page(rows=queries.queue(read(), for_=actor(), state=state), state=state, states=SubmissionState,
                drafts=queries.drafts(read(), for_=actor()))  # fmt: skip


@door.get("/<int:assessment_id>/submissions/<int:number>")
@requires(Action.ASSESSMENT_READ)
def submission(assessment_id: int, number: int) -> ResponseReturnValue:
    return page(**_about(assessment_id, number), return_form=_return_form(), accept_form=AcceptForm(), chosen={})


def _return_form() -> ReturnForm:
    return ReturnForm(due_on=clock.today() + timedelta(days=DAYS_TO_MEND))


def _about(assessment_id: int, number: int) -> dict[str, Any]:
    """Return what the page of a submission shows: its places, those that changed, what is odd, the preview."""
    found = queries.form(read(), assessment_id, for_=actor())
    made = queries.submission(read(), assessment_id, number)
    filled = queries.filled(read(), found)
    before = queries.submission(read(), assessment_id, number - 1) if number > 1 else None
    changes = returned.changed(before.content, made.content) if before else []
    only = request.args.get("show") == "changed" and before is not None
    places = {change.place for change in changes}
    told: dict[Place, list[checks.Fault]] = {}
    papers = attached.by_id(read(), [number for one in made.content for number in returned.papers_of(one)])
    for fault in checks.faults(filled) if made.state is SubmissionState.WAITING else []:
        told.setdefault(fault.place, []).append(fault)
    return {
        "form": found, "made": made, "filled": filled, "preview": previewed(filled, today=clock.today()), "only": only,
        "told": told,
        "changes": {change.place: change for change in changes},
        "rows": [one for one in made.content if not only or Place(one["key"], one["year"]) in places],
        "dropped": [change for change in changes if change.is_dropped],
        "answered": returned.answered(read(), before, made) if before else [],
        "place": Place, "items": returned.items(read(), made.id), "name_of": keeping.name_of,
        "papers": papers, "moved": submitted.moved(made.content, papers), "validity": submitted.validity,
        "with_unit": display.with_unit, "submissions": queries.submissions(read(), assessment_id),
        "receipts": receipts.offered(read(), made),
    }  # fmt: skip


@door.post("/<int:assessment_id>/submissions/<int:number>/return")
@requires(Action.ASSESSMENT_RETURN)
def give_back(assessment_id: int, number: int) -> ResponseReturnValue:
    form, drafts = ReturnForm(), _drafts()
    try:
        if not form.validate():
            raise Invalid("", tr("没有退回，请按提示修改。"))
        with transaction() as session:
            found = queries.form(session, assessment_id, for_=actor())
            reviewing.return_for_correction(
                session, found.row, number, drafts, form.due_on.data, by=actor(), note=form.note.data or ""
            )
            issuing.follow(session, assessment_id, number, by=actor(), public_url=settings().public_url)
    except Invalid as error:
        attach(error, form)
        chosen = {draft.place: draft for draft in drafts}
        return page_named(
            "submission", 422, return_form=form, accept_form=AcceptForm(), chosen=chosen,
            **_about(assessment_id, number),
        )  # fmt: skip
    flash(translate(tr("已退回 %(n)s 项，企业会在门户看到逐项意见。", n=len(drafts))), "success")
    return redirect(url_for("office.assessments.submission", assessment_id=assessment_id, number=number))


def _drafts() -> list[Draft]:
    """Return what was ticked, with the words beside it."""
    found = []
    for name in request.form.getlist("item"):
        field = field_of(name)
        if field is not None:
            sent = request.form
            found.append(Draft(field.place, sent.get(f"why-{name}", ""), sent.get(f"clause-{name}", ""),
                               sent.get(f"example-{name}", "")))  # fmt: skip
    return found


@door.post("/<int:assessment_id>/submissions/<int:number>/accept")
@requires(Action.ASSESSMENT_ACCEPT)
def accept(assessment_id: int, number: int) -> ResponseReturnValue:
    form: Form = AcceptForm()
    if not form.validate():
        raise Invalid("reason", tr("采信理由不超过 500 字。"))
    with transaction() as session:
        found = queries.form(session, assessment_id, for_=actor())
        report = reviewing.accept(session, found.row, number, by=actor(), reason=form["reason"].data or "")
        issuing.follow(session, assessment_id, number, by=actor(), public_url=settings().public_url)
    held, left = len(report.accepted) + len(report.confirmed), len(report.refused)
    flash(translate(tr("已核定，%(held)s 个数据记入核定值，%(left)s 个与其他来源不一致，留在数据审核中由人选定。",
                       held=held, left=left)), "success")  # fmt: skip
    return redirect(url_for("office.assessments.submission", assessment_id=assessment_id, number=number))


@door.route("/editions", methods=["GET", "POST"])
@requires(Action.ASSESSMENT_CARRY)
def editions() -> ResponseReturnValue:
    """What it does to drafts to move them to a new edition, before it is done."""
    form = Form()
    if form.sent_and_valid():
        before, after = whole(request.form.get("before")) or 0, whole(request.form.get("after")) or 0
        with transaction() as session:
            moved = carrying.carry(session, before, after, by=actor())
        flash(translate(tr("%(n)s 份草稿已转到新版本，已填的内容都保留。", n=moved)), "success")
        return redirect(url_for("office.assessments.editions"))
    return page(moves=carrying.moves(read()), name_of=keeping.name_of)
