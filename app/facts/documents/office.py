"""The locker in the office: list, add, describe, replace, declare wrong, download."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.core.errors import Invalid
from app.core.text import Message, tr
from app.facts import locker, quarantine
from app.facts.documents import queries
from app.facts.documents.forms import DescribeForm, DocumentForm, SettleForm, WithdrawForm, described
from app.facts.models import Document, DocumentKind
from app.files import clamd
from app.files import service as files
from app.files.store import FileStore
from app.firms import queries as firms
from app.web.downloads import attachment
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("documents", __name__)


@door.get("/firms/<int:firm_id>/documents")
@requires(Action.DOCUMENT_READ)
def index(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    return page(firm=found, documents=queries.locker(read(), firm_id, for_=actor()))


@door.route("/firms/<int:firm_id>/documents/new", methods=["GET", "POST"])
@requires(Action.DOCUMENT_ADD)
def create(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    form = DocumentForm()
    if form.sent_and_valid():
        try:
            with transaction() as session:
                locker.keep(session, current_app.extensions["yuqi_store"], firm_id, sent(form), by=actor())
            flash(translate(tr("已存入材料库。")), "success")
            return redirect(url_for("office.facts.documents.index", firm_id=firm_id))
        except Invalid as error:
            attach(error, form)
    return page(422 if form.errors or form.form_errors else 200, firm=found, form=form)


def sent(form: DocumentForm) -> locker.Upload:
    """Return the file that was sent. Raises Invalid (``file``) when none was chosen."""
    file = request.files.get(form["file"].name)
    if file is None or not file.filename:
        raise Invalid("file", tr("请选择要上传的文件。"))
    return described(form, file.filename, file.read())


@door.route("/facts/documents/<int:document_id>/edit", methods=["GET", "POST"])
@requires(Action.DOCUMENT_EDIT)
def edit(document_id: int) -> ResponseReturnValue:
    found = queries.document(read(), document_id, for_=actor())
    form = DescribeForm(obj=found)

    def describe(session: Session, mine: Document) -> None:
        locker.describe(
            session,
            mine,
            by=actor(),
            title=form.title.data or "",
            kind=DocumentKind(form.kind.data),
            valid_from=form.valid_from.data,
            valid_until=form.valid_until.data,
        )

    return _worked_on(found, form, describe, tr("已保存。"))


@door.route("/facts/documents/<int:document_id>/replace", methods=["GET", "POST"])
@requires(Action.DOCUMENT_EDIT)
def replace(document_id: int) -> ResponseReturnValue:
    found = queries.document(read(), document_id, for_=actor())
    form = DocumentForm(title=found.title, kind=found.kind.value)

    def take_the_place(session: Session, old: Document) -> None:
        locker.replace(session, current_app.extensions["yuqi_store"], old, sent(form), by=actor())

    return _worked_on(found, form, take_the_place, tr("新版已存入；原材料仍保留在用过它的数据上。"))


@door.route("/facts/documents/<int:document_id>/withdraw", methods=["GET", "POST"])
@requires(Action.DOCUMENT_WITHDRAW)
def withdraw(document_id: int) -> ResponseReturnValue:
    found = queries.document(read(), document_id, for_=actor())
    form = WithdrawForm()

    def declare_wrong(session: Session, wrong: Document) -> None:
        locker.withdraw(session, wrong, by=actor(), why=form.why.data or "")

    leaning = url_for("office.dossiers.leaning", document_id=document_id)
    return _worked_on(found, form, declare_wrong, tr("已认定有误。下面列出依据它的数据和判定，请逐项复核。"), leaning)


def _worked_on(
    found: Document, form: Form, act: Callable[[Session, Document], None], done: Message, leads_to: str = ""
) -> ResponseReturnValue:
    """Show a form about a file; when it is sent in order, act and lead on, without ``leads_to`` to the locker.

    Leading to what leans on the file is a warning that there is work to do.
    """
    if form.sent_and_valid():
        try:
            with transaction() as session:
                act(session, queries.document(session, found.id, for_=actor()))
            flash(translate(done), "warning" if leads_to else "success")
            return redirect(leads_to or url_for("office.facts.documents.index", firm_id=found.firm_id))
        except Invalid as error:
            attach(error, form)
    firm = firms.firm(read(), found.firm_id, for_=actor())
    return page(422 if form.errors else 200, firm=firm, document=queries.shown(found), form=form)


@door.get("/facts/documents/scanning")
@requires(Action.DOCUMENT_READ)
def scanning() -> ResponseReturnValue:
    """Whether files are scanned, whether the scanner answers now, what is held back."""
    store: FileStore = current_app.extensions["yuqi_store"]
    answer, trouble = "", ""
    if store.rules.scanner:
        try:
            answer = clamd.version(store.rules.scanner)
        except clamd.Unreachable as error:
            trouble = str(error)
    return page(
        scanner=store.rules.scanner, answer=answer, trouble=trouble, quota=store.rules.quota,
        held=queries.held_back(read(), for_=actor()),
    )  # fmt: skip


@door.get("/facts/documents/held/<int:file_id>")
@requires(Action.DOCUMENT_SETTLE)
def held(file_id: int) -> ResponseReturnValue:
    """A file that the scanner could not judge, and what a person may do about it."""
    return page(held=queries.held(read(), file_id, for_=actor()), form=SettleForm())


@door.post("/facts/documents/held/<int:file_id>/settle")
@requires(Action.DOCUMENT_SETTLE)
def settle(file_id: int) -> ResponseReturnValue:
    form = SettleForm()
    found = queries.held(read(), file_id, for_=actor())
    decision = request.form.get("decision")
    is_release = decision == "release"
    try:
        if decision not in ("release", "reject"):
            raise Invalid("", tr("没有处理，请选择放行或拒收。"))
        if not form.validate():
            raise Invalid("", tr("没有处理，请按提示修改。"))
        with transaction() as session:
            act = quarantine.release if is_release else quarantine.reject
            act(session, file_id, form.reason.data or "", by=actor())
    except Invalid as error:
        attach(error, form)
        return page_named("held", 422, held=found, form=form)
    flash(translate(tr("已放行，可以打开。") if is_release else tr("已拒收，企业会看到理由。")), "success")
    return redirect(url_for("office.facts.documents.scanning"))


@door.post("/facts/documents/held/<int:file_id>/file")
@requires(Action.DOCUMENT_SETTLE)
def take_away(file_id: int) -> ResponseReturnValue:
    """Give out a file in quarantine to be scanned elsewhere, under a name that no program opens."""
    queries.held(read(), file_id, for_=actor())
    with transaction() as session:
        file, content = quarantine.take_away(session, current_app.extensions["yuqi_store"], file_id, by=actor())
    return attachment(f"{file.name}.未查毒", "application/octet-stream", content)


@door.get("/facts/documents/<int:document_id>/file")
@requires(Action.DOCUMENT_READ)
def download(document_id: int) -> ResponseReturnValue:
    file = queries.document(read(), document_id, for_=actor()).file
    return attachment(file.name, file.media_type, files.content_of(current_app.extensions["yuqi_store"], file))
