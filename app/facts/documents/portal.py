"""A firm's own locker in the portal: put files in, what they are, where they are used, newer versions, taking out."""

from __future__ import annotations

import errno

from flask import Blueprint, current_app, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import tr
from app.facts import locker, quota, removing, transfers, uses
from app.facts.documents import pieces, queries
from app.facts.documents.bringing import bring, told
from app.facts.documents.forms import DescribeForm, DocumentForm, LockerForm, described
from app.facts.models import DocumentKind
from app.files import service as files
from app.web.downloads import attachment
from app.web.forms import Form, attach
from app.web.i18n import translate
from app.web.render import page, page_named
from app.web.session import read, settings, transaction
from app.web.surfaces import actor, requires

door = Blueprint("documents", __name__, url_prefix="/documents")
FULL = 507


def own_firm() -> int:
    """Return the firm of the person signed in; the address never says it."""
    firm_id = actor().firm_id
    if firm_id is None:
        raise NotFound
    return firm_id


def _around() -> dict[str, object]:
    """Return what every page of the locker tells: how much room there is."""
    return {"room": quota.room(read(), own_firm(), quota=settings().locker_bytes), "most": settings().max_upload_bytes}


@door.get("/")
@requires(Action.OWN_READ)
def index() -> ResponseReturnValue:
    found = queries.locker(read(), own_firm(), for_=actor())
    used = uses.used(read(), [one.id for one in found], current_app.extensions["yuqi_document_uses"])
    coming = transfers.unfinished(read(), by=actor())
    return page(documents=found, used=used, coming=coming, form=LockerForm(), **_around())


@door.route("/new", methods=["GET", "POST"])
@requires(Action.OWN_STATE)
def create() -> ResponseReturnValue:
    form, refused = LockerForm(), []
    if form.sent_and_valid():
        try:
            found = bring(form, own_firm(), by=actor())
            for message in told(found):
                flash(translate(message), "success")
            if not found.refused:
                return redirect(url_for("portal.facts.documents.index"))
            refused = found.refused
        except Invalid as error:
            attach(error, form)
    return page(422 if refused or form.errors else 200, form=form, refused=refused, **_around())


@door.get("/<int:document_id>")
@requires(Action.OWN_READ)
def show(document_id: int) -> ResponseReturnValue:
    found = queries.document(read(), document_id, for_=actor())
    return page(form=DescribeForm(obj=found), **_about(document_id))


def _about(document_id: int) -> dict[str, object]:
    """Return what the page of a document tells: itself, where it is used, its other versions."""
    found = queries.document(read(), document_id, for_=actor())
    used = uses.used(read(), [found.id], current_app.extensions["yuqi_document_uses"])
    return {
        "document": queries.shown(found),
        "used": used.get(found.id, ()),
        "versions": queries.versions(read(), found, for_=actor()),
    }


@door.post("/<int:document_id>/edit")
@requires(Action.OWN_STATE)
def edit(document_id: int) -> ResponseReturnValue:
    form = DescribeForm()
    try:
        if not form.validate():
            raise Invalid("", tr("没有保存，请按提示修改。"))
        with transaction() as session:
            locker.describe(
                session, queries.document(session, document_id, for_=actor()), by=actor(),
                title=form.title.data or "", kind=DocumentKind(form.kind.data),
                valid_from=form.valid_from.data, valid_until=form.valid_until.data,
            )  # fmt: skip
    except Invalid as error:
        attach(error, form)
        return page_named("show", 422, form=form, **_about(document_id))
    flash(translate(tr("已保存。")), "success")
    return redirect(url_for("portal.facts.documents.show", document_id=document_id))


@door.route("/<int:document_id>/replace", methods=["GET", "POST"])
@requires(Action.OWN_STATE)
def replace(document_id: int) -> ResponseReturnValue:
    found = queries.document(read(), document_id, for_=actor())
    form = DocumentForm(title=found.title, kind=found.kind.value)
    if form.sent_and_valid():
        try:
            sent = request.files.get(form["file"].name)
            if sent is None or not sent.filename:
                raise Invalid("file", tr("请选择要上传的文件。"))
            upload = described(form, sent.filename, sent.read())
            with transaction() as session:
                old = queries.document(session, document_id, for_=actor())
                new = locker.replace(session, current_app.extensions["yuqi_store"], old, upload, by=actor())
            flash(translate(tr("新版已存入；原材料仍保留在用过它的数据上。")), "success")
            return redirect(url_for("portal.facts.documents.show", document_id=new.id))
        except (Invalid, Conflict) as error:
            attach(error if isinstance(error, Invalid) else Invalid("", error.message), form)
    return page(422 if form.errors else 200, document=queries.shown(found), form=form, **_around())


@door.route("/<int:document_id>/remove", methods=["GET", "POST"])
@requires(Action.OWN_STATE)
def remove(document_id: int) -> ResponseReturnValue:
    form = Form()
    if form.sent_and_valid():
        with transaction() as session:
            found = queries.document(session, document_id, for_=actor())
            removing.remove(session, found, current_app.extensions["yuqi_document_uses"], by=actor())
        flash(translate(tr("已删除。")), "success")
        return redirect(url_for("portal.facts.documents.index"))
    return page(form=form, **_about(document_id))


@door.get("/<int:document_id>/file")
@requires(Action.OWN_READ)
def download(document_id: int) -> ResponseReturnValue:
    file = queries.document(read(), document_id, for_=actor()).file
    return attachment(file.name, file.media_type, files.content_of(current_app.extensions["yuqi_store"], file))


@door.route("/transfers", methods=["OPTIONS"])
@requires(Action.OWN_STATE)
def protocol() -> ResponseReturnValue:
    """Say what a client of the tus protocol may do here."""
    return pieces.spoken(make_response("", 204))


@door.post("/transfers")
@requires(Action.OWN_STATE)
@pieces.speaking
def begin() -> ResponseReturnValue:
    """Begin a file that comes in pieces, or say where one stands that was begun before."""
    with transaction() as session:
        found = transfers.begin(session, current_app.extensions["yuqi_store"], pieces.announced(), by=actor())
    return pieces.answer(found, 201)


@door.get("/transfers/<int:transfer_id>")
@requires(Action.OWN_STATE)
@pieces.speaking
def transfer(transfer_id: int) -> ResponseReturnValue:
    return pieces.answer(transfers.one(read(), transfer_id, by=actor()), 200)


@door.route("/transfers/<int:transfer_id>", methods=["PATCH", "DELETE", "POST"])
@requires(Action.OWN_STATE)
@pieces.speaking
def append(transfer_id: int) -> ResponseReturnValue:
    """Take the next piece, or give the file up; a POST says in a header which of the two it is."""
    match pieces.verb():
        case "PATCH":
            return _append(transfer_id)
        case "DELETE":
            _drop(transfer_id)
            return pieces.spoken(make_response("", 204))
        case _:
            transfers.one(read(), transfer_id, by=actor())  # whose it is comes before how it is asked
            raise pieces.Misspoken(405, tr("这里只接收文件的一段内容。"))


def _append(transfer_id: int) -> ResponseReturnValue:
    """Take the next piece; with the last one the file is looked at, and lies in the locker or is refused."""
    offset = pieces.must_be_a_piece()
    store, content = current_app.extensions["yuqi_store"], request.get_data(cache=False)
    pieces.must_be_whole(content)
    try:
        with transaction() as session:
            found = transfers.append(session, store, transfer_id, offset, content, by=actor())
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return pieces.told(Conflict(tr("服务器磁盘已满，没有收下；传到的部分仍保留，请联系主管部门。")), FULL)
    except Invalid:  # whole, and not what it was said to be: nothing of it stays
        _drop(transfer_id)
        raise
    if found.finished_at is not None:
        store.parts.remove(transfer_id)
    return pieces.answer(found, 204)


@door.post("/transfers/<int:transfer_id>/drop")
@requires(Action.OWN_STATE)
def drop(transfer_id: int) -> ResponseReturnValue:
    """Give up a file that was not sent to its end."""
    _drop(transfer_id)
    flash(translate(tr("已放弃，传到的部分已清除。")), "success")
    return redirect(url_for("portal.facts.documents.index"))


def _drop(transfer_id: int) -> None:
    with transaction() as session:
        transfers.drop(session, transfer_id, by=actor())
    current_app.extensions["yuqi_store"].parts.remove(transfer_id)
