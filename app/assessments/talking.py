"""What the page of a form and the server say to each other while somebody types: the same for firm and staff.

The views declare who may; what is done here asks again (``saving.save``).
"""

from __future__ import annotations

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError

from app.assessments import checks, queries, wire
from app.assessments.preview import preview
from app.assessments.saving import save
from app.core import clock
from app.core.errors import Conflict, DomainError, Invalid, NotFound, Refused
from app.core.text import tr
from app.web.i18n import translate
from app.web.incoming import number
from app.web.session import read, transaction
from app.web.surfaces import actor

FULL = 507


def saved(assessment_id: int) -> ResponseReturnValue:
    """Keep what was sent and answer what stands now; a refusal says why, so that the page can."""
    sent = request.form
    typed = wire.typed_of(sent.getlist("name"), sent.getlist("text"), sent.getlist("seen"))
    try:
        with transaction() as session:
            revision, stands = save(session, assessment_id, typed, by=actor())
    except (Conflict, Invalid, NotFound, Refused) as error:
        return _told(error, 404 if isinstance(error, NotFound) else 422 if isinstance(error, Invalid) else 409)
    except OperationalError as error:
        if "full" in str(error.orig):
            return _told(Conflict(tr("服务器磁盘已满，没有保存；您填写的内容仍保留在本机，请联系主管部门。")), FULL)
        raise
    return jsonify(wire.stands(revision, stands))


def _told(error: DomainError, status: int) -> ResponseReturnValue:
    return jsonify(message=translate(error.message)), status


def changed(assessment_id: int) -> ResponseReturnValue:
    """Answer what changed since a revision, for the page that stands open in another window."""
    found = queries.form(read(), assessment_id, for_=actor())
    since = number("since") or 0
    answers = queries.answers(read(), assessment_id, since=since) if since < found.row.revision else {}
    return jsonify(wire.changed(found.row.revision, found.row.state.value, answers))


def previewed(assessment_id: int) -> ResponseReturnValue:
    """Answer where the firm stands now, as a piece of the page, and what is to be explained."""
    found = queries.form(read(), assessment_id, for_=actor())
    filled = queries.filled(read(), found)
    drawn = render_template("portal/assessments/_preview.html", preview=preview(filled, today=clock.today()))
    around = wire.standing(filled, checks.sections(filled))
    return jsonify(html=drawn, doubts=wire.doubts(filled, checks.faults(filled)), **around)
