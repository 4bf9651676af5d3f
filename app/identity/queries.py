"""Reading the history of who a firm is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from app.access.actor import Actor
from app.core.errors import NotFound
from app.firms import credit_code, queries, registry
from app.firms.models import Firm, FirmEvent, FirmMerge, FormerName, NameOffer


class NameLine(NamedTuple):
    """A name with its days; ``former`` is None for the present one."""

    name: str
    since: date | None
    until: date | None
    former: FormerName | None


class MergeLine(NamedTuple):
    """A merge with both names."""

    merge: FirmMerge
    survivor: str
    loser: str


def name_lines(session: Session, firm: Firm) -> list[NameLine]:
    """Return the names of a firm, the present one first, then the one that ended last."""
    former = sorted(
        queries.former_names(session, firm.id), key=lambda one: (one.until or date.min, one.id), reverse=True
    )
    since = max((one.until for one in former if one.until is not None), default=firm.registered_on)
    return [NameLine(firm.name, since, None, None), *(NameLine(one.name, one.since, one.until, one) for one in former)]


def event(session: Session, firm_id: int, event_id: int) -> FirmEvent:
    """Return an event of a firm, or raise ``NotFound``."""
    found = session.get(FirmEvent, event_id) if 0 < event_id <= queries.LARGEST_ID else None
    if found is None or found.firm_id != firm_id:
        raise NotFound
    return found


def offer(session: Session, firm_id: int, offer_id: int) -> NameOffer:
    """Return a name offered for a firm, or raise ``NotFound``."""
    found = session.get(NameOffer, offer_id) if 0 < offer_id <= queries.LARGEST_ID else None
    if found is None or found.firm_id != firm_id:
        raise NotFound
    return found


def parents(session: Session, events: Sequence[FirmEvent], *, for_: Actor) -> dict[int, str]:
    """Return the names of the legal entities that events of branches name, those in the person's reach."""
    ids = [one.parent_id for one in events if one.parent_id is not None]
    beyond = queries.beyond(session, ids, for_)
    return queries.names(session, [one for one in ids if one not in beyond])


def branches(session: Session, firm_id: int, actor: Actor) -> Sequence[Firm]:
    """Return the branches of a firm that the person may see."""
    standing = select(FirmEvent.firm_id).where(FirmEvent.parent_id == firm_id, FirmEvent.voided_at.is_(None))
    return session.scalars(
        select(Firm).where(Firm.id.in_(standing), queries.visible_to(actor)).order_by(Firm.name_key)
    ).all()


def named(session: Session, text: str, *, for_: Actor) -> Firm | None:
    """Return the firm in reach that a credit code or a full name means, None when there is none or are several."""
    code = credit_code.normalise(text)
    found = session.scalars(
        select(Firm)
        .where(queries.visible_to(for_), queries.standing(), or_(Firm.credit_code == code, Firm.name == text.strip()))
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def merges(session: Session, firm_id: int) -> list[MergeLine]:
    """Return the merges of which a firm is a part, the latest first."""
    part = or_(FirmMerge.survivor_id == firm_id, FirmMerge.loser_id == firm_id)
    return _merges(session, part)


def records(session: Session, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return the latest merge of each pair of firms, given by the smaller id and the larger; none for the unmerged."""
    lows, highs = {low for low, _high in pairs}, {high for _low, high in pairs}
    either = FirmMerge.survivor_id.in_(lows | highs), FirmMerge.loser_id.in_(lows | highs)
    rows = session.execute(
        select(FirmMerge.id, FirmMerge.survivor_id, FirmMerge.loser_id).where(*either).order_by(FirmMerge.id)
    )
    return {(min(one, other), max(one, other)): number for number, one, other in rows}


def merge(session: Session, merge_id: int, *, for_: Actor) -> MergeLine:
    """Return one merge whose surviving firm the person may see, or raise ``NotFound``."""
    found = _merges(session, FirmMerge.id == merge_id) if 0 < merge_id <= queries.LARGEST_ID else []
    if not found or not queries.may_see(session, found[0].merge.survivor_id, for_):
        raise NotFound
    return found[0]


def _merges(session: Session, condition: object) -> list[MergeLine]:
    one, other = aliased(Firm), aliased(Firm)
    rows = session.execute(
        select(FirmMerge, one.name, other.name)
        .join(one, one.id == FirmMerge.survivor_id)
        .join(other, other.id == FirmMerge.loser_id)
        .where(condition)  # type: ignore[arg-type]
        .order_by(FirmMerge.id.desc())
    )
    return [MergeLine(*row) for row in rows]


def offers(session: Session, firm_id: int) -> Sequence[NameOffer]:
    """Return the names offered for a firm on which nobody has decided."""
    return registry.open_offers(session, firm_id)
