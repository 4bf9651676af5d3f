"""Staff write in a firm's form by its consent: which forms, the consent, the sections. The firm signs all the same."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.assessments import checks, consents, queries, returned, talking, wire
from app.assessments.behalf import queries as behalf
from app.assessments.behalf.forms import EndForm, PaperForm
from app.assessments.consents import Paper
from app.assessments.filled import Filled
from app.assessments.helping import hints
from app.assessments.models import OPEN_STATES
from app.assessments.preview import preview as previewed
from app.assessments.saving import save as save_typed
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import Message, tr
from app.facts import containers, display, keeping
from app.files import service as files
from app.web.downloads import attachment
from app.web.forms import attach
from app.web.i18n import translate
from app.web.render import page, page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("behalf", __name__, url_prefix="/behalf")


@door.get("/")
@requires(Action.ASSESSMENT_FILL)
def index() -> ResponseReturnValue:
    return page(drafts=behalf.drafts(read(), for_=actor()))


@door.get("/<int:assessment_id>")
@requires(Action.ASSESSMENT_FILL)
def show(assessment_id: int) -> ResponseReturnValue:
    usual = clock.today() + consents.USUAL
    return _show(assessment_id, PaperForm(until=usual))


def _show(assessment_id: int, form: PaperForm, status: int = 200) -> ResponseReturnValue:
    """The consents of a form; what stands in it only where there is one that lives."""
    found = queries.form(read(), assessment_id, for_=actor())
    live = consents.newest(read(), assessment_id)
    is_open = found.row.state in OPEN_STATES
    shown: dict[str, Any] = {"sections": [], "written": []}
    if live is not None and is_open:
        filled = queries.filled(read(), found)
        shown = {"sections": checks.sections(filled), "written": behalf.written(read(), assessment_id)}
    return page_named(
        "show", status, form=found, live=live, is_open=is_open, consents=consents.of_form(read(), assessment_id),
        paper_form=form, end_form=EndForm(), name_of=keeping.name_of, **shown,
    )  # fmt: skip


@door.post("/<int:assessment_id>/consents")
@requires(Action.ASSESSMENT_ENTRUST)
def register(assessment_id: int) -> ResponseReturnValue:
    form = PaperForm()
    queries.form(read(), assessment_id, for_=actor())
    try:
        sent = request.files.get("file")
        if not form.validate():
            raise Invalid("", tr("没有登记，请按提示修改。"))
        if sent is None or not sent.filename:
            raise Invalid("file", tr("请选择签字盖章的委托书扫描件。"))
        content, name = sent.read(), sent.filename
        kind = containers.recognise(name, content)
        with transaction() as session:
            found = queries.form(session, assessment_id, for_=actor())
            kept = files.receive(
                session, current_app.extensions["yuqi_store"], name=containers.plain_name(name),
                media_type=kind.media_type, content=content, by=actor(),
            )  # fmt: skip
            paper = Paper(form.person.data, form.signed_on.data, kept)
            consents.register(session, found.row, form.until.data, paper, by=actor())
    except Invalid as error:
        attach(error, form)
        return _show(assessment_id, form, 422)
    flash(translate(tr("已登记纸质委托书，由其他经办人代填；企业在门户看得到，随时可以收回。")), "success")
    return redirect(url_for("office.assessments.behalf.show", assessment_id=assessment_id))


@door.post("/<int:assessment_id>/consents/<int:consent_id>/end")
@requires(Action.ASSESSMENT_ENTRUST)
def end(assessment_id: int, consent_id: int) -> ResponseReturnValue:
    form = EndForm()
    with transaction() as session:
        found = queries.form(session, assessment_id, for_=actor())
        if not form.validate() or not form.reason.data:
            raise Invalid("reason", tr("请写明收回原因，不超过 300 个字。"))
        consents.end(session, found.row, consent_id, form.reason.data, by=actor(), action=Action.ASSESSMENT_ENTRUST)
    flash(translate(tr("代填委托已终止。")), "success")
    return redirect(url_for("office.assessments.behalf.show", assessment_id=assessment_id))


@door.get("/<int:assessment_id>/consents/<int:consent_id>/file")
@requires(Action.ASSESSMENT_READ)
def proof(assessment_id: int, consent_id: int) -> ResponseReturnValue:
    queries.form(read(), assessment_id, for_=actor())
    file = behalf.proof(read(), assessment_id, consent_id)
    return attachment(file.name, file.media_type, files.content_of(current_app.extensions["yuqi_store"], file))


@door.route("/<int:assessment_id>/sections/<section>", methods=["GET", "POST"])
@requires(Action.ASSESSMENT_FILL)
def fill(assessment_id: int, section: str) -> ResponseReturnValue:
    found = queries.form(read(), assessment_id, for_=actor())
    consent = consents.needed(read(), assessment_id, actor())
    if found.row.state not in OPEN_STATES:
        raise Conflict(tr("这份自评%(state)s，现在不能修改。", state=Message(found.row.state.label)))
    filled = queries.filled(read(), found)
    overtaken = []
    if request.method == "POST":
        typed = wire.typed_on_page(_open_lines(filled, section), request.form.to_dict(flat=False))
        with transaction() as session:
            _revision, stands = save_typed(session, assessment_id, typed, by=actor())
        texts = {one.field: one.text for one in typed}
        overtaken = [(one, texts[one.field]) for one in stands if not one.is_mine]
        if not overtaken:
            flash(translate(tr("已代填 %(n)s 处，都注明由您填写。", n=len(typed))), "success")
            return redirect(url_for("office.assessments.behalf.show", assessment_id=assessment_id))
        filled = queries.filled(read(), queries.form(read(), assessment_id, for_=actor()))
    return page(
        409 if overtaken else 200, form=found, consent=consent, shown=_shown(filled, section), overtaken=overtaken,
        doubts=wire.doubts(filled, checks.faults(filled)), cards=returned.cards(read(), found, filled),
        how=hints, with_unit=display.with_unit, name_of=keeping.name_of,
        preview=previewed(filled, today=clock.today()),
    )  # fmt: skip


@door.post("/<int:assessment_id>/answers")
@requires(Action.ASSESSMENT_FILL)
def save(assessment_id: int) -> ResponseReturnValue:
    return talking.saved(assessment_id)


@door.get("/<int:assessment_id>/changes")
@requires(Action.ASSESSMENT_FILL)
def changes(assessment_id: int) -> ResponseReturnValue:
    _may_look(assessment_id)
    return talking.changed(assessment_id)


@door.get("/<int:assessment_id>/preview")
@requires(Action.ASSESSMENT_FILL)
def preview(assessment_id: int) -> ResponseReturnValue:
    _may_look(assessment_id)
    return talking.previewed(assessment_id)


def _may_look(assessment_id: int) -> None:
    """Refuse who may not see what a firm is writing. Raises NotFound, Refused."""
    queries.form(read(), assessment_id, for_=actor())
    consents.needed(read(), assessment_id, actor())


def _shown(filled: Filled, section: str) -> Any:
    shown = next((one for one in checks.sections(filled) if one.section.code == section), None)
    if shown is None:
        raise NotFound(tr("这一部分现在没有要填写的内容，请返回查看。"))
    return shown


def _open_lines(filled: Filled, section: str) -> list[Any]:
    """What staff may write: all but declarations, which the page shows and does not send."""
    return [line for line in _shown(filled, section).lines if not line.question.is_declaration]
