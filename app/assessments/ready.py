"""Whether open forms are ready to be signed, many at once: for the page that a firm's people open first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.assessments import attached, checks, queries, returned
from app.assessments.filled import fill
from app.assessments.models import OPEN_STATES, AssessmentState, Handover, ReturnItem, Submission
from app.assessments.queries import Form
from app.assessments.questions import judged_on
from app.core import clock
from app.facts import queries as facts
from app.rulebooks import queries as rulebooks


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is left before an open form can be signed, and whether the head was asked to sign this round.

    ``open_sections`` are the codes of those that are not done.
    """

    left: int
    handover: Handover | None
    open_sections: Sequence[str] = ()

    @property
    def is_ready(self) -> bool:
        """Whether everything is answered and nothing keeps the head from signing."""
        return self.left == 0


def standing(session: Session, firm_id: int, forms: Sequence[Form]) -> Mapping[int, Readiness]:
    """Return how the open forms of a firm stand; those whose time is over, and those handed in, are left out."""
    live = [one for one in forms if one.row.state in OPEN_STATES and one.closed_on is None]
    if not live:
        return {}
    ids = [one.row.id for one in live]
    held, written = facts.current_facts(session, firm_id), queries.answers_of(session, ids)
    papers = attached.of_forms(session, [one.row for one in live])
    last, asked = _last(session, ids), handovers(session, ids)
    items = _items(session, [made.id for made in last.values()])
    found = {}
    for one in live:
        rulebook, row = rulebooks.rulebook_of(one.edition), one.row
        as_of = judged_on(rulebook, row.year, clock.today())
        filled = fill(rulebook, as_of, row.kind, held, written.get(row.id, {}), papers.get(row.id, {}))
        left, made = len(checks.open_faults(filled)), last.get(row.id)
        if made is not None and row.state is AssessmentState.RETURNED:
            cards = returned.cards_of(made, items.get(made.id, ()), filled)
            left += sum(not card.is_answered for card in cards)
        round_number = 1 + (made.number if made is not None else 0)
        todo = [one.section.code for one in checks.sections(filled) if one.state != "done"]
        found[row.id] = Readiness(left, asked.get((row.id, round_number)), todo)
    return found


def _last(session: Session, ids: Sequence[int]) -> Mapping[int, Submission]:
    newest = select(func.max(Submission.id)).where(Submission.assessment_id.in_(ids)).group_by(Submission.assessment_id)
    rows = session.scalars(select(Submission).where(Submission.id.in_(newest)))
    return {one.assessment_id: one for one in rows}


def _items(session: Session, submission_ids: Sequence[int]) -> Mapping[int, list[ReturnItem]]:
    found: dict[int, list[ReturnItem]] = {}
    rows = select(ReturnItem).where(ReturnItem.submission_id.in_(submission_ids)).order_by(ReturnItem.id)
    for one in session.scalars(rows):
        found.setdefault(one.submission_id, []).append(one)
    return found


def handovers(session: Session, ids: Sequence[int]) -> Mapping[tuple[int, int], Handover]:
    """Return ``{(form, round): what was handed over}``."""
    rows = session.scalars(select(Handover).where(Handover.assessment_id.in_(ids)))
    return {(one.assessment_id, one.round): one for one in rows}
