"""Stating one figure in a form, the same for the office and the portal: what is asked, what was sent, what is kept."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request

from app.access.actor import Actor
from app.core import clock
from app.core.errors import Invalid
from app.core.text import Message, tr
from app.facts import keeping, queries, service
from app.facts.catalogue import Indicator
from app.facts.documents import queries as documents
from app.facts.forms import EvidenceForm, FigureForm, figure_form
from app.facts.locker import Upload
from app.facts.models import DocumentKind, SourceKind
from app.facts.service import Statement
from app.facts.writing import how_to_write, typed
from app.web.forms import attach
from app.web.session import read, transaction
from app.web.surfaces import actor


@dataclass(frozen=True)
class Asked:
    """The indicator of the address, its form, the year of the address and how the value is written."""

    indicator: Indicator
    form: FigureForm
    year: int | None
    how: Message | None


def asked(*, by_firm: bool = False) -> Asked:
    """Return what the address asks for: ``?key=…&year=…``. Raises Invalid for an unknown key."""
    key, today = request.args.get("key", "")[:60], clock.today()
    year = whole(request.args.get("year"))
    if year is None and keeping.indicator_of(key).by_year:
        year = today.year - 1
    indicator = keeping.stated(key, year)
    form = figure_form(indicator, this_year=today.year, by_firm=by_firm)(year=str(year) if year else "")
    return Asked(indicator, form, year, how_to_write(indicator))


def keep(ask: Asked, firm_id: int, kind: SourceKind, *, by: Actor) -> int:
    """Keep what was sent as a claim with its file, and return the claim's id. Raises Invalid; then nothing is kept."""
    form, indicator = ask.form, ask.indicator
    raw = form["value"].data or ""
    chosen = form["year"].data if "year" in form else ""
    indicator = keeping.stated(indicator.key, int(chosen) if chosen else None)  # as defined for the year chosen
    value = keeping.checked(indicator, typed(indicator, raw))
    upload = uploaded(form)
    with transaction() as session:
        claim = service.state(
            session,
            Statement(
                firm_id=firm_id,
                key=indicator.key,
                year=int(chosen) if chosen else None,
                value=value,
                raw=raw,
                source_kind=kind,
                source_label=form.source.data,
                note=form.note.data or "",
                source=form["origin"].data if "origin" in form else "",
            ),
            by=by,
        )
        if upload is not None:
            service.attach(session, current_app.extensions["yuqi_store"], claim, upload, by=by)
    return claim.id


def explain(error: Invalid, ask: Asked) -> None:
    """Put a refusal on the field it belongs to; what the catalogue says belongs to the value."""
    known = error.field in ask.form._fields
    attach(error if known else Invalid("value", error.message), ask.form)


def evidence_form(firm_id: int) -> EvidenceForm:
    """Return the form that adds a file to a claim, with what lies in the firm's locker."""
    return EvidenceForm().offer(documents.usable(read(), firm_id, for_=actor()))


def add_evidence(form: EvidenceForm, claim_id: int, *, by: Actor) -> None:
    """Let the file that was sent, or chosen from the locker, support a claim. Raises Invalid; then nothing is kept."""
    upload, chosen = uploaded(form), whole(form.document.data)
    if not form.validate():
        raise Invalid("", tr("没有保存，请按提示修改。"))
    if upload is None and chosen is None:
        raise Invalid("file", tr("请选择要上传的文件，或从材料库选用。"))
    with transaction() as session:
        claim = queries.claim(session, claim_id, for_=by)
        if upload is not None:
            service.attach(session, current_app.extensions["yuqi_store"], claim, upload, by=by)
        else:
            service.attach_document(session, claim, documents.document(session, chosen or 0, for_=by), by=by)


def uploaded(form: EvidenceForm | FigureForm) -> Upload | None:
    """Return the file that was sent, or None when none was chosen."""
    sent = request.files.get(form["file"].name)
    if sent is None or not sent.filename:
        return None
    if not isinstance(form, EvidenceForm):
        return Upload(sent.filename, sent.read())
    kind = DocumentKind(form.kind.data) if form.kind.data in set(DocumentKind) else DocumentKind.OTHER
    return Upload(sent.filename, sent.read(), form.title.data or "", kind, form.valid_from.data, form.valid_until.data)


def whole(text: str | None) -> int | None:
    """Return a number from an address or a hidden field, or None: nothing that a database would choke on."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
