"""Evidence beside one answer: attached, chosen from the locker, uploaded, taken off. No firm in the address."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.assessments import attaching, queries
from app.assessments.evidence.forms import AttachForm
from app.assessments.filled import Line
from app.assessments.models import OPEN_STATES, Part
from app.assessments.places import Place, field_of
from app.core.errors import Invalid, NotFound
from app.core.text import Message, tr
from app.facts import locker, quota
from app.facts.documents import queries as documents
from app.facts.documents.bringing import Brought, bring, is_sent, told_new
from app.facts.models import Document
from app.web.forms import attach as explain
from app.web.i18n import translate
from app.web.incoming import whole
from app.web.render import page, page_named
from app.web.session import read, settings, transaction
from app.web.surfaces import actor, requires

door = Blueprint("evidence", __name__, url_prefix="/<int:assessment_id>/evidence")


@dataclass(frozen=True, slots=True)
class Asked:
    """The form and the line whose evidence it is about."""

    form: queries.Form
    line: Line

    @property
    def place(self) -> Place:
        return self.line.question.place


def _asked(assessment_id: int, place: str) -> Asked:
    """Return the line that the address names. Raises NotFound where the form does not ask for it."""
    found, named = queries.form(read(), assessment_id, for_=actor()), field_of(f"{Part.VALUE.value}-{place}")
    line = queries.filled(read(), found).line(named.place) if named is not None else None
    if line is None:
        raise NotFound(tr("自评现在不询问这一项，请返回自评查看。"))
    return Asked(found, line)


def _about(asked: Asked) -> dict[str, object]:
    return {
        "form": asked.form, "line": asked.line, "is_open": asked.form.row.state in OPEN_STATES,
        "room": quota.room(read(), asked.form.row.firm_id, quota=settings().locker_bytes),
        "most": settings().max_upload_bytes,
    }  # fmt: skip


def _attach_form(asked: Asked) -> AttachForm:
    """Return the form; what is attached already may be sent again, and is not offered again."""
    return AttachForm().offer(documents.usable(read(), asked.form.row.firm_id, for_=actor()))


def _without_attached(form: AttachForm, asked: Asked) -> AttachForm:
    attached = {str(one.id) for one in asked.line.attached}
    form.document.choices = [one for one in form.document.choices if one.value not in attached]
    return form


@door.get("/<place>")
@requires(Action.OWN_READ)
def show(assessment_id: int, place: str) -> ResponseReturnValue:
    asked = _asked(assessment_id, place)
    return page(attach_form=_without_attached(_attach_form(asked), asked), refused=(), **_about(asked))


@door.post("/<place>")
@requires(Action.OWN_FILL)
def attach(assessment_id: int, place: str) -> ResponseReturnValue:
    asked = _asked(assessment_id, place)
    form = _attach_form(asked)
    refused: Sequence[Message] = ()
    try:
        if not form.validate():
            raise Invalid("", tr("没有保存，请按提示修改。"))
        refused = _take(asked, form)
    except Invalid as error:
        explain(error, form)
    if form.errors or refused:
        again = _asked(assessment_id, place)
        return page_named("show", 422, attach_form=_without_attached(form, again), refused=refused, **_about(again))
    return redirect(url_for("portal.assessments.evidence.show", assessment_id=assessment_id, place=place))


def _take(asked: Asked, form: AttachForm) -> Sequence[Message]:
    """Attach what was chosen and what was uploaded; return why some files were refused."""
    brought, firm_id, sending = Brought(), asked.form.row.firm_id, is_sent(form)
    chosen = [int(one) for one in form.document.data or []]
    if not chosen and not sending:
        raise Invalid("files", tr("请选择要上传的文件，或从材料库选用。"))
    if sending:
        brought = bring(form, firm_id, by=actor())
        chosen += [one.id for one in brought.documents]
    with transaction() as session:
        found = [documents.document(session, number, for_=actor()) for number in dict.fromkeys(chosen)]
        ready, told, refused = _in_force(session, found, {one.id for one in brought.there})
        attaching.attach(session, asked.form.row.id, asked.place, ready, by=actor())
    for message in (*told_new(brought), *told):
        flash(translate(message), "success")
    return [*brought.refused, *refused]


def _in_force(
    session: Session, found: Sequence[Document], again: Collection[int]
) -> tuple[list[Document], list[Message], list[Message]]:
    """Return what may be attached, what is to be said of files that lay in the locker (``again``), what is refused.

    Who sends an older version gets the one that took its place, and is told so.
    """
    ready, told, refused = [], [], []
    for one in found:
        last = locker.newest(session, one)
        if last.withdrawn_at is not None or not last.by_firm:
            refused.append(tr("“%(title)s”已由“%(newer)s”取代，而后者不能作佐证；请上传现行的材料。",
                              title=one.title, newer=last.title))  # fmt: skip
            continue
        ready.append(last)
        if last.id != one.id:
            told.append(tr("“%(title)s”是旧版，已附上现行版本“%(newer)s”。", title=one.title, newer=last.title))
        elif one.id in again:
            told.append(tr("“%(title)s”已在材料库中，没有重复存入，已附在这里。", title=one.title))
    return ready, told, refused


@door.post("/<place>/detach")
@requires(Action.OWN_FILL)
def detach(assessment_id: int, place: str) -> ResponseReturnValue:
    asked = _asked(assessment_id, place)
    with transaction() as session:
        document = documents.document(session, whole(request.form.get("document")) or 0, for_=actor())
        attaching.detach(session, assessment_id, asked.place, document, by=actor())
    flash(translate(tr("已取下，材料仍在材料库中。")), "success")
    return redirect(url_for("portal.assessments.evidence.show", assessment_id=assessment_id, place=place))
