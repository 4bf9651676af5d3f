"""Reading surveys and gains: what helps the plan first, then what is in reach before the window, then by effort."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE, Page
from app.core.text import tr
from app.district.models import DistrictGain, DistrictSurvey
from app.district.plan import RANKS, Effect, plan
from app.eligibility.reach.plan import Found
from app.eligibility.runs import queries as runs
from app.eligibility.runs.models import EligibilityRun
from app.firms import queries as firms
from app.firms.models import Firm
from app.firms.taxonomy import Town
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition

LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class GainFilter:
    """What a person asks the gains for; ``rank`` is one of ``plan.RANKS`` (None: all), ``within`` only what is there
    before the window closes."""

    rank: int | None = None
    edition_id: int = 0
    town: str = ""
    within: bool = False


@dataclass(frozen=True, slots=True)
class Gain:
    """A gain with its firm, its edition, and what its recognition has to do with the plan's indicators."""

    gain: DistrictGain
    firm: Firm
    edition: Edition
    rank: int
    effects: Sequence[Effect]


def newest_run(session: Session, kind: str) -> EligibilityRun | None:
    """Return the run that the pages of the district look at."""
    return runs.newest(session, kind=kind)


def run_to_survey(session: Session, kind: str) -> EligibilityRun:
    """Return the run of which a survey is to be made, or raise ``NotFound``."""
    found = newest_run(session, kind)
    if found is None:
        raise NotFound(tr("还没有做过全部判定，请先判定全部企业。"))
    return found


def survey(session: Session, survey_id: int, *, lock: bool = False) -> DistrictSurvey:
    """Return one survey, or raise ``NotFound``."""
    found = None
    if 0 < survey_id <= LARGEST_ID:
        found = session.get(DistrictSurvey, survey_id, with_for_update=True if lock else None)
    if found is None:
        raise NotFound(tr("没有找到这次推算。"))
    return found


def newest(session: Session, *, complete: bool) -> DistrictSurvey | None:
    """Return the newest survey, or the newest one that is through."""
    wanted = select(DistrictSurvey).order_by(DistrictSurvey.id.desc()).limit(1)
    return session.scalars(wanted.where(DistrictSurvey.is_complete) if complete else wanted).first()


def counts(session: Session, found: DistrictSurvey, *, for_: Actor) -> dict[int, int]:
    """Return how many gains there are of each rank within a person's reach."""
    ranks = _ranks(session, found)
    joined = (
        select(DistrictGain.edition_id, func.count())
        .join(Firm, Firm.id == DistrictGain.firm_id)
        .where(DistrictGain.survey_id == found.id, firms.visible_to(for_))
        .group_by(DistrictGain.edition_id)
    )
    result = dict.fromkeys(RANKS, 0)
    for edition_id, number in session.execute(joined):
        result[ranks[edition_id]] += number
    return result


def gains(session: Session, found: DistrictSurvey, wanted: GainFilter, start: int, *, for_: Actor) -> Page[Gain]:
    """Return one page of the gains of a survey."""
    ranks = _ranks(session, found)
    statement = _wanted(found, wanted, ranks, for_)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    start = start if 0 <= start < total else 0
    items = list(_told(session, session.execute(_ordered(statement, ranks).offset(start).limit(PAGE_SIZE)), ranks))
    after = str(start + PAGE_SIZE) if start + PAGE_SIZE < total else ""
    return Page(items, total, after=after, before=str(max(0, start - PAGE_SIZE)) if start else "")


def all_gains(session: Session, found: DistrictSurvey, wanted: GainFilter, *, for_: Actor) -> Iterator[Gain]:
    """Return all gains of a survey that are asked for, in the order of the page."""
    ranks = _ranks(session, found)
    return _told(session, session.execute(_ordered(_wanted(found, wanted, ranks, for_), ranks)), ranks)


def count_gains(session: Session, found: DistrictSurvey, wanted: GainFilter, *, for_: Actor) -> int:
    """Return how many they are."""
    statement = _wanted(found, wanted, _ranks(session, found), for_)
    return session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def editions_of(session: Session, found: DistrictSurvey) -> Sequence[Edition]:
    """Return the editions of which a survey has gains."""
    held = select(DistrictGain.edition_id).where(DistrictGain.survey_id == found.id).distinct()
    return session.scalars(select(Edition).where(Edition.id.in_(held)).order_by(Edition.programme, Edition.id)).all()


def _ranks(session: Session, found: DistrictSurvey) -> Mapping[int, int]:
    return {one.id: plan().rank(one.programme) for one in editions_of(session, found)}


Joined = Select[DistrictGain, Firm]


def _wanted(found: DistrictSurvey, wanted: GainFilter, ranks: Mapping[int, int], actor: Actor) -> Joined:
    conditions: list[ColumnElement[bool]] = [DistrictGain.survey_id == found.id, firms.visible_to(actor)]
    if wanted.rank is not None:
        conditions.append(DistrictGain.edition_id.in_([one for one, rank in ranks.items() if rank == wanted.rank]))
    if wanted.edition_id:
        conditions.append(DistrictGain.edition_id == wanted.edition_id)
    if wanted.town in {one.value for one in Town}:
        conditions.append(Firm.town == Town(wanted.town))
    if wanted.within:
        conditions += [
            DistrictGain.found == Found.PLAN,
            DistrictGain.closes_on.is_not(None),
            DistrictGain.in_time.is_(True),
        ]
    return select(DistrictGain, Firm).join(Firm, Firm.id == DistrictGain.firm_id).where(*conditions)


def _ordered(statement: Joined, ranks: Mapping[int, int]) -> Joined:
    """What helps the plan first; then what has a way, what is there before its window closes, the least effort."""
    rank = case(*((DistrictGain.edition_id == one, number) for one, number in (ranks or {0: 0}).items()), else_=9)
    has_way = case((DistrictGain.found == Found.PLAN, 0), else_=1)
    fits = case((DistrictGain.closes_on.is_(None), 1), (DistrictGain.in_time, 0), else_=2)
    return statement.order_by(rank, has_way, fits, DistrictGain.effort, DistrictGain.ready_on, DistrictGain.id)


def _told(session: Session, rows: Any, ranks: Mapping[int, int]) -> Iterator[Gain]:
    editions = rulebooks.codes(session, list(ranks))
    for gain, firm in rows:
        edition = editions[gain.edition_id]
        yield Gain(gain, firm, edition, ranks[gain.edition_id], plan().of(edition.programme))
