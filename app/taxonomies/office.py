"""Taxonomies in the office: versions and use, a new version of the chains, and reclassifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock
from app.core.errors import Invalid
from app.core.text import tr
from app.firms import industries
from app.firms import queries as firms
from app.taxonomies import queries, service
from app.taxonomies.built_in import taxonomies
from app.taxonomies.forms import ChainsForm, EditionForm, ReasonForm
from app.taxonomies.models import Reclassified
from app.web.forms import attach
from app.web.i18n import translate
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("taxonomies", __name__)
SHOWN = 8


@door.get("/taxonomies")
@requires(Action.TAXONOMY_READ)
def index() -> ResponseReturnValue:
    built_in = [
        (one, queries.used(read(), name, for_=actor())) for name, one in taxonomies().items() if one.entries
    ]  # fmt: skip
    return page(
        built_in=built_in,
        chains=taxonomies()["chains"],
        editions=queries.editions(read()),
        chain_counts=queries.chain_counts(read(), for_=actor()),
        remaps=queries.remaps(read()),
        today=clock.today(),
    )


@door.get("/taxonomies/industries")
@requires(Action.TAXONOMY_READ)
def industry_table() -> ResponseReturnValue:
    text = request.args.get("q", "")[:60]
    counts = queries.used_with_parts(queries.used(read(), "industries", for_=actor()))
    rows = industries.search(text)
    total = len(industries.industries())
    return page(
        rows=rows, counts=counts, text=text, levels=industries.LEVELS, standard=industries.STANDARD, total=total
    )


@door.route("/taxonomies/chains/new", methods=["GET", "POST"])
@requires(Action.TAXONOMY_EDIT)
def create() -> ResponseReturnValue:
    form = EditionForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form)
    try:
        with transaction() as session:
            made = service.add_edition(session, form.draft(), by=actor())
    except Invalid as error:
        attach(error, form)
        return page(422, form=form)
    flash(translate(tr("新版本已录入。")), "success")
    earlier = queries.before(read(), made.effective_from)
    if earlier is None:
        return redirect(url_for("office.taxonomies.index"))
    return redirect(url_for("office.taxonomies.chains", edition_id=made.id))


@door.route("/taxonomies/chains/<int:edition_id>/remap", methods=["GET", "POST"])
@requires(Action.TAXONOMY_REMAP)
def chains(edition_id: int) -> ResponseReturnValue:
    new = queries.edition(read(), edition_id)
    old = queries.before(read(), new.effective_from)
    counts = queries.chain_counts(read(), for_=actor())
    rows = [(chain.id, chain.name, counts.get(chain.id, 0)) for chain in old.chains] if old is not None else []
    same = {chain.name: str(chain.id) for chain in new.chains}
    choices = [(str(chain.id), chain.name) for chain in new.chains]
    chosen = _chosen([key for key, _name, _count in rows], {key: same.get(name, "") for key, name, _n in rows})
    known = {value for value, _label in choices} | {"none"}
    rules = {key: None if value == "none" else int(value) for key, value in chosen.items() if value in known}
    title = translate(tr("产业链：%(old)s → %(new)s", old=old.title if old else "", new=new.title))
    return _reclassify(Reclassified.CHAIN, rules, title, rows=rows, choices=choices, chosen=chosen, old=old, new=new)


@door.route("/taxonomies/industries/remap", methods=["GET", "POST"])
@requires(Action.TAXONOMY_REMAP)
def industry_codes() -> ResponseReturnValue:
    texts, waiting = queries.free_texts(read())
    rows = [(place, one.text, one.firms) for place, one in enumerate(texts)]
    choices = {place: [(near.code, str(near)) for near in one.near] for place, one in enumerate(texts)}
    sure = {
        place: found.code if (found := industries.find(one.text)) is not None else "" for place, one in enumerate(texts)
    }
    chosen = _chosen(list(sure), sure)
    rules = {
        texts[place].text: code for place, code in chosen.items() if code in {value for value, _l in choices[place]}
    }
    title = translate(tr("行业代码：%(n)s 种写法对应 GB/T 4754-2017", n=len(rules)))
    return _reclassify(
        Reclassified.INDUSTRY, rules, title, rows=rows, choices=choices, chosen=chosen, waiting=waiting
    )  # fmt: skip


def _chosen(keys: Sequence[int], at_first: Mapping[int, str]) -> dict[int, str]:
    """Return what was chosen for each row: as sent, or as proposed when the page is opened."""
    if request.method == "GET":
        return {key: at_first[key] for key in keys}
    return {key: request.form.get(f"to-{key}", "")[:20] for key in keys}


def _reclassify(kind: Reclassified, rules: Mapping[Any, Any], title: str, **context: Any) -> ResponseReturnValue:
    """Show the rules; on the first sending what they would do; carry them out when that was confirmed."""
    form = ReasonForm()
    if request.method == "GET":
        return page(form=form, changes=None, total=0, **context)
    try:
        if not form.validate():
            return page(422, form=form, changes=None, total=0, **context)
        if request.form.get("step") == "apply":
            expected = request.form.get("expected", "")
            with transaction() as session:
                made = service.apply(
                    session, kind, rules, title=title, reason=form.reason.data or "", by=actor(),
                    expected=int(expected) if expected.isascii() and expected.isdigit() and len(expected) < 9 else -1,
                )  # fmt: skip
            flash(translate(tr("已调整 %(n)s 家企业的分类，可以撤销。", n=made.firms)), "success")
            return redirect(url_for("office.taxonomies.remap", remap_id=made.id))
        changes = service.preview(read(), kind, rules)
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, changes=None, total=0, **context)
    return page(form=form, changes=changes[:SHOWN], total=len(changes), **context)


@door.get("/taxonomies/remaps/<int:remap_id>")
@requires(Action.TAXONOMY_READ)
def remap(remap_id: int) -> ResponseReturnValue:
    found = queries.remap(read(), remap_id)
    return page(remap=found, firms=queries.lines(read(), remap_id, for_=actor()))


@door.post("/taxonomies/remaps/<int:remap_id>/undo")
@requires(Action.TAXONOMY_REMAP)
def undo(remap_id: int) -> ResponseReturnValue:
    with transaction() as session:
        done = service.undo(session, queries.remap(session, remap_id), by=actor())
    flash(translate(tr("已恢复 %(n)s 家企业原来的分类。", n=done.restored)), "success")
    if done.left_alone:
        names = "、".join(done.left_alone[:SHOWN])
        why = tr("%(n)s 家企业之后又有修改，保留现状：%(names)s。", n=len(done.left_alone), names=names)
        flash(translate(why), "warning")
    return redirect(url_for("office.taxonomies.remap", remap_id=remap_id))


@door.route("/firms/<int:firm_id>/chains", methods=["GET", "POST"])
@requires(Action.FIRM_EDIT)
def firm(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    present = next((one for one in queries.editions(read()) if one.effective_from <= clock.today()), None)
    kept = queries.chains_of(read(), firm_id)
    mine = [one.chain_id for one in kept if present is not None and one.chain.edition_id == present.id]
    form = ChainsForm() if request.method == "POST" else ChainsForm(chains=mine)
    form.chains.choices = [(chain.id, chain.name) for chain in present.chains] if present is not None else []
    primary = request.form.get("primary", str(mine[0]) if mine else "")
    if present is None or not form.sent_and_valid():
        return page(422 if form.errors else 200, firm=found, form=form, present=present, primary=primary)
    wanted = sorted(form.chains.data or [], key=lambda one: str(one) != primary)
    with transaction() as session:
        service.set_chains(session, firms.firm(session, firm_id, for_=actor()), wanted, by=actor())
    flash(translate(tr("已保存。")), "success")
    return redirect(url_for("office.firms.show", firm_id=firm_id))
