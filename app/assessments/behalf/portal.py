"""A firm lets staff write in its form, sees what they wrote, takes it back. No firm in the address."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.assessments import consents, queries
from app.assessments.behalf import queries as behalf
from app.assessments.behalf.forms import ConsentForm, EndForm
from app.assessments.models import OPEN_STATES
from app.core.errors import Invalid
from app.core.text import tr
from app.facts import keeping
from app.files import service as files
from app.web.downloads import attachment
from app.web.forms import attach
from app.web.i18n import translate
from app.web.render import page_named
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("behalf", __name__, url_prefix="/<int:assessment_id>/behalf")


@door.get("/")
@requires(Action.OWN_READ)
def index(assessment_id: int) -> ResponseReturnValue:
    return _index(assessment_id, ConsentForm())


def _index(assessment_id: int, form: ConsentForm, status: int = 200) -> ResponseReturnValue:
    found = queries.form(read(), assessment_id, for_=actor())
    return page_named(
        "index", status, form=found, consent_form=form, end_form=EndForm(), is_open=found.row.state in OPEN_STATES,
        consents=consents.of_form(read(), assessment_id), live=consents.newest(read(), assessment_id),
        statement=consents.statement(tr("您填写的日期")), written=behalf.written(read(), assessment_id),
        name_of=keeping.name_of, contact=queries.contact(read(), found.row.firm_id),
    )  # fmt: skip


@door.post("/")
@requires(Action.OWN_ENTRUST)
def give(assessment_id: int) -> ResponseReturnValue:
    form = ConsentForm()
    try:
        if not form.validate():
            raise Invalid("", tr("没有委托，请按提示修改。"))
        with transaction() as session:
            found = queries.form(session, assessment_id, for_=actor())
            consents.give(session, found.row, form.until.data, agrees=form.agrees.data, by=actor())
    except Invalid as error:
        attach(error, form)
        return _index(assessment_id, form, 422)
    flash(translate(tr("已委托主管部门代填，随时可以收回。")), "success")
    return redirect(url_for("portal.assessments.behalf.index", assessment_id=assessment_id))


@door.post("/consents/<int:consent_id>/end")
@requires(Action.OWN_WITHDRAW)
def end(assessment_id: int, consent_id: int) -> ResponseReturnValue:
    form = EndForm()
    with transaction() as session:
        found = queries.form(session, assessment_id, for_=actor())
        if not form.validate():
            raise Invalid("reason", tr("收回原因不超过 300 个字。"))
        consents.end(session, found.row, consent_id, form.reason.data or "", by=actor(), action=Action.OWN_WITHDRAW)
    flash(translate(tr("已收回，主管部门立即不能再代填；已代填的内容都在，可以修改。")), "success")
    return redirect(url_for("portal.assessments.behalf.index", assessment_id=assessment_id))


@door.get("/consents/<int:consent_id>/file")
@requires(Action.OWN_READ)
def proof(assessment_id: int, consent_id: int) -> ResponseReturnValue:
    queries.form(read(), assessment_id, for_=actor())
    file = behalf.proof(read(), assessment_id, consent_id)
    return attachment(file.name, file.media_type, files.content_of(current_app.extensions["yuqi_store"], file))
