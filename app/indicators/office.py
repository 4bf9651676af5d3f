"""The catalogue of indicators in the office: what there is, and the office's own, defined without a developer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock
from app.core.errors import Invalid
from app.core.text import N_, tr
from app.facts.catalogue import Indicator
from app.facts.definitions import FIRST_YEAR, Composed, is_own
from app.facts.formula import written
from app.facts.table import found_by
from app.indicators import queries, service
from app.indicators.forms import KINDS, PERIODS, ChangeForm, CreateForm, RetireForm, form_values
from app.indicators.models import CustomIndicator
from app.web.forms import attach
from app.web.i18n import translate
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("indicators", __name__, url_prefix="/indicators")
OWN, RETIRED, EVERYTHING = "own", "retired", "all"


@door.get("/")
@requires(Action.CATALOGUE_READ)
def index() -> ResponseReturnValue:
    catalogue, text = queries.composed(read()), request.args.get("q", "")[:60]
    show = request.args.get("show") if request.args.get("show") in (OWN, RETIRED) else EVERYTHING
    retired = [one.latest.indicator for one in catalogue.own.values() if one.retired_on is not None]
    own = [one for one in catalogue if is_own(one.key)]
    chosen: Sequence[Indicator] = {OWN: own, RETIRED: retired}.get(str(show), list(catalogue))
    found = [one for one in chosen if found_by(one, text)]
    groups = [(name, [one for one in found if one.group == name]) for name in dict.fromkeys(i.group for i in found)]
    return page(
        groups=groups,
        show=show,
        counts={EVERYTHING: len(list(catalogue)), OWN: len(own), RETIRED: len(retired)},
        ids=queries.ids_by_key(read()),
        formulas=_formulas(catalogue),
        kinds={**dict(KINDS), **OTHER_KINDS},
        periods={**dict(PERIODS), **OTHER_PERIODS},
    )


OTHER_KINDS = {
    "dates": N_("日期列表"),
    "code": N_("代码"),
    "records": N_("登记表"),
    "year": N_("年份"),
    "doc": N_("材料"),
}
OTHER_PERIODS = {
    "event": N_("事件"),
    "last_3_years": N_("近三年"),
    "cumulative": N_("累计"),
    "consecutive": N_("连续年数"),
    "biennial": N_("两年一次"),
    "derived": N_("系统推出"),
}


def _formulas(catalogue: Composed) -> dict[str, str]:
    found = {key: one.latest.formula for key, one in catalogue.own.items()}
    return {key: written(formula, catalogue) for key, formula in found.items() if formula}


@door.get("/<int:indicator_id>")
@requires(Action.CATALOGUE_READ)
def show(indicator_id: int) -> ResponseReturnValue:
    return page(**_shown(queries.indicator(read(), indicator_id), RetireForm(formdata=None, on=clock.today())))


def _shown(found: CustomIndicator, form: RetireForm) -> dict[str, Any]:
    catalogue = queries.composed(read())
    own = catalogue.own[found.key]
    return {
        "indicator": found,
        "definitions": list(reversed(found.definitions)),
        "formulas": {v.number: written(v.formula, catalogue) for v in own.versions if v.formula},
        "uses": queries.uses(read(), found.key),
        "form": form,
        "first_year": FIRST_YEAR,
        "kinds": dict(KINDS),
        "periods": dict(PERIODS),
    }


@door.route("/new", methods=["GET", "POST"])
@requires(Action.CATALOGUE_CREATE)
def create() -> ResponseReturnValue:
    form = CreateForm()
    form.offer(queries.composed(read()))
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, groups=queries.composed(read()).groups())
    draft = replace(form.draft(), key=form.key.data or "", kind=form.kind.data, period=form.period.data)
    try:
        with transaction() as session:
            found = service.create(session, draft, by=actor())
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, groups=queries.composed(read()).groups())
    flash(translate(tr("已新增指标『%(label)s』，现在就可以填报和导入。", label=draft.label)), "success")
    return redirect(url_for("office.indicators.show", indicator_id=found.id))


@door.route("/<int:indicator_id>/change", methods=["GET", "POST"])
@requires(Action.CATALOGUE_CHANGE)
def change(indicator_id: int) -> ResponseReturnValue:
    found = queries.indicator(read(), indicator_id)
    kept = service.draft_of(found, found.definitions[-1])
    if request.method == "GET":
        values = {**form_values(kept), "version": found.version, "effective_year": clock.today().year}
        form = ChangeForm(formdata=None, data=values)
    else:
        form = ChangeForm()
    form.offer(queries.composed(read()))
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, indicator=found, groups=queries.composed(read()).groups())
    draft = replace(form.draft(), effective_year=form.effective_year.data)
    try:
        with transaction() as session:
            again = queries.indicator(session, indicator_id)
            version = int(form.version.data) if str(form.version.data).isdigit() else 0
            changed = service.change(session, again, draft, why=form.why.data, version=version, by=actor())
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, indicator=found, groups=queries.composed(read()).groups())
    message = tr("新定义已保存，以前年度仍按原定义显示。") if changed else tr("内容没有变化，未作修改。")
    flash(translate(message), "success" if changed else "info")
    return redirect(url_for("office.indicators.show", indicator_id=indicator_id))


@door.post("/<int:indicator_id>/retire")
@requires(Action.CATALOGUE_RETIRE)
def retire(indicator_id: int) -> ResponseReturnValue:
    form = RetireForm()
    try:
        if not form.validate():
            return page_named("show", 422, **_shown(queries.indicator(read(), indicator_id), form))
        with transaction() as session:
            found = queries.indicator(session, indicator_id)
            on = form.on.data or clock.today()
            service.retire(session, found, on=on, reason=form.reason.data or "", by=actor())
    except Invalid as error:
        attach(error, form)
        return page_named("show", 422, **_shown(queries.indicator(read(), indicator_id), form))
    flash(translate(tr("指标已停用，已有数据仍可查阅。")), "success")
    return redirect(url_for("office.indicators.show", indicator_id=indicator_id))


@door.post("/<int:indicator_id>/take-up")
@requires(Action.CATALOGUE_RETIRE)
def take_up(indicator_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.take_up(session, queries.indicator(session, indicator_id), by=actor())
    flash(translate(tr("指标已恢复使用。")), "success")
    return redirect(url_for("office.indicators.show", indicator_id=indicator_id))
