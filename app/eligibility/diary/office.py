"""The diary of a firm in the office: its page, a panel on the firm's page, and the workbook."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.audit.service import Subject, record
from app.core import clock
from app.eligibility import queries as eligibility
from app.eligibility.diary import export, queries
from app.eligibility.past import shown
from app.firms import queries as firms
from app.firms.models import Firm
from app.web.incoming import number
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("diary", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_ONCE = 20
NEWEST = 3
MOST = 500


@door.get("/firms/<int:firm_id>/verdicts/diary")
@requires(Action.ELIGIBILITY_READ)
def firm(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    whole = queries.diary(read(), found.id)
    programme = request.args.get("programme", "")
    diary = whole.of(programme) if programme in whole.programmes else whole
    start = min(number("from") or 0, len(diary.changes))
    return page(
        firm=found,
        programmes=sorted(whole.programmes.items()),
        total=len(diary.changes),
        start=start,
        size=AT_ONCE,
        **_entries(read(), diary, start, AT_ONCE),
    )


@door.get("/firms/<int:firm_id>/verdicts/diary/export")
@requires(Action.ELIGIBILITY_EXPORT)
def export_diary(firm_id: int) -> ResponseReturnValue:
    found = firms.firm(read(), firm_id, for_=actor())
    diary = queries.diary(read(), found.id)
    entries = queries.entries(read(), diary, diary.changes[:MOST])
    data = export.workbook(found.name, entries, exported_by=actor().name, at=clock.now())
    with transaction(on_get=True) as session:
        about = Subject("firm", found.id, found.name, found.id)
        record(session, actor(), Action.ELIGIBILITY_EXPORT, about, changes={"rows": [None, len(entries)]})
    return send_file(io.BytesIO(data), XLSX, as_attachment=True, download_name=f"{found.name}判定日记.xlsx")


def panel(session: Session, found: Firm) -> dict[str, Any]:
    """Return the newest changes for the firm's page."""
    return _entries(session, queries.diary(session, found.id), 0, NEWEST)


def _entries(session: Session, diary: queries.Diary, start: int, size: int) -> dict[str, Any]:
    entries = queries.entries(session, diary, diary.changes[start : start + size])
    ids = [number for entry in entries for number in shown.fact_ids(entry.steps)]
    claims = eligibility.claims_of(session, ids)
    return {"entries": entries, "datum": lambda one: shown.shown(one, claims)}
