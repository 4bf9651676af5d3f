"""Revisions in the office: begin one, edit it piece by piece, weigh it, submit it, have it sealed."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock
from app.core.errors import Conflict, DomainError, Invalid
from app.core.text import Message, tr
from app.revisions import letters as letter_drafts
from app.revisions import page as pages
from app.revisions import queries, service
from app.revisions.forms import CasesForm, ImpactForm, NoteForm, StartForm, TextForm, TransitionForm
from app.revisions.models import Revision
from app.rulebooks import blocks
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Follow
from app.web.downloads import attachment
from app.web.forms import attach
from app.web.i18n import translate
from app.web.incoming import whole
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("revisions", __name__, url_prefix="/rulebooks/revisions")


@door.get("/")
@requires(Action.REVISION_READ)
def index() -> ResponseReturnValue:
    found = queries.revisions(read())
    return page(revisions=found, editions=rulebooks.codes(read(), [one.base_id for one in found]))


@door.route("/new/<int:edition_id>", methods=["GET", "POST"])
@requires(Action.REVISION_DRAFT)
def start(edition_id: int) -> ResponseReturnValue:
    edition = rulebooks.edition(read(), edition_id)
    form = StartForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, edition=edition)
    try:
        with transaction() as session:
            found = service.clone(
                session, rulebooks.edition(session, edition_id), code=form.code.data or "",
                effective_from=form.effective_from.data, reason=form.reason.data or "", by=actor(),
            )  # fmt: skip
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, edition=edition)
    return redirect(url_for("office.revisions.show", revision_id=found.id))


@door.get("/<int:revision_id>")
@requires(Action.REVISION_READ)
def show(revision_id: int) -> ResponseReturnValue:
    about = queries.revision(read(), revision_id)
    return page(
        **pages.shown(read(), about, for_=actor()), impact_form=ImpactForm(as_of=clock.today()),
        transition_form=TransitionForm(formdata=None, drafts=about.drafts.value, submitted=about.submitted.value),
    )  # fmt: skip


@door.post("/<int:revision_id>/transition")
@requires(Action.REVISION_DRAFT)
def arrange(revision_id: int) -> ResponseReturnValue:
    form = TransitionForm()
    if form.sent_and_valid():
        with transaction() as session:
            about = queries.revision(session, revision_id, lock=True)
            service.set_transition(
                session, about, drafts=Follow(form.drafts.data), submitted=Follow(form.submitted.data), by=actor()
            )
        flash(translate(tr("过渡安排已保存，封存时一并生效。")), "success")
    else:
        flash(translate(tr("请为每一种名单选择一项。")), "error")
    return redirect(url_for("office.revisions.show", revision_id=revision_id) + "#transition")


@door.get("/<int:revision_id>/letters")
@requires(Action.REVISION_READ)
def letters(revision_id: int) -> ResponseReturnValue:
    about = queries.revision(read(), revision_id)
    found = letter_drafts.letters(read(), about, for_=actor())
    return page(
        about=about, letters=found, organ=letter_drafts.ORGAN, sign=letter_drafts.SIGN, date_line=letter_drafts.DATE
    )


@door.post("/<int:revision_id>/letters/file")
@requires(Action.REVISION_READ)
def letters_file(revision_id: int) -> ResponseReturnValue:
    with transaction() as session:
        about = queries.revision(session, revision_id)
        text = letter_drafts.as_text(letter_drafts.letters(session, about, for_=actor()))
        service.record_letters(session, about, by=actor())
    return attachment(f"{about.code}告知函草稿.txt", "text/plain", text.encode("utf-8-sig"))


@door.route("/<int:revision_id>/blocks/<int:number>", methods=["GET", "POST"])
@requires(Action.REVISION_DRAFT)
def block(revision_id: int, number: int) -> ResponseReturnValue:
    about = queries.revision(read(), revision_id)
    text = queries.newest(read(), revision_id)
    piece = pages.piece(text.content, number)
    form = TextForm(seen=str(text.id), text=piece.text)
    problem: Message | None = None
    if form.sent_and_valid():
        try:
            with transaction() as session:
                locked = queries.revision(session, revision_id, lock=True)
                whole_text = blocks.with_block(text.content, number, form.text.data or "")
                service.save(
                    session, locked, by=actor(), seen=whole(form.seen.data) or 0, content=whole_text,
                    what=f"{piece.kind} {piece.id}",
                )  # fmt: skip
            return redirect(url_for("office.revisions.show", revision_id=revision_id) + f"#block-{number}")
        except DomainError as error:
            problem = error.message
            if pages.is_same_piece(read(), revision_id, whole(form.seen.data) or 0, piece):
                form.seen.data = str(text.id)
    base = rulebooks.rulebook_of(rulebooks.edition(read(), about.base_id))
    beside = pages.beside(base, piece)
    return page(422 if problem else 200, form=form, about=about, piece=piece, problem=problem, base=base, beside=beside)


@door.route("/<int:revision_id>/text", methods=["GET", "POST"])
@requires(Action.REVISION_DRAFT)
def text(revision_id: int) -> ResponseReturnValue:
    return _whole(revision_id, TextForm, "content")


@door.route("/<int:revision_id>/cases", methods=["GET", "POST"])
@requires(Action.REVISION_DRAFT)
def cases(revision_id: int) -> ResponseReturnValue:
    return _whole(revision_id, CasesForm, "cases")


def _whole(revision_id: int, kind: type[TextForm | CasesForm], column: str) -> ResponseReturnValue:
    about, last = queries.revision(read(), revision_id), queries.newest(read(), revision_id)
    form = kind(seen=str(last.id), text=getattr(last, column))
    problem: Message | None = None
    if form.sent_and_valid():
        try:
            with transaction() as session:
                locked = queries.revision(session, revision_id, lock=True)
                given = {column: form.text.data or ""}
                service.save(session, locked, by=actor(), seen=whole(form.seen.data) or 0, what=column, **given)
            return redirect(url_for("office.revisions.show", revision_id=revision_id))
        except (Conflict, Invalid) as error:
            problem = error.message
            form.seen.data = str(queries.newest(read(), revision_id).id)
    return page(422 if problem else 200, form=form, about=about, problem=problem)


@door.post("/<int:revision_id>/impact")
@requires(Action.REVISION_DRAFT)
def impact(revision_id: int) -> ResponseReturnValue:
    form = ImpactForm()
    if not form.sent_and_valid():
        flash(translate(tr("请填写判定日期；金额写成数字，如 20 或 12.5。")), "error")
        return redirect(url_for("office.revisions.show", revision_id=revision_id) + "#impact")
    with transaction() as session:
        about = queries.revision(session, revision_id, lock=True)
        service.ask_impact(
            session, about, as_of=form.as_of.data, kind=form.kind.data, amount=form.amount.data or "", by=actor()
        )
    flash(translate(tr("已开始逐家测算，完成后在本页显示结果。")), "info")
    return redirect(url_for("office.revisions.show", revision_id=revision_id) + "#impact")


@door.post("/<int:revision_id>/submit")
@requires(Action.REVISION_SUBMIT)
def submit(revision_id: int) -> ResponseReturnValue:
    with transaction() as session:
        service.submit(session, queries.revision(session, revision_id, lock=True), by=actor())
    flash(translate(tr("已提交，由没有参与起草的另一人核对后封存。")), "success")
    return redirect(url_for("office.revisions.show", revision_id=revision_id))


@door.route("/<int:revision_id>/seal", methods=["GET", "POST"])
@requires(Action.REVISION_SEAL)
def seal(revision_id: int) -> ResponseReturnValue:
    form = NoteForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, **pages.shown(read(), _about(revision_id), for_=actor()))
    with transaction() as session:
        about = queries.revision(session, revision_id, lock=True)
        edition = service.seal(session, about, by=actor(), note=form.note.data or "")
    flash(translate(tr("已封存为“%(code)s”，自施行之日起用于判定。", code=edition.code)), "success")
    return redirect(url_for("office.rulebooks.show", edition_id=edition.id))


@door.route("/<int:revision_id>/return", methods=["GET", "POST"], endpoint="take_back")
@requires(Action.REVISION_RETURN)
def take_back(revision_id: int) -> ResponseReturnValue:
    return _ended(revision_id, service.take_back, tr("已退回起草人修改。"))


@door.route("/<int:revision_id>/drop", methods=["GET", "POST"])
@requires(Action.REVISION_DRAFT)
def drop(revision_id: int) -> ResponseReturnValue:
    return _ended(revision_id, service.drop, tr("已放弃这次修订；各次保存的文本仍可查看。"))


def _ended(revision_id: int, verb: Callable[..., None], said: Message) -> ResponseReturnValue:
    form = NoteForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form, about=_about(revision_id))
    try:
        with transaction() as session:
            verb(session, queries.revision(session, revision_id, lock=True), by=actor(), note=form.note.data or "")
    except Invalid as error:
        attach(error, form)
        return page(422, form=form, about=_about(revision_id))
    flash(translate(said), "success")
    return redirect(url_for("office.revisions.show", revision_id=revision_id))


def _about(revision_id: int) -> Revision:
    return queries.revision(read(), revision_id)
