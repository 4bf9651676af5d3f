"""Tasks in the office: lists, one task, a plan that becomes tasks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.accounts import queries as accounts
from app.core import clock
from app.core.errors import Invalid
from app.core.text import tr
from app.eligibility.gap import queries as gaps
from app.eligibility.gap.asking import About, asked
from app.engagement import agreed, queries, service
from app.engagement.forms import AdoptForm, ChangeForm, CloseForm, TaskForm
from app.engagement.models import TaskState
from app.engagement.queries import TaskFilter, TaskTab
from app.engagement.service import TaskDraft
from app.firms import queries as firms
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks
from app.web.forms import attach
from app.web.i18n import translate
from app.web.incoming import whole
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("engagement", __name__)


@door.get("/tasks")
@requires(Action.TASK_READ)
def index() -> ResponseReturnValue:
    wanted = TaskFilter.read(request.args, actor())
    return page(**_list(wanted), owners=firms.caseworker_options(read()))


@door.get("/firms/<int:firm_id>/tasks")
@requires(Action.TASK_READ)
def firm(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    return page(firm=found, **_list(queries.of_firm(TaskFilter.read(request.args, actor()), firm_id)))


@door.route("/firms/<int:firm_id>/tasks/new", methods=["GET", "POST"])
@requires(Action.TASK_CREATE)
def create(firm_id: int) -> ResponseReturnValue:
    found, form = firms.firm(read(), firm_id, for_=actor()), TaskForm(owner=actor().id)
    form.offer(_owners())
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, firm=found, form=form)
    draft = TaskDraft(form.title.data or "", form.owner.data, form.due_on.data, form.detail.data or "")
    try:
        with transaction() as session:
            made = service.create(session, firms.firm(session, firm_id, for_=actor()), draft, by=actor())
    except Invalid as error:
        attach(error, form)
        return page(422, firm=found, form=form)
    flash(translate(tr("任务已建立。")), "success")
    return redirect(url_for("office.engagement.show", task_id=made.id))


@door.route("/firms/<int:firm_id>/tasks/plan", methods=["GET", "POST"])
@requires(Action.TASK_CREATE)
def adopt(firm_id: int) -> ResponseReturnValue:
    found, about, today = firms.firm(read(), firm_id, for_=actor()), asked(), clock.today()
    form = AdoptForm(owner=found.caseworker_id or actor().id)
    form.owner.choices = _owners()
    reached = gaps.reached(read(), firm_id, about.edition, about.as_of, about.kind, today=today, carry=about.carry)
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, **_plan_page(found, about, reached, form))
    try:
        chosen = agreed.drafts(
            reached, request.form, request.form.getlist("step"), form.owner.data, form.detail.data or "", today
        )
        with transaction() as session:
            made = service.adopt(session, firms.firm(session, firm_id, for_=actor()), chosen, by=actor())
    except Invalid as error:
        attach(error, form)
        return page(422, **_plan_page(found, about, reached, form))
    flash(translate(tr("已建立 %(n)s 项任务。", n=len(made))), "success")
    return redirect(url_for("office.engagement.firm", firm_id=firm_id))


@door.get("/tasks/<int:task_id>")
@requires(Action.TASK_READ)
def show(task_id: int) -> ResponseReturnValue:
    row = queries.task(read(), task_id, for_=actor())
    close = CloseForm(formdata=None, seen=str(row.task.version))
    return page(**_shown(row, _change_form(row), close))


@door.post("/tasks/<int:task_id>/change")
@requires(Action.TASK_CHANGE)
def change(task_id: int) -> ResponseReturnValue:
    row = queries.task(read(), task_id, for_=actor())
    form = ChangeForm()
    form.offer(_owners())
    try:
        if not form.sent_and_valid():
            return page_named("show", 422, **_shown(row, form, CloseForm(formdata=None, seen=str(row.task.version))))
        with transaction() as session:
            found = queries.task(session, task_id, for_=actor()).task
            service.change(
                session, found, owner_id=form.owner.data, due_on=form.due_on.data, detail=form.detail.data or "",
                by=actor(), seen=whole(form.seen.data) or 0,
            )  # fmt: skip
    except Invalid as error:
        attach(error, form)
        return page_named("show", 422, **_shown(row, form, CloseForm(formdata=None, seen=str(row.task.version))))
    flash(translate(tr("任务已修改。")), "success")
    return redirect(url_for("office.engagement.show", task_id=task_id))


@door.post("/tasks/<int:task_id>/close")
@requires(Action.TASK_DONE)
def close(task_id: int) -> ResponseReturnValue:
    row = queries.task(read(), task_id, for_=actor())
    form = CloseForm()
    if not form.sent_and_valid():
        return page_named("show", 422, **_shown(row, _change_form(row), form))
    with transaction() as session:
        found = queries.task(session, task_id, for_=actor()).task
        service.close(
            session, found, TaskState(form.end.data), form.note.data or "", by=actor(), seen=whole(form.seen.data) or 0
        )
    flash(translate(tr("任务已结束。")), "success")
    return redirect(url_for("office.engagement.firm", firm_id=row.task.firm_id))


def _list(wanted: TaskFilter) -> dict[str, Any]:
    counts = queries.counts(read(), wanted, for_=actor())
    after, before = request.args.get("after", ""), request.args.get("before", "")
    total = counts[wanted.tab.value]
    rows = queries.page_of(read(), wanted, for_=actor(), total=total, after=after, before=before)
    editions = rulebooks.codes(read(), [row.task.edition_id for row in rows.items if row.task.edition_id is not None])
    return {"rows": rows, "counts": counts, "wanted": wanted, "tabs": list(TaskTab), "editions": editions}


def _shown(row: queries.TaskRow, form: ChangeForm, close: CloseForm) -> dict[str, Any]:
    editions = rulebooks.codes(read(), [row.task.edition_id] if row.task.edition_id is not None else [])
    edition = editions.get(row.task.edition_id or 0)
    named = row.task.clause if edition is not None else ""
    clauses = rulebooks.rulebook_of(edition).clauses if edition is not None and named else ()
    return {
        "row": row,
        "edition": edition,
        "clause": next((clause for clause in clauses if clause.id == named), None),
        "form": form,
        "close_form": close,
    }


def _change_form(row: queries.TaskRow) -> ChangeForm:
    task = row.task
    form = ChangeForm(
        formdata=None, owner=task.owner_id, due_on=task.due_on, detail=task.detail, seen=str(task.version)
    )
    form.offer(_owners())
    return form


def _owners() -> list[tuple[int, str]]:
    return [(one.id, one.name) for one in accounts.caseworkers(read())]


def _plan_page(found: Firm, about: About, reached: gaps.Reached, form: AdoptForm) -> dict[str, Any]:
    rulebook = rulebooks.rulebook_of(about.edition)
    return {
        "firm": found,
        "about": about,
        "reached": reached,
        "offers": agreed.offers(reached, clock.today()),
        "articles": {clause.id: clause.article for clause in rulebook.clauses},
        "form": form,
        "ticked": request.form.getlist("step"),
        "sent": request.form,
    }
