"""Reading notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.paging import Page, SortKey, read_page
from app.firms.models import Firm
from app.notes.models import FirmNote


def of_firm(session: Session, firm_id: int, *, after: str = "", before: str = "", size: int = 20) -> Page[FirmNote]:
    """Return one page of a firm's notes, newest first; the caller has checked that the person may see the firm."""
    total = session.scalar(select(func.count()).where(FirmNote.firm_id == firm_id)) or 0
    found = read_page(
        session, select(FirmNote).where(FirmNote.firm_id == firm_id),
        [SortKey(FirmNote.id, "id", descending=True)], key_of=lambda row: (row[0].id,),
        total=total, after=after, before=before, size=size,
    )  # fmt: skip
    return Page([row[0] for row in found.items], found.total, found.after, found.before)


def panel(session: Session, firm: Firm) -> dict[str, Any]:
    """Return the newest notes for the firm's page, and how many there are."""
    found: Sequence[FirmNote] = session.scalars(
        select(FirmNote).where(FirmNote.firm_id == firm.id).order_by(FirmNote.id.desc()).limit(4)
    ).all()
    return {"notes": found[:3], "more": len(found) > 3}  # noqa: PLR2004 - three are shown
