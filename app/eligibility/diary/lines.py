"""From every judgement of a firm to the few at which its verdict changed (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.core import clock
from app.eligibility.models import VerdictState
from app.rulebooks.schema import Rulebook


@dataclass(frozen=True, slots=True)
class Point:
    """One judgement: when its figures were read, as of which day, under which edition, and what came out.

    Exactly one of ``verdict_id`` and ``run_id`` is set: a verdict of its own, or a place in a run over all firms.
    """

    firm_id: int
    moment: datetime
    edition_id: int
    as_of: date
    kind: str
    state: VerdictState
    verdict_id: int | None = None
    run_id: int | None = None

    @property
    def stood_on(self) -> date:
        """The day of which it told how the firm stood: a day to come counts from when it was judged."""
        return min(self.as_of, clock.local(self.moment).date())


@dataclass(frozen=True, slots=True)
class Change:
    """A judgement that came out otherwise than the one before it, or the first (None)."""

    before: Point | None
    after: Point


def changes(points: Iterable[Point], books: Mapping[int, Rulebook]) -> list[Change]:
    """Return the changes of verdict, newest first.

    Judgements of one firm, programme and kind of application follow one another under an edition, and under the one
    that took over from it when it was in force no longer. Editions in force side by side have each a line of their own.
    Who looks back at an earlier day changes nothing of how the firm stands.
    """
    last: dict[tuple[int, str, str], Point] = {}
    found = []
    for point in sorted(points, key=lambda one: one.moment):
        line = _line(point, last, books)
        before = last.get(line)
        if before is not None and point.stood_on < before.stood_on:
            continue
        mine = (point.firm_id, books[point.edition_id].id, point.kind)
        last.pop(line, None)
        last[mine] = point
        if before is None or before.state is not point.state:
            found.append(Change(before, point))
    return found[::-1]


def _line(
    point: Point, last: Mapping[tuple[int, str, str], Point], books: Mapping[int, Rulebook]
) -> tuple[int, str, str]:
    """Return the line that a judgement goes on: its own edition's, or one whose edition it takes over from."""
    book = books[point.edition_id]
    own = (point.firm_id, book.id, point.kind)
    if own in last:
        return own
    for line, before in last.items():
        former = books[before.edition_id]
        if (
            (line[0], line[2]) == (own[0], own[2])
            and former.programme == book.programme
            and (not former.governs(point.as_of, point.kind) or _follows(book, former))
        ):
            return line
    return own


def _follows(book: Rulebook, former: Rulebook) -> bool:
    """Tell whether an edition of the same region came into force later."""
    start, before = book.effective_from, former.effective_from
    return book.region == former.region and start is not None and (before is None or start > before)
