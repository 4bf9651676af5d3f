"""Where an event leads: the page of the thing it is about, if the person may open it."""

from __future__ import annotations

import re

from flask import current_app, url_for

from app.access.actions import Action
from app.access.actor import Actor
from app.access.policy import decide
from app.timeline.queries import Happened
from app.web.surfaces import declared

# kind of subject: endpoint, name of its number in the address, place on the page
_PAGES = {
    "claim": ("office.facts.claim", "claim_id", ""),
    "digital_assessment": ("office.programmes.digital.edit", "assessment_id", ""),
    "dossier": ("office.dossiers.show", "dossier_id", ""),
    "eligibility_list": ("office.eligibility.show", "list_id", ""),
    "import_batch": ("office.imports.show", "batch_id", ""),
    "nomination_list": ("office.nominations.show", "list_id", ""),
    "rd_institution": ("office.programmes.rd_institutions.edit", "institution_id", ""),
    "recognition": ("office.recognitions.show", "recognition_id", ""),
    "task": ("office.engagement.show", "task_id", ""),
    "user": ("office.accounts.edit", "user_id", ""),
    "verdict": ("office.eligibility.verdict", "verdict_id", ""),
}
# kinds of subject that stand on a page of the firm
_OF_FIRM = {
    "contact": ("office.firms.show", "contacts"),
    "document": ("office.facts.firm", ""),
    "doubling_target": ("office.programmes.firm", ""),
    "enrolment": ("office.programmes.firm", ""),
    "fact": ("office.facts.firm", ""),
    "firm": ("office.firms.show", ""),
    "firm_note": ("office.notes.index", "note-{id}"),
    "roster_entry": ("office.firms.show", "roster"),
}
_BATCH = re.compile(r"导入批次 ([0-9]{1,9})")


def link(one: Happened, firm_id: int, person: Actor) -> str:
    """Return the address of what the event is about, empty where there is no page or no permission."""
    if one.entry is not None and one.subject == "firm" and one.kind.value == "figures":
        return _to("office.facts.firm", person, firm_id=firm_id)
    if one.subject in _OF_FIRM:
        endpoint, anchor = _OF_FIRM[one.subject]
        return _to(endpoint, person, firm_id=firm_id, _anchor=anchor.format(id=one.subject_id) or None)
    page = _PAGES.get(one.subject)
    if page is None or one.subject_id is None:
        return ""
    return _to(page[0], person, **{page[1]: one.subject_id})


def batch_link(note: str, person: Actor) -> str:
    """Return the address of the import batch that a note of the log names, empty where it names none."""
    found = _BATCH.search(note)
    return _to("office.imports.show", person, batch_id=int(found[1])) if found else ""


def _to(endpoint: str, person: Actor, **values: object) -> str:
    action = declared(current_app, endpoint) if endpoint in current_app.view_functions else None
    if not isinstance(action, Action) or not decide(person, action).allowed:
        return ""
    return url_for(endpoint, **values)  # type: ignore[arg-type]
