"""One page of a firm's timeline: the log and the changes of verdicts, read side by side and merged by time.

Each source is read by its own key (an index on firm and id), so that a page costs the same at any depth: the cursor
holds, for every source, the id up to which it has been shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.audit import queries as log
from app.audit.models import AuditEvent
from app.audit.queries import Entry
from app.core import clock
from app.core.paging import decode_cursor, encode_cursor
from app.core.text import Message, tr
from app.eligibility.models import EligibilityList, Verdict, VerdictState
from app.firms import keys
from app.rulebooks.models import Edition
from app.timeline.kinds import EventKind, actions_of, kind_of

SIZE = 40
LAST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Happened:
    """One event: ``entry`` of the log, or ``verdict`` for a change of verdict. ``subject`` and ``subject_id`` say what
    it is about, for the link."""

    at: datetime
    kind: EventKind
    source: int
    id: int
    subject: str
    subject_id: int | None
    entry: Entry | None = None
    verdict: VerdictChange | None = None


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A list judged the firm otherwise than the time before, or for the first time (``before`` None)."""

    edition: str
    title: str
    before: VerdictState | None
    after: VerdictState
    reason: str

    @property
    def told(self) -> Message:
        """The change in one sentence."""
        after = Message(self.after.label)
        if self.before is None:
            return tr("%(edition)s：首次判定为%(after)s", edition=self.edition, after=after)
        before = Message(self.before.label)
        return tr("%(edition)s：由%(before)s变为%(after)s", edition=self.edition, before=before, after=after)


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """What a person asks for; ``year`` is of the district's calendar."""

    kind: EventKind | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """One page, newest first, with the cursors around it (empty where there is nothing)."""

    items: Sequence[Happened]
    after: str
    before: str


def timeline(
    session: Session, firm_id: int, wanted: TimelineFilter, *, after: str = "", before: str = "", size: int = SIZE
) -> TimelinePage:
    """Return one page of what happened to a firm; the caller has checked that the person may see it."""
    cursor = _cursor(after or before)
    backwards = bool(before) and not after and cursor is not None
    found: list[Happened] = []
    for source in (_events, _verdicts):
        found += source(session, firm_id, wanted, cursor, backwards, size + 1)
    found.sort(key=_order, reverse=not backwards)
    more = len(found) > size
    shown = found[:size]
    if backwards:
        shown.reverse()
    start = cursor or (LAST, LAST)
    if backwards:
        newer = encode_cursor(_edges(shown, start, newest=True)) if more else ""
        return TimelinePage(shown, encode_cursor(start) if shown else "", newer)
    older = encode_cursor(_edges(shown, start, newest=False)) if more else ""
    return TimelinePage(shown, older, encode_cursor(start) if shown and cursor is not None else "")


def _histories(session: Session, firm_id: int) -> Sequence[int]:
    """Return the firm and all firms merged into it: what happened to them happened to it."""
    gone = keys.merged(session)
    return [firm_id, *(loser for loser in gone if keys.went(gone, loser) == firm_id)]


def _order(one: Happened) -> tuple[datetime, int, int]:
    return one.at, one.source, one.id


def _edges(shown: Sequence[Happened], start: tuple[int, int], *, newest: bool) -> tuple[int, int]:
    """Return, for each source, the id up to which it has been shown: unchanged where the page has nothing of it."""
    edges = list(start)
    for source in (0, 1):
        ids = [one.id for one in shown if one.source == source]
        if ids:
            edges[source] = max(ids) + 1 if newest else min(ids)
    return edges[0], edges[1]


def _cursor(text: str) -> tuple[int, int] | None:
    values = decode_cursor(text, 2) if text else None
    if values is None or not all(type(one) is int and 0 < one <= LAST for one in values):
        return None
    return values[0], values[1]


def _beyond(column: Any, place: int | None, backwards: bool) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    return [column >= place] if backwards else [column < place]


def _within(column: Any, year: int | None) -> list[ColumnElement[bool]]:
    if year is None:
        return []
    first, last = (datetime(one, 1, 1, tzinfo=clock.BUSINESS_ZONE) for one in (year, year + 1))
    return [column >= first, column < last]


def _events(
    session: Session, firm_id: int, wanted: TimelineFilter, cursor: tuple[int, int] | None, backwards: bool, most: int
) -> list[Happened]:
    statement = select(AuditEvent).where(
        AuditEvent.firm_id.in_(_histories(session, firm_id)), *_within(AuditEvent.at, wanted.year),
        *_beyond(AuditEvent.id, cursor[0] if cursor else None, backwards),
    )  # fmt: skip
    if wanted.kind is not None:
        statement = statement.where(AuditEvent.action.in_(actions_of(wanted.kind)))
    rows = session.scalars(_cut(statement, AuditEvent.id, backwards, most))
    return [
        Happened(row.at, kind_of(row.action), 0, row.id, row.subject_type, row.subject_id, entry=log.entry(row))
        for row in rows
    ]


def _verdicts(
    session: Session, firm_id: int, wanted: TimelineFilter, cursor: tuple[int, int] | None, backwards: bool, most: int
) -> list[Happened]:
    """Return the verdicts of lists that changed something; single judgements stand in the log themselves."""
    if wanted.kind not in (None, EventKind.VERDICTS):
        return []
    before = func.lag(Verdict.state).over(
        partition_by=(Verdict.firm_id, Verdict.edition_id, Verdict.kind), order_by=Verdict.id
    )
    complete = select(EligibilityList.id).where(EligibilityList.is_complete)
    of_firm = (
        select(Verdict.id, before.label("before"))
        .where(
            Verdict.firm_id.in_(_histories(session, firm_id)), Verdict.list_id.is_(None) | Verdict.list_id.in_(complete)
        )
        .subquery()
    )
    was = of_firm.c.before
    statement = (
        select(Verdict, Edition.title, EligibilityList.title, was)
        .join(of_firm, of_firm.c.id == Verdict.id)
        .join(Edition, Edition.id == Verdict.edition_id)
        .join(EligibilityList, EligibilityList.id == Verdict.list_id)
        .where(
            was.is_(None) | (was != Verdict.state), *_within(Verdict.judged_at, wanted.year),
            *_beyond(Verdict.id, cursor[1] if cursor else None, backwards),
        )
    )  # fmt: skip
    rows = session.execute(_cut(statement, Verdict.id, backwards, most))
    return [
        Happened(
            row[0].judged_at, EventKind.VERDICTS, 1, row[0].id, "verdict", row[0].id,
            verdict=VerdictChange(row[1], row[2], _state(row[3]), row[0].state, row[0].reason),
        )
        for row in rows
    ]  # fmt: skip


def _state(text: str | None) -> VerdictState | None:
    """Return the state of a window function, which forgets the type of its column."""
    return VerdictState(text) if text is not None else None


def _cut(statement: Select[Any], key: Any, backwards: bool, most: int) -> Select[Any]:
    return statement.order_by(key.asc() if backwards else key.desc()).limit(most)


def years(session: Session, firm_id: int) -> Sequence[int]:
    """Return the years of a firm's timeline, newest first: from its first event to this year."""
    first = session.scalar(
        select(AuditEvent.at)
        .where(AuditEvent.firm_id.in_(_histories(session, firm_id)))
        .order_by(AuditEvent.id)
        .limit(1)
    )
    this_year = clock.today().year
    return range(this_year, (clock.local(first).year if first else this_year) - 1, -1)


def kinds(session: Session, firm_id: int) -> dict[EventKind, int]:
    """Return how many events of each kind the log holds for a firm, those it has, in the order of the kinds."""
    rows = session.execute(
        select(AuditEvent.action, func.count())
        .where(AuditEvent.firm_id.in_(_histories(session, firm_id)))
        .group_by(AuditEvent.action)
    )
    counts: dict[EventKind, int] = {}
    for action, count in rows:
        counts[kind_of(action)] = counts.get(kind_of(action), 0) + count
    return {kind: counts[kind] for kind in EventKind if kind in counts}
