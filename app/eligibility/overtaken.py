"""Whether a verdict still rests on what stands: compared by the facts themselves and by the editions, not by the clock.

Times only narrow down where to look. A fact takes effect when its transaction ends, which may be long after it was
stamped, and a merge hands over facts accepted years ago; so whoever was touched from an hour before the judging on, or
has been merged since, is compared fact by fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, extract, func, or_, select
from sqlalchemy.orm import Session

from app.core.choices import Choice
from app.core.text import N_
from app.eligibility.models import Verdict
from app.facts.models import Fact
from app.facts.queries import portions
from app.facts.sheet import EXPERT
from app.firms.models import Firm, FirmMerge
from app.rulebooks import choosing, held
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition
from app.rulebooks.queries import keys_of, rulebook_of

LONGEST_TRANSACTION = timedelta(hours=1)
SURELY_LATER = timedelta(minutes=1)

Spot = tuple[str, int | None]


class Overtaken(Choice):
    """By what a verdict was overtaken."""

    FIGURES = "figures", N_("依据的数据有变化")
    ARRIVED = "arrived", N_("缺少的数据已经补齐或新增")
    EDITION = "edition", N_("规则版本已更换")
    DAY = "day", N_("随日期推移结果改变")


@dataclass(frozen=True, slots=True)
class Head:
    """As much of a verdict as says what it rests on; ``sheet`` are the entries it kept."""

    id: int
    firm_id: int
    edition_id: int
    as_of: date
    kind: str
    sheet: Sequence[Any]


def of(session: Session, verdict_ids: Sequence[int]) -> dict[int, Overtaken]:
    """Return those of the verdicts that other facts or another edition of their day have overtaken, and by what."""
    if not verdict_ids:
        return {}
    editions = {one.id: one for one in _editions_of(session, Verdict.id.in_(verdict_ids))}
    return _by_edition(session, verdict_ids, editions) | _by_facts(session, verdict_ids, editions)


def in_list(session: Session, list_id: int, *conditions: ColumnElement[bool]) -> set[int]:
    """Return the verdicts of a list that other facts have overtaken; the conditions may narrow the firms.

    Firms whose figures were changed long after the judging are certain, those changed around it are compared.
    """
    editions = _editions_of(session, Verdict.list_id == list_id)
    first, last = session.execute(
        select(func.min(Verdict.judged_at), func.max(Verdict.judged_at)).where(Verdict.list_id == list_id)
    ).one()
    if not editions or first is None:
        return set()
    merged = Verdict.firm_id.in_(_merged_since(first - LONGEST_TRANSACTION))
    certain = case((and_(_changed_since(last + SURELY_LATER), ~merged), 1), else_=0)
    rows = session.execute(
        select(Verdict.id, func.max(certain))
        .join(Firm, Firm.id == Verdict.firm_id)
        .join(Fact, Fact.firm_id == Verdict.firm_id)
        .where(Verdict.list_id == list_id, _may_look(editions[0]), *conditions)
        .where(or_(_changed_since(first - LONGEST_TRANSACTION), merged))
        .group_by(Verdict.id)
    ).all()
    unsure = [verdict_id for verdict_id, sure in rows if not sure]
    compared = _by_facts(session, unsure, {one.id: one for one in editions})
    return {verdict_id for verdict_id, sure in rows if sure or verdict_id in compared}


def current(held_now: Sequence[Edition], edition: Edition, day: date, kind: str) -> Edition | None:
    """Return the edition that now takes the place of this one for a day: itself, its newest copy, what followed it.

    Editions of other regions stand beside it: they take its place only when none of its own region applies.
    """
    region = rulebook_of(edition).region
    same = [one for one in held_now if one.programme == edition.programme and rulebook_of(one).region == region]
    followed = _chosen(same, edition.programme, day, kind, region)
    if followed is not None:
        return followed
    proposed = held.applies(held_now, edition.programme, day, kind)
    return proposed.edition if proposed is not None else None


def _chosen(editions: Sequence[Edition], programme: str, day: date, kind: str, region: str) -> Edition | None:
    place = choosing.OWN_PLACE if region in choosing.OWN_PLACE else ""
    found = [one for one in editions if rulebook_of(one).governs(day, kind)]
    if not found:
        return None
    chosen = choosing.choose([rulebook_of(one) for one in found], programme, kind=kind, day=day, place=place)
    return next(one for one in found if one.code == chosen.rulebook.id)


def differing(sheet: Iterable[Any], standing: dict[Spot, int], edition: Edition, as_of: date) -> Overtaken | None:
    """Return whether the facts that an edition may look at are others than those on a kept sheet.

    ``standing`` are the ids of the firm's facts of now.
    """
    asked = keys_of(rulebook_of(edition))
    old = {(key, year): fact_id for key, year, _value, fact_id, _source in sheet if _asks(asked, key)}
    new = {
        (key, year): fact_id
        for (key, year), fact_id in standing.items()
        if _asks(asked, key) and (year is None or year <= as_of.year)
    }
    if any(new.get(spot) != fact_id for spot, fact_id in old.items()):
        return Overtaken.FIGURES
    return Overtaken.ARRIVED if new.keys() - old.keys() else None


def _asks(asked: frozenset[str], key: str) -> bool:
    return key in asked or key.startswith(EXPERT)


def _by_facts(session: Session, verdict_ids: Sequence[int], editions: dict[int, Edition]) -> dict[int, Overtaken]:
    found = {}
    for part in portions(sorted(set(verdict_ids))):
        rows = session.execute(
            select(Verdict.id, Verdict.firm_id, Verdict.edition_id, Verdict.as_of, Verdict.kind, Verdict.sheet).where(
                Verdict.id.in_(part)
            )
        )
        heads = [Head(*row) for row in rows]
        standing = facts_now(session, [one.firm_id for one in heads])
        for one in heads:
            why = differing(one.sheet, standing.get(one.firm_id, {}), editions[one.edition_id], one.as_of)
            if why is not None:
                found[one.id] = why
    return found


def facts_now(session: Session, firm_ids: Sequence[int]) -> dict[int, dict[Spot, int]]:
    """Return the ids of the facts that stand now, by firm and place."""
    found: dict[int, dict[Spot, int]] = {}
    for part in portions(sorted(set(firm_ids))):
        rows = session.execute(
            select(Fact.firm_id, Fact.key, Fact.year, Fact.id).where(
                Fact.firm_id.in_(part), Fact.superseded_at.is_(None)
            )
        )
        for firm_id, key, year, fact_id in rows:
            found.setdefault(firm_id, {})[key, year] = fact_id
    return found


def _by_edition(session: Session, verdict_ids: Sequence[int], editions: dict[int, Edition]) -> dict[int, Overtaken]:
    held_now = rulebooks.editions(session)
    rows = session.execute(
        select(Verdict.id, Verdict.edition_id, Verdict.as_of, Verdict.kind).where(Verdict.id.in_(verdict_ids))
    )
    found = {}
    for verdict_id, edition_id, as_of, kind in rows:
        now = current(held_now, editions[edition_id], as_of, kind)
        if now is not None and now.id != edition_id:
            found[verdict_id] = Overtaken.EDITION
    return found


def _editions_of(session: Session, which: ColumnElement[bool]) -> Sequence[Edition]:
    """One edition for a list, a handful for a firm: the number of statements does not grow with the rows."""
    return session.scalars(select(Edition).where(Edition.id.in_(select(Verdict.edition_id).where(which)))).all()


def _changed_since(moment: datetime) -> ColumnElement[bool]:
    return or_(Fact.accepted_at > moment, Fact.superseded_at > moment)


def _merged_since(moment: datetime) -> Select[int]:
    since = or_(FirmMerge.merged_at > moment, FirmMerge.undone_at > moment)
    survivors = select(FirmMerge.survivor_id).where(since)
    return select(Firm.id).where(or_(Firm.id.in_(survivors), Firm.id.in_(select(FirmMerge.loser_id).where(since))))


def _may_look(edition: Edition) -> ColumnElement[bool]:
    keys = keys_of(rulebook_of(edition))
    of_its_years = or_(Fact.year.is_(None), Fact.year <= extract("year", Verdict.as_of))
    return and_(or_(Fact.key.in_(keys), Fact.key.startswith(EXPERT)), of_its_years)
