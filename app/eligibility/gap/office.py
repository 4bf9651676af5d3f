"""The gap in the office: what is short, the way, calculations, answers on the telephone; and the assumptions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock
from app.core.errors import Invalid, NotFound
from app.core.text import Message, tr
from app.eligibility.engine.outcome import Outcome
from app.eligibility.gap import calculation, queries, service
from app.eligibility.gap.asking import About, answered, asked, choices, tried
from app.eligibility.gap.forms import AnswersForm, IntakeForm, LeverForm, WithdrawForm
from app.eligibility.reach.levers import Direction, Lever, Means, Who, defaults
from app.facts import keeping
from app.facts.catalogue import load_catalogue
from app.facts.writing import how_to_write
from app.firms import queries as firms
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks
from app.web.forms import attach
from app.web.i18n import translate
from app.web.incoming import whole
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("gap", __name__)


@door.get("/firms/<int:firm_id>/gap")
@requires(Action.ELIGIBILITY_READ)
def firm(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    return page(**_gap_page(found, AnswersForm()))


@door.route("/firms/<int:firm_id>/gap/calculate", methods=["GET", "POST"])
@requires(Action.ELIGIBILITY_READ)
def calculate(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    about = asked()
    try:
        sheet, rulebook, _taken = queries.figures(
            read(), found.id, about.edition, about.as_of, about.kind, today=clock.today(), carry=about.carry
        )
        made = calculation.calculate(rulebook, sheet, about.as_of, about.kind, tried())
    except Invalid as error:
        return page(422, firm=found, about=about, made=None, problem=error.message, **choices())
    return page(firm=found, about=about, made=made, problem=None, closed=calculation.closed(made), **choices())


@door.post("/firms/<int:firm_id>/gap/answers")
@requires(Action.CLAIM_STATE)
def answers(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    form = AnswersForm()
    given, problems = answered()
    if not form.sent_and_valid() or problems:
        return page_named("firm", 422, **_gap_page(found, form, problems))
    try:
        with transaction() as session:
            kept = service.keep_answers(session, found, given, form.who.data or "", by=actor())
    except Invalid as error:
        attach(error, form)
        return page_named("firm", 422, **_gap_page(found, form))
    flash(translate(tr("已记下 %(n)s 项电话答复，经审核后用于判定。", n=len(kept))), "success")
    return redirect(url_for("office.facts.firm", firm_id=firm_id))


# --- what the office assumes -----------------------------------------------------------------------------------------


@door.get("/eligibility/levers")
@requires(Action.ELIGIBILITY_READ)
def levers() -> ResponseReturnValue:
    own, known, text = queries.settings(read()), queries.levers(read()), request.args.get("q", "")[:60].strip()
    asked = queries.asked_by_editions(read())
    rows = [
        (indicator, known[indicator.key], own.get(indicator.key))
        for indicator in load_catalogue()
        if indicator.key in asked and (not text or text in indicator.label or text in indicator.short)
    ]
    return page(rows=rows)


@door.route("/eligibility/levers/edit", methods=["GET", "POST"])
@requires(Action.LEVER_SET)
def lever() -> ResponseReturnValue:
    key = request.args.get("key", "")[:60]
    if key not in load_catalogue():
        raise NotFound
    now, own = queries.levers(read())[key], queries.setting(read(), key)
    form = LeverForm(
        means=now.means.value, direction=now.direction.value, who=now.who.value, lead_days=now.lead_days,
        correct_days=now.correct_days, effort=now.effort, note=now.note, seen=str(own.version if own else 0),
    )  # fmt: skip
    shown: dict[str, Any] = {"indicator": load_catalogue().get(key), "form": form, "own": own,
                             "default": defaults()[key]}  # fmt: skip
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, **shown)
    wanted = Lever(
        key, Means(form.means.data), Who(form.who.data), Direction(form.direction.data), form.lead_days.data,
        form.correct_days.data, form.effort.data, form.note.data or "",
    )  # fmt: skip
    try:
        with transaction() as session:
            service.set_lever(session, wanted, by=actor(), seen=whole(form.seen.data) or 0)
    except Invalid as error:
        attach(error, form)
        return page(422, **shown)
    flash(translate(tr("设定已保存，今后的做法按此推算。")), "success")
    return redirect(url_for("office.eligibility.gap.levers"))


@door.get("/eligibility/intakes")
@requires(Action.ELIGIBILITY_READ)
def intakes() -> ResponseReturnValue:
    return page(intakes=queries.intakes(read()), titles=dict(queries.programmes(read())), today=clock.today())


@door.route("/eligibility/intakes/new", methods=["GET", "POST"])
@requires(Action.INTAKE_SET)
def intake() -> ResponseReturnValue:
    form = IntakeForm()
    form.programme.choices = queries.programmes(read())
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form)
    draft = service.IntakeDraft(
        form.programme.data, form.name.data or "", form.opens_on.data, form.closes_on.data, form.source.data or ""
    )
    try:
        with transaction() as session:
            service.add_intake(session, draft, by=actor())
    except Invalid as error:
        attach(error, form)
        return page(422, form=form)
    flash(translate(tr("申报批次已登记。")), "success")
    return redirect(url_for("office.eligibility.gap.intakes"))


@door.route("/eligibility/intakes/<int:intake_id>/withdraw", methods=["GET", "POST"])
@requires(Action.INTAKE_SET)
def withdraw(intake_id: int) -> ResponseReturnValue:
    found, form = queries.intake(read(), intake_id), WithdrawForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, intake=found, form=form)
    with transaction() as session:
        service.withdraw_intake(session, queries.intake(session, intake_id), form.why.data or "", by=actor())
    flash(translate(tr("申报批次已撤下。")), "success")
    return redirect(url_for("office.eligibility.gap.intakes"))


# --- pages -----------------------------------------------------------------------------------------------------------


def _gap_page(found: Firm, form: AnswersForm, problems: list[tuple[Message, str]] | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = {"firm": found, "form": form, "problems": problems or [], **choices()}
    about = asked()
    try:
        reached = queries.reached(
            read(), found.id, about.edition, about.as_of, about.kind, today=clock.today(), carry=about.carry
        )
    except Invalid as error:
        return {**shown, "about": about, "reached": None, "problem": error.message}
    boxes = {
        (one.key, one.year): how_to_write(keeping.indicator_of(one.key, one.year)) for one in reached.gap.questions
    }
    return {
        **shown,
        "about": about,
        "reached": reached,
        "problem": None,
        "how": boxes,
        "kinds_of": {one.key: keeping.indicator_of(one.key, one.year) for one in reached.gap.questions},
        "name_of": calculation.name_of,
        "typed": request.form,
        "next_year": _next_year(about),
        "waiting": [one for one in reached.gap.demands if one.obstacle.outcome is Outcome.UNKNOWN],
    }


def _next_year(about: About) -> About | None:
    """Return the application of next year, where the edition still governs it and it is not looked at already."""
    later = about.next_year
    governs = rulebooks.rulebook_of(about.edition).governs(later.as_of, later.kind)
    return later if governs and not about.carry and about.as_of.year <= clock.today().year else None
