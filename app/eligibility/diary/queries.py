"""Reading the diary of a firm: all its judgements in two statements, the causes of those changes that are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.eligibility.columnar import demands
from app.eligibility.diary.lines import Change, Point, changes
from app.eligibility.models import Verdict, VerdictState
from app.eligibility.past.steps import ClauseChange, Datum, Situation, Step, Why, causes, walk
from app.eligibility.queries import shown
from app.eligibility.runs.models import EligibilityRun, EligibilityRunBlock
from app.facts import moments
from app.facts.snapshot.packing import BLOCK
from app.firms import keys
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition
from app.rulebooks.queries import keys_of, rulebook_of

_STATES = {
    demands.ELIGIBLE: VerdictState.ELIGIBLE,
    demands.INELIGIBLE: VerdictState.INELIGIBLE,
    demands.UNDETERMINED: VerdictState.UNDETERMINED,
    demands.NEEDS_REVIEW: VerdictState.NEEDS_REVIEW,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A change of verdict with the edition it came out under and the steps that led to it."""

    change: Change
    edition: Edition
    steps: Sequence[Step]

    @property
    def turning(self) -> Sequence[Step]:
        """The steps in which the verdict turned; all of them where only several together turned it."""
        return [one for one in self.steps if one.turns] or self.steps

    @property
    def why(self) -> Sequence[Why]:
        """What made it change."""
        return [one.why for one in self.turning]

    @property
    def data(self) -> Sequence[Datum]:
        """The figures behind it."""
        return causes(self.turning)

    @property
    def clauses(self) -> Sequence[ClauseChange]:
        """The clauses that came out otherwise, as they came out in the end."""
        return list({change.clause: change for step in self.turning for change in step.changes}.values())


@dataclass(frozen=True, slots=True)
class Diary:
    """The changes of a firm, newest first, and the editions that they name."""

    changes: Sequence[Change]
    editions: dict[int, Edition]

    def of(self, programme: str) -> Diary:
        """Return the changes of one programme."""
        kept = [one for one in self.changes if self.editions[one.after.edition_id].programme == programme]
        return Diary(kept, self.editions)

    @property
    def programmes(self) -> dict[str, str]:
        """The programmes of the changes, each with the title of an edition."""
        found = (self.editions[one.after.edition_id] for one in self.changes)
        return {edition.programme: edition.title for edition in found}


def diary(session: Session, firm_id: int) -> Diary:
    """Return the changes of verdict of a firm; the caller has checked that the person may see it.

    What was judged of a firm that was merged into it is told with its own.
    """
    gone = keys.merged(session)
    firm_ids = [firm_id, *(loser for loser in gone if keys.went(gone, loser) == firm_id)]
    points = [*_verdicts(session, firm_ids), *_runs(session, firm_ids)]
    editions = rulebooks.codes(session, [one.edition_id for one in points])
    books = {number: rulebook_of(edition) for number, edition in editions.items()}
    return Diary(changes(points, books), editions)


def entries(session: Session, found: Diary, which: Sequence[Change]) -> list[Entry]:
    """Return some of the changes with what led to each: figures of any moment from one reading."""
    past = moments.past(session, [one.after.firm_id for one in which]) if which else None
    return [
        Entry(one, found.editions[one.after.edition_id], [] if past is None else _steps(found, past, one))
        for one in which
    ]


def _steps(found: Diary, past: moments.Past, change: Change) -> list[Step]:
    if change.before is None:
        return []
    old, new = (_situation(found, past, point) for point in (change.before, change.after))
    asked = {one.rulebook.id: keys_of(one.rulebook) for one in (old, new)}
    try:
        return walk(old, new, asked)
    except Invalid:  # a stage between the two is impossible, though both ends are not
        return []


def _situation(found: Diary, past: moments.Past, point: Point) -> Situation:
    rulebook = rulebook_of(found.editions[point.edition_id])
    return Situation(rulebook, past.sheet(point.firm_id, point.as_of, point.moment), point.as_of, point.kind)


def _verdicts(session: Session, firm_ids: Sequence[int]) -> list[Point]:
    rows = session.execute(
        select(
            Verdict.firm_id, Verdict.judged_at, Verdict.edition_id, Verdict.as_of, Verdict.kind, Verdict.state,
            Verdict.id,
        )
        .where(Verdict.firm_id.in_(firm_ids), shown())
        .order_by(Verdict.id)
    )  # fmt: skip
    return [Point(*row) for row in rows]


def _runs(session: Session, firm_ids: Sequence[int]) -> list[Point]:
    """Return how the firms came out of all runs: of each block only the one byte that holds the decision is read."""
    run, part = EligibilityRun, EligibilityRunBlock
    of_each = []
    for firm_id in firm_ids:
        block, offset = divmod(firm_id, BLOCK)
        of_each.append(
            select(
                literal(firm_id).label("firm_id"), run.known_at, part.edition_id, run.as_of, run.kind,
                func.substr(part.data, offset + 1, 1).label("byte"), run.id.label("run_id"),
            )
            .join(part, part.run_id == run.id)
            .where(run.is_complete, part.block == block, part.size > offset)
        )  # fmt: skip
    points = []
    for firm_id, known_at, edition_id, as_of, kind, byte, run_id in session.execute(union_all(*of_each)):
        state = _STATES.get(bytes(byte)[0] >> 3) if byte else None
        if state is not None and known_at is not None:
            points.append(Point(firm_id, known_at, edition_id, as_of, kind, state, run_id=run_id))
    return points
