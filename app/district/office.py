"""The whole district in the office: the call list, what is within reach, who stands close to a threshold."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock
from app.core.errors import Invalid
from app.core.paging import PAGE_SIZE, Page
from app.core.text import Message, tr
from app.district import asking, calls, margins, queries, service
from app.district.calls import Which
from app.district.plan import RANKS, plan
from app.district.questions import Call
from app.eligibility.forms import KINDS
from app.eligibility.gap import calculation
from app.eligibility.gap import queries as assumed
from app.eligibility.gap import service as gaps
from app.eligibility.gap.asking import answered
from app.eligibility.gap.forms import AnswersForm
from app.eligibility.runs.models import EligibilityRun
from app.facts import keeping
from app.facts.writing import how_to_write
from app.firms import contacts
from app.firms import queries as firms
from app.firms.taxonomy import Town
from app.jobs import queries as jobs
from app.jobs.models import FINISHED
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.incoming import number
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("district", __name__)


def _run() -> EligibilityRun | None:
    return queries.newest_run(read(), asking.kind_of(request.args))


def _common(run: EligibilityRun | None) -> dict[str, Any]:
    return {"run": run, "kinds": dict(KINDS), "towns": [(one.value, one.label) for one in Town],
            "editions": [(one["id"], one["title"]) for one in run.editions] if run else [], "today": clock.today(),
            "mask_phone": contacts.mask_phone}  # fmt: skip


# --- the call list ---------------------------------------------------------------------------------------------------


@door.get("/district")
@requires(Action.DISTRICT_READ)
def index() -> ResponseReturnValue:
    run, wanted = _run(), asking.calls_wanted(request.args)
    found: Page[Call] = Page([], 0)
    counts: dict[Which, int] = {}
    if run is not None:
        each = calls.waiting_each(read(), run, wanted, for_=actor())
        counts = {which: len(held) for which, held in each.items()}
        found = calls.page_of(read(), run, each[wanted.which], number("after") or number("before") or 0, for_=actor())
    return page(**_common(run), wanted=wanted, ways=list(Which), counts=counts, found=found, shown=calls.SHOWN)


@door.get("/district/sheet")
@requires(Action.DISTRICT_READ)
def sheet() -> ResponseReturnValue:
    run, wanted = _run(), asking.calls_wanted(request.args)
    found: list[Call] = []
    total = 0
    if run is not None:
        held = calls.waiting_each(read(), run, wanted, for_=actor())[wanted.which]
        total = len(held)
        found = calls.calls(read(), run, dict(list(held.items())[: calls.MOST_PRINTED]), for_=actor())
    return page(**_common(run), wanted=wanted, found=found, total=total)


@door.get("/firms/<int:firm_id>/call")
@requires(Action.DISTRICT_READ)
def call(firm_id: int) -> ResponseReturnValue:
    return page(**_call_page(firm_id, AnswersForm()))


@door.post("/firms/<int:firm_id>/call/answers")
@requires(Action.CLAIM_STATE)
def answers(firm_id: int) -> ResponseReturnValue:
    found, form = firms.firm(read(), firm_id, for_=actor()), AnswersForm()
    given, problems = answered()
    if not form.sent_and_valid() or problems:
        return page_named("call", 422, **_call_page(firm_id, form, problems))
    try:
        with transaction() as session:
            kept = gaps.keep_answers(session, found, given, form.who.data or "", by=actor())
    except Invalid as error:
        attach(error, form)
        return page_named("call", 422, **_call_page(firm_id, form))
    flash(translate(tr("已记下 %(n)s 项电话答复，经审核后用于判定。", n=len(kept))), "success")
    return redirect(url_for("office.district.call", firm_id=firm_id, kind=asking.kind_of(request.args)))


@door.post("/firms/<int:firm_id>/call/contacts/<int:contact_id>/reveal")
@requires(Action.FIRM_REVEAL)
def reveal(firm_id: int, contact_id: int) -> ResponseReturnValue:
    with transaction() as session:
        firms.firm(session, firm_id, for_=actor())
        contacts.reveal(session, firms.contact(session, firm_id, contact_id), by=actor())
    return page_named("call", **_call_page(firm_id, AnswersForm(formdata=None), revealed=contact_id))


def _call_page(
    firm_id: int, form: AnswersForm, problems: list[tuple[Message, str]] | None = None, revealed: int = 0
) -> dict[str, Any]:
    run = _run()
    firm = firms.firm(read(), firm_id, for_=actor())
    found = calls.call_of(read(), run, firm_id, for_=actor()) if run is not None else None
    asks = found.asks if found is not None else ()
    indicators = {one.place: keeping.indicator_of(one.key, one.year) for one in asks}
    return {
        **_common(run), "firm": firm, "call": found, "form": form, "problems": problems or [], "revealed": revealed,
        "people": calls.contacts_of(read(), firm_id), "indicators": indicators, "typed": request.form,
        "how": {place: how_to_write(one) for place, one in indicators.items()}, "name_of": calculation.name_of,
    }  # fmt: skip


# --- what is within reach --------------------------------------------------------------------------------------------


@door.get("/district/gains")
@requires(Action.DISTRICT_READ)
def gains() -> ResponseReturnValue:
    run, wanted = _run(), asking.gains_wanted(request.args)
    last, whole = queries.newest(read(), complete=False), queries.newest(read(), complete=True)
    shown: dict[str, Any] = {"found": None, "counts": {}, "choices": []}
    if whole is not None:
        start = number("after") or number("before") or 0
        shown = {
            "found": queries.gains(read(), whole, wanted, start, for_=actor()),
            "counts": queries.counts(read(), whole, for_=actor()),
            "choices": [(one.id, one.title) for one in queries.editions_of(read(), whole)],
        }
    return page(
        **_common(run), **shown, wanted=wanted, survey=whole, last=last, plan=plan(), ranks=RANKS, form=Form(),
        names=dict(assumed.programmes(read())),
        job=jobs.if_visible(read(), last.job_id, for_=actor()) if last and not last.is_complete else None,
        finished=FINISHED,
    )  # fmt: skip


@door.post("/district/gains/survey")
@requires(Action.DISTRICT_SURVEY)
def survey() -> ResponseReturnValue:
    with transaction() as session:
        run = queries.run_to_survey(session, asking.kind_of(request.form))
        service.request(session, run, by=actor())
    flash(translate(tr("已开始逐家推算，完成后在本页显示结果。")), "info")
    return redirect(url_for("office.district.gains"))


@door.post("/district/gains/<int:survey_id>/resume")
@requires(Action.DISTRICT_SURVEY)
def resume(survey_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.resume(session, queries.survey(session, survey_id, lock=True), by=actor())
    flash(translate(tr("已继续推算。")), "info")
    return redirect(url_for("office.district.gains"))


# --- close to a threshold --------------------------------------------------------------------------------------------


@door.get("/district/margins")
@requires(Action.DISTRICT_READ)
def close() -> ResponseReturnValue:
    run, wanted = _run(), asking.margins_wanted(request.args)
    shown = margins.shown(read(), run, wanted, number("after") or number("before") or 0, for_=actor()) if run else None
    return page(**_common(run), wanted=wanted, shown=shown, page_size=PAGE_SIZE)
