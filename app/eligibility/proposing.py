"""Which edition a judgement should follow, told beside the field where a person chooses one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition
from app.rulebooks.queries import Proposal


@dataclass(frozen=True, slots=True)
class Offer:
    """For a day and a kind of application: the edition of each programme, the chosen one, and the one it should be."""

    day: date
    kind: str
    proposals: Sequence[Proposal]
    chosen: Edition | None
    right: Proposal | None

    @property
    def fits(self) -> bool:
        """Whether the chosen edition is the one that such an application follows."""
        return self.chosen is not None and self.right is not None and self.right.edition.id == self.chosen.id


def offer(session: Session, edition_id: int | None, day: date, kind: str) -> Offer:
    """Return what to propose; without a chosen edition the first proposed one stands chosen."""
    proposals = rulebooks.proposals(session, day, kind)
    held = {one.id: one for one in rulebooks.editions(session)}
    chosen = held.get(edition_id) if edition_id is not None else None
    if chosen is None:
        chosen = proposals[0].edition if proposals else None
    programme = chosen.programme if chosen is not None else ""
    same = [one for one in proposals if one.edition.programme == programme]
    right = next((one for one in same if one.edition is chosen), same[0] if same else None)
    return Offer(day, kind, proposals, chosen, right)
