"""Stating one figure in a form, the same for the office and the portal: what is asked, what was sent, what is kept."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request

from app.access.actor import Actor
from app.core import clock
from app.core.errors import Invalid
from app.core.text import Message
from app.facts import keeping, service
from app.facts.catalogue import Indicator
from app.facts.forms import EvidenceForm, FigureForm, figure_form, how_to_write, typed
from app.facts.locker import Upload
from app.facts.models import SourceKind
from app.facts.service import Statement
from app.web.forms import Form, attach
from app.web.session import transaction


@dataclass(frozen=True)
class Asked:
    """The indicator of the address, its form, the year of the address and how the value is written."""

    indicator: Indicator
    form: FigureForm
    year: int | None
    how: Message | None


def asked() -> Asked:
    """Return what the address asks for: ``?key=…&year=…``. Raises Invalid for an unknown key."""
    key, today = request.args.get("key", "")[:60], clock.today()
    year = whole(request.args.get("year"))
    if year is None and keeping.indicator_of(key).by_year:
        year = today.year - 1
    indicator = keeping.stated(key, year)
    form = figure_form(indicator, this_year=today.year)(year=str(year) if year else "")
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


def uploaded(form: EvidenceForm | FigureForm | Form) -> Upload | None:
    """Return the file that was sent, or None when none was chosen."""
    sent = request.files.get(form["file"].name)
    if sent is None or not sent.filename:
        return None
    title = form["title"].data if "title" in form else ""
    return Upload(sent.filename, sent.read(), title or "")


def whole(text: str | None) -> int | None:
    """Return a number from an address or a hidden field, or None: nothing that a database would choke on."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
