"""Which sealed copies of the editions the office held at a moment: under which rules it could judge then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.rulebooks import choosing, queries
from app.rulebooks.models import Edition
from app.rulebooks.queries import Proposal


@dataclass(frozen=True, slots=True)
class Copy:
    """A sealed copy; ``late`` says that none of this edition was held yet, so the first one stands for it."""

    edition: Edition
    late: bool


def copies(session: Session, moment: datetime | None) -> dict[str, Copy]:
    """Return the copy of each edition, by code, that was the newest at a moment (None: now)."""
    rows = session.execute(select(Edition.id, Edition.code, Edition.created_at).order_by(Edition.id)).all()
    chosen: dict[str, tuple[int, bool]] = {}
    for edition_id, code, created_at in rows:
        late = moment is not None and created_at > moment
        if code not in chosen or not late:
            chosen[code] = (edition_id, late)
    held = queries.codes(session, [edition_id for edition_id, _late in chosen.values()])
    return {code: Copy(held[edition_id], late) for code, (edition_id, late) in chosen.items()}


def proposal(
    held: Sequence[Edition], programme: str, day: date, kind: str, place: str = choosing.OWN_PLACE
) -> Proposal:
    """Return which of these editions an application follows on a day. Raises NotFound with those there are."""
    by_code = {one.code: one for one in held}
    books = [queries.rulebook_of(one) for one in held]
    chosen = choosing.choose(books, programme, kind=kind, day=day, place=place)
    return Proposal(by_code[chosen.rulebook.id], chosen.why)


def applies(held: Sequence[Edition], programme: str, day: date, kind: str) -> Proposal | None:
    """Return what ``proposal`` returns, or None where nothing applies."""
    try:
        return proposal(held, programme, day, kind)
    except NotFound:
        return None
