"""Writing a note: it stays as it was written."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record
from app.core.errors import Invalid
from app.core.text import tr
from app.firms.models import Firm
from app.notes.models import FirmNote

LONGEST = 4000
QUOTED = 200


def write(session: Session, firm: Firm, text: str, *, by: Actor) -> FirmNote:
    """Keep a note on a firm. Raises Invalid."""
    plain = text.strip()
    if not plain:
        raise Invalid("text", tr("请填写备注内容。"))
    if len(plain) > LONGEST:
        raise Invalid("text", tr("最多 %(most)s 个字，现有 %(n)s 个。", most=LONGEST, n=len(plain)))
    note = FirmNote(firm_id=firm.id, text=plain, author_id=by.id, author_name=by.name)
    session.add(note)
    session.flush()
    quoted = plain if len(plain) <= QUOTED else plain[:QUOTED] + "……"
    record(session, by, Action.NOTE_WRITE, Subject("firm_note", note.id, firm.name, firm.id), note=quoted)
    return note
