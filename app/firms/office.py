"""Firms in the office: the list, one firm's identity, people, names, rosters, timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.access.policy import decide
from app.accounts import queries as accounts
from app.core import clock
from app.core.errors import Invalid
from app.core.paging import Page
from app.core.revision import Kept
from app.core.text import N_, Message, tr
from app.firms import contacts, credit_code, export, industries, listing, panels, queries, sentence, service
from app.firms.appearance import list_words
from app.firms.filtering import NOBODY, FirmFilter
from app.firms.forms import AssignForm, ContactForm, FirmForm, FormerNameForm, RosterForm
from app.firms.queries import LARGEST_ID, Namesakes
from app.firms.service import CodeDoubtful, EditedMeanwhile
from app.firms.taxonomy import FirmStatus
from app.firms.versions import differences
from app.web.forms import Form, attach
from app.web.i18n import safe_target, translate
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("firms", __name__, url_prefix="/firms")
_kept_caseworkers: Kept[list[tuple[int, str]]] = Kept()

TABS = (
    ("overview", N_("概览"), "office.dashboards.firm", Action.DASHBOARD_READ),
    ("identity", N_("基本信息"), "office.firms.show", Action.FIRM_READ),
    ("figures", N_("指标数据"), "office.facts.firm", Action.FACT_READ),
    ("documents", N_("材料库"), "office.facts.documents.index", Action.DOCUMENT_READ),
    ("programmes", N_("培育专项"), "office.programmes.firm", Action.PROGRAMME_READ),
    ("recognitions", N_("资质认定"), "office.recognitions.firm", Action.RECOGNITION_READ),
    ("verdicts", N_("资格判定"), "office.eligibility.firm", Action.ELIGIBILITY_READ),
    ("history", N_("名称与变动"), "office.identity.firm", Action.FIRM_READ),
    ("timeline", N_("动态"), "office.timeline.firm", Action.FIRM_READ),
)


@door.app_template_global()
def firm_tabs(firm_id: int) -> list[dict[str, str]]:
    """Return the tabs of a firm's page that stand and that the person may open."""
    return [
        {"key": key, "label": label, "url": url_for(endpoint, firm_id=firm_id)}
        for key, label, endpoint, action in TABS
        if endpoint in current_app.view_functions and decide(actor(), action).allowed
    ]


@door.app_template_global()
def firm_list_words() -> dict[str, Any]:
    """Return what the list's templates look up by value: labels, tones, options of the filters."""
    return list_words(translate, clock.today().year)


@door.app_template_global()
def firm_home(endpoint: str) -> tuple[str, str]:
    """Return what stands before and after a firm's number in the address of its page."""
    before, _, after = url_for(endpoint, firm_id=0).rpartition("0")
    return before, after


def menu_count(session: Session, person: Actor) -> int:
    """Return the number beside the menu entry; the list has counted already."""
    return int(g.firms_total) if "firms_total" in g else queries.count(session, person)


@door.get("/")
@requires(Action.FIRM_READ)
def index() -> ResponseReturnValue:
    wanted, sort = FirmFilter.read(request.args), listing.known_sort(request.args.get("sort", ""))
    found = listing.kept_listing(
        read(),
        actor(),
        wanted,
        sort,
        after=request.args.get("after", ""),
        before=request.args.get("before", ""),
    )
    may_assign, may_export = (decide(actor(), one).allowed for one in (Action.FIRM_ASSIGN, Action.FIRM_EXPORT))
    rows = tuple(found.page.items)  # parts of the page are remembered by their values
    foot: Page[int] = Page(
        range(len(rows)), found.page.total, found.page.after, found.page.before, found.page.is_capped
    )  # how many, not which
    if wanted.is_empty:
        g.firms_total = found.total  # the menu counts the same firms
    shown = {
        "rows": rows,
        "foot": foot,
        "sort": sort,
        "home": _home(),
        "counts": (found.total, *found.by_cluster.items()),
        "capped_at": found.capped_at,
        "caseworkers": tuple(_caseworkers()),
        "may_assign": may_assign,
        "may_export": may_export,
        "unfiltered": wanted.is_empty,
        "sentence": tuple((name, translate(words)) for name, words in sentence.parts(read(), wanted)),
    }
    query = request.query_string.decode("ascii", "ignore")
    return page(found=found, wanted=wanted, shown=shown, query=query)


@door.route("/export", methods=["GET", "POST"])
@requires(Action.FIRM_EXPORT)
def export_list() -> ResponseReturnValue:
    """A view, or the firms chosen in it, through the export centre: it asks for a purpose when there are many."""
    if request.method == "GET":
        view: dict[str, Any] = {"kind": export.KIND.key, **export.clean(request.args)}
        return redirect(url_for("office.exports.create", **view))
    firms = queries.chosen(read(), _ids(), for_=actor())
    ids = ",".join(str(one.id) for one in firms)
    return redirect(url_for("office.exports.create", kind=export.CHOSEN.key, ids=ids))


@door.post("/assign")
@requires(Action.FIRM_ASSIGN)
def assign() -> ResponseReturnValue:
    back = safe_target(request.form.get("next"), url_for("office.firms.index"))
    ids = _ids()
    if not ids:
        flash(translate(tr("没有选择企业，请先在列表中勾选。")), "warning")
        return redirect(back)
    form = _assign_form()
    if "caseworker" not in request.form:
        return page(form=form, firms=queries.chosen(read(), ids, for_=actor()), back=back)
    try:
        with transaction() as session:
            firms = queries.chosen(session, ids, for_=actor())
            chosen = form.caseworker.data
            person = None if chosen == NOBODY else accounts.user(session, _number(chosen))
            moved = service.assign(session, firms, person, by=actor())
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, firms=queries.chosen(read(), ids, for_=actor()), back=back)
    done = tr("已将 %(n)s 家企业的经办人改为%(name)s。", n=moved, name=person.name if person else tr("未分派"))
    flash(translate(done if moved else tr("所选企业的经办人没有变化。")), "success" if moved else "info")
    return redirect(back)


@door.route("/new", methods=["GET", "POST"])
@requires(Action.FIRM_CREATE)
def create() -> ResponseReturnValue:
    form = FirmForm(data={"name": request.args.get("name", ""), "status": FirmStatus.ACTIVE.value})
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, asks_code=False, alike=None)
    draft = form.draft()
    alike = queries.namesakes(read(), draft.name, for_=actor())
    doubt = credit_code.check(draft.credit_code) if draft.credit_code else None
    asks_code = bool(doubt and doubt.is_warning and not draft.code_confirmed)
    if asks_code and doubt and doubt.problem:
        attach(Invalid("credit_code", doubt.problem), form)
    if asks_code or (alike.any and not form.not_the_same.data):
        return _create_again(form, alike, asks_code=asks_code)
    try:
        with transaction() as session:
            firm = service.create(session, draft, by=actor())
    except Invalid as error:
        attach(error, form)
        return _create_again(form, alike, asks_code=isinstance(error, CodeDoubtful))
    flash(translate(tr("已新增“%(name)s”。", name=firm.name)), "success")
    return redirect(url_for("office.firms.show", firm_id=firm.id))


@door.get("/<int:firm_id>/identity")
@requires(Action.FIRM_READ)
def show(firm_id: int) -> ResponseReturnValue:
    return _show(firm_id)


@door.route("/<int:firm_id>/edit", methods=["GET", "POST"])
@requires(Action.FIRM_EDIT)
def edit(firm_id: int) -> ResponseReturnValue:
    if request.method == "GET":
        firm = queries.firm(read(), firm_id, for_=actor(), whole=True)
        draft = service.draft_of(firm, firm.clusters)
        form = FirmForm(data=FirmForm.values_of(draft, firm.version))
        form.leave_status()
        return page(form=form, firm=firm, rows=(), asks_code=False)
    form = FirmForm()
    form.leave_status()
    if not form.sent_and_valid():
        return _edit_again(firm_id, form, 422)
    try:
        with transaction() as session:
            firm = queries.firm(session, firm_id, for_=actor())
            draft, version = replace(form.draft(), status=firm.status), _number(form.version.data)
            corrects = bool(form.corrects_name.data)
            changed = service.edit(session, firm, draft, by=actor(), version=version, corrects_name=corrects)
    except EditedMeanwhile:
        return _edit_again(firm_id, form, 409)
    except Invalid as error:
        attach(error, form)
        return _edit_again(firm_id, form, 422, asks_code=isinstance(error, CodeDoubtful))
    flash(translate(tr("已保存。") if changed else tr("内容没有变化，未作修改。")), "success" if changed else "info")
    return redirect(url_for("office.firms.show", firm_id=firm_id))


@door.route("/<int:firm_id>/contacts/new", methods=["GET", "POST"])
@requires(Action.FIRM_EDIT)
def contact_create(firm_id: int) -> ResponseReturnValue:
    form = ContactForm()
    if not form.sent_and_valid():
        firm = queries.firm(read(), firm_id, for_=actor())
        return page_named("contact", 422 if form.errors else 200, form=form, firm=firm, contact=None)
    try:
        with transaction() as session:
            contacts.add(session, queries.firm(session, firm_id, for_=actor()), form.draft(), by=actor())
    except Invalid as error:
        attach(error, form)
        return page_named("contact", 422, form=form, firm=queries.firm(read(), firm_id, for_=actor()), contact=None)
    return _saved(firm_id, tr("联系人已新增。"))


@door.route("/<int:firm_id>/contacts/<int:contact_id>", methods=["GET", "POST"])
@requires(Action.FIRM_EDIT)
def contact_edit(firm_id: int, contact_id: int) -> ResponseReturnValue:
    firm = queries.firm(read(), firm_id, for_=actor())
    contact = queries.contact(read(), firm_id, contact_id)
    plain = {"name": contact.name, "post": contact.post, "is_primary": contact.is_primary}
    form = ContactForm() if request.method == "POST" else ContactForm(data=plain)
    if not form.sent_and_valid():
        return page_named("contact", 422 if form.errors else 200, form=form, firm=firm, contact=contact)
    try:
        with transaction() as session:
            mine = queries.contact(session, firm_id, contact_id)
            contacts.edit(session, mine, contacts.kept(form.draft(), mine), by=actor())
    except Invalid as error:
        attach(error, form)
        return page_named("contact", 422, form=form, firm=firm, contact=contact)
    return _saved(firm_id, tr("联系人已保存。"))


@door.post("/<int:firm_id>/contacts/<int:contact_id>/remove")
@requires(Action.FIRM_EDIT)
def contact_remove(firm_id: int, contact_id: int) -> ResponseReturnValue:
    with transaction() as session:
        queries.firm(session, firm_id, for_=actor())
        contacts.remove(session, queries.contact(session, firm_id, contact_id), by=actor())
    return _saved(firm_id, tr("联系人已移除，操作记录保留在动态中。"))


@door.post("/<int:firm_id>/contacts/<int:contact_id>/reveal")
@requires(Action.FIRM_REVEAL)
def contact_reveal(firm_id: int, contact_id: int) -> ResponseReturnValue:
    with transaction() as session:
        queries.firm(session, firm_id, for_=actor())
        contacts.reveal(session, queries.contact(session, firm_id, contact_id), by=actor())
    return _show(firm_id, revealed=contact_id)


@door.post("/<int:firm_id>/former-names")
@requires(Action.FIRM_EDIT)
def former_name_add(firm_id: int) -> ResponseReturnValue:
    form = FormerNameForm()
    if not form.sent_and_valid():
        return _show(firm_id, 422, former_form=form)
    try:
        with transaction() as session:
            firm = queries.firm(session, firm_id, for_=actor())
            service.add_former_name(session, firm, form.name.data, until=form.until.data, by=actor())
    except Invalid as error:
        attach(error, form)
        return _show(firm_id, 422, former_form=form)
    return _saved(firm_id, tr("曾用名已登记。"))


@door.post("/<int:firm_id>/former-names/<int:name_id>/remove")
@requires(Action.FIRM_EDIT)
def former_name_remove(firm_id: int, name_id: int) -> ResponseReturnValue:
    with transaction() as session:
        firm = queries.firm(session, firm_id, for_=actor())
        service.remove_former_name(session, firm, queries.former_name(session, firm_id, name_id), by=actor())
    return _saved(firm_id, tr("曾用名已移除。"))


@door.post("/<int:firm_id>/roster")
@requires(Action.FIRM_EDIT)
def roster_add(firm_id: int) -> ResponseReturnValue:
    form = RosterForm()
    if not form.sent_and_valid():
        return _show(firm_id, 422, roster_form=form)
    try:
        with transaction() as session:
            queries.firm(session, firm_id, for_=actor())
            service.set_roster(session, firm_id, form.year.data, True, source=form.source.data, by=actor())
    except Invalid as error:
        attach(error, form)
        return _show(firm_id, 422, roster_form=form)
    return _saved(firm_id, tr("规上名录已登记。"))


@door.post("/<int:firm_id>/roster/<int:year>/remove")
@requires(Action.FIRM_EDIT)
def roster_remove(firm_id: int, year: int) -> ResponseReturnValue:
    with transaction() as session:
        queries.firm(session, firm_id, for_=actor())
        service.set_roster(session, firm_id, year, False, source="", by=actor())
    return _saved(firm_id, tr("已从该年度规上名录中移出。"))


def _show(firm_id: int, status: int = 200, *, revealed: int | None = None, **forms: Form) -> ResponseReturnValue:
    firm = queries.firm(read(), firm_id, for_=actor(), whole=True)
    caseworker = accounts.names(read(), [firm.caseworker_id]) if firm.caseworker_id else {}
    shown: Mapping[str, Any] = {
        "former_form": FormerNameForm(formdata=None),
        "roster_form": RosterForm(formdata=None),
        "assign_form": _assign_form(firm.caseworker_id),
    }
    return page_named(
        "show",
        status,
        firm=firm,
        caseworker=caseworker.get(firm.caseworker_id or 0),
        revealed=revealed,
        industry=industries.industry(firm.industry_code),
        panels=panels.shown(read(), firm, actor()),
        mask_phone=contacts.mask_phone,
        mask_email=contacts.mask_email,
        **{**shown, **forms},
    )


def _saved(firm_id: int, message: Message) -> ResponseReturnValue:
    flash(translate(message), "success")
    return redirect(url_for("office.firms.show", firm_id=firm_id))


def _create_again(form: FirmForm, alike: Namesakes, *, asks_code: bool) -> ResponseReturnValue:
    return page(422, form=form, alike=alike if alike.any else None, asks_code=asks_code)


def _edit_again(firm_id: int, form: FirmForm, status: int, *, asks_code: bool = False) -> ResponseReturnValue:
    firm = queries.firm(read(), firm_id, for_=actor(), whole=True)
    rows = (
        differences(replace(form.draft(), status=firm.status), service.draft_of(firm, firm.clusters))
        if status == 409
        else ()
    )
    if status == 409:
        form.version.data = firm.version  # the next save is a choice made with both versions in view
    return page(status, form=form, firm=firm, rows=rows, asks_code=asks_code)


def _assign_form(present: int | None = None) -> AssignForm:
    form = AssignForm()
    form.caseworker.choices = _caseworkers()
    if not form.is_submitted() or form.caseworker.data is None:
        form.caseworker.data = str(present or NOBODY)
    return form


def _caseworkers() -> list[tuple[str, str]]:
    found = _kept_caseworkers.get(read(), "caseworkers", lambda: queries.caseworker_options(read()))
    people = [(str(number), name) for number, name in found]
    return [(NOBODY, translate(tr("未分派"))), *people]


def _home() -> str:
    home = "office.dashboards.firm"
    return home if home in current_app.view_functions else "office.firms.show"


def _ids() -> list[int]:
    return [_number(text) for text in request.form.getlist("id")]


def _number(text: str | None) -> int:
    """Return a whole number from an address or form; nonsense becomes 0, which nothing has as its id."""
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return number if number <= LARGEST_ID else 0
