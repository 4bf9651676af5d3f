"""Spot checks: firms that met a threshold narrowly, and firms that missed one narrowly, bar by bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor, Reach
from app.core.paging import PAGE_SIZE, Page
from app.district.asking import MarginFilter
from app.district.calls import in_town
from app.eligibility.runs import nearness
from app.eligibility.runs.models import EligibilityRun
from app.eligibility.runs.nearness import Close, NearBar, Nearness
from app.firms import queries as firms
from app.firms.models import Firm


@dataclass(frozen=True, slots=True)
class Margins:
    """What the page of the spot checks shows: the bars with their counts, and the firms of the chosen one."""

    found: Nearness
    bars: Sequence[NearBar]
    chosen: NearBar | None
    rows: Page[tuple[Firm, Close]]
    is_capped: bool


def shown(session: Session, run: EligibilityRun, wanted: MarginFilter, start: int, *, for_: Actor) -> Margins:
    """Return the bars of an edition of the run, and one page of the firms of the chosen bar."""
    found = read(session, run, wanted, for_=for_)
    rows = closest(found, wanted)
    start = start if 0 <= start < len(rows) else 0
    part = rows[start : start + PAGE_SIZE]
    known = firms_of(session, part, for_=for_)
    items = [(known[one.firm_id], one) for one in part if one.firm_id in known]
    chosen = next((one for one in found.bars if one.bar.name == wanted.bar), None)
    after = str(start + PAGE_SIZE) if start + PAGE_SIZE < len(rows) else ""
    told = Page(items, len(rows), after=after, before=str(max(0, start - PAGE_SIZE)) if start else "")
    counted = [one for one in found.bars if one.met or one.unmet]
    capped = chosen is not None and len(chosen.met) + len(chosen.unmet) > len(found.closest)
    return Margins(found, counted, chosen, told, capped)


def read(session: Session, run: EligibilityRun, wanted: MarginFilter, *, for_: Actor) -> Nearness:
    """Return who is near the bars; without an edition that of the run's first one."""
    ids = [one["id"] for one in run.editions]
    edition_id = wanted.edition_id if wanted.edition_id in ids else ids[0]
    only = in_town(session, wanted.town)
    if for_.reach is not Reach.DISTRICT or for_.is_firm:
        within = set(session.scalars(select(Firm.id).where(firms.visible_to(for_))))
        only = sorted(within if only is None else within & set(only))
    return nearness.read(session, run, edition_id, wanted.share, bar=wanted.bar, only=only)


def closest(found: Nearness, wanted: MarginFilter) -> list[Close]:
    """Return the firms of the chosen bar on the side asked for."""
    if wanted.side == "exact":
        return [one for one in found.closest if one.is_on_it or one.is_rounded]
    return [one for one in found.closest if not wanted.side or one.is_met is (wanted.side == "met")]


def firms_of(session: Session, rows: Sequence[Close], *, for_: Actor) -> Mapping[int, Firm]:
    """Return the firms of some rows that a person may see."""
    ids = [one.firm_id for one in rows]
    return {one.id: one for one in session.scalars(select(Firm).where(Firm.id.in_(ids), firms.visible_to(for_)))}
