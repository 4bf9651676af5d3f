"""What was returned, and whether the firm has answered it; what changed from one submission to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assessments.filled import Filled, Line
from app.assessments.models import Assessment, AssessmentState, Part, ReturnItem, Submission, SubmissionState
from app.assessments.places import Place
from app.assessments.queries import Form
from app.rulebooks.schema import Clause

READ = ("text", "reason", "confirmed", "reply")


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to mend, as the firm sees it. ``line`` is None where the form no longer asks for it."""

    item: ReturnItem
    clause: Clause | None
    line: Line | None
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """A place that reads otherwise than in the submission before; texts, empty where there was nothing."""

    place: Place
    section: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def is_figure(self) -> bool:
        """Whether the figure itself reads otherwise, not only what is said about it."""
        return _figure(self.before) != _figure(self.after)

    @property
    def has_other_papers(self) -> bool:
        """Whether other evidence stands beside it."""
        return papers_of(self.before) != papers_of(self.after)

    @property
    def is_dropped(self) -> bool:
        """Whether the later one no longer has the place."""
        return not self.after


@dataclass(frozen=True, slots=True)
class Answered:
    """One thing that was returned, and how it reads in the submission after; ``after`` is empty where it went away."""

    item: ReturnItem
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def change(self) -> Changed:
        """How it reads now beside how it read then."""
        return Changed(Place(self.item.key, self.item.year), "", self.before, self.after)


def latest(session: Session, assessment_id: int) -> Submission | None:
    """Return the last submission of a form, or None."""
    return session.scalars(
        select(Submission).where(Submission.assessment_id == assessment_id).order_by(Submission.number.desc()).limit(1)
    ).first()


def due_days(session: Session, firm_id: int) -> dict[int, date]:
    """Return ``{form: day}`` until which the firm's returned forms are to be mended; the caller has checked whose."""
    rows = session.execute(
        select(Submission.assessment_id, Submission.due_on)
        .join(Assessment, Assessment.id == Submission.assessment_id)
        .where(
            Assessment.firm_id == firm_id,
            Assessment.state == AssessmentState.RETURNED,
            Submission.state == SubmissionState.RETURNED,
        )
        .order_by(Submission.number)  # the last round says until when
    )
    return {form_id: day for form_id, day in rows if day is not None}


def items(session: Session, submission_id: int) -> Sequence[ReturnItem]:
    """Return what was returned of a submission."""
    return session.scalars(
        select(ReturnItem).where(ReturnItem.submission_id == submission_id).order_by(ReturnItem.id)
    ).all()


def answered(session: Session, before: Submission, after: Submission) -> list[Answered]:
    """Return what was returned of a submission, with how the next one answers it."""
    old, new = ({Place(one["key"], one["year"]): one for one in content} for content in (before.content, after.content))
    return [
        Answered(item, old.get(Place(item.key, item.year), {}), new.get(Place(item.key, item.year), {}))
        for item in items(session, before.id)
    ]


def cards(session: Session, form: Form, filled: Filled) -> list[Card]:
    """Return what the firm has to mend now; none while nothing is returned."""
    if form.row.state is not AssessmentState.RETURNED:
        return []
    last = latest(session, form.row.id)
    return cards_of(last, items(session, last.id), filled) if last is not None else []


def cards_of(last: Submission, rows: Sequence[ReturnItem], filled: Filled) -> list[Card]:
    """Return what was returned of the last submission as the firm sees it (pure)."""
    told = {Place(one["key"], one["year"]): one for one in last.content}
    clauses = {clause.id: clause for clause in filled.rulebook.clauses}
    found = []
    for item in rows:
        place = Place(item.key, item.year)
        line = filled.line(place)
        found.append(Card(item, clauses.get(item.clause), line, _is_answered(line, told.get(place))))
    return found


def unanswered(session: Session, form: Form, filled: Filled) -> list[Card]:
    """Return what keeps a returned form from being submitted again."""
    return [card for card in cards(session, form, filled) if not card.is_answered]


def _is_answered(line: Line | None, told: Mapping[str, Any] | None) -> bool:
    """Answered is what reads otherwise than it was submitted, has other evidence or a reply, or is no longer asked."""
    if line is None:
        return True
    if told is None or line.text(Part.REPLY).strip() or line.text(Part.VALUE) != told["text"]:
        return True
    return [one.id for one in line.attached] != papers_of(told)


def papers_of(told: Mapping[str, Any]) -> list[int]:
    """Return the documents that a place of a submission had; submissions made before there were any have none."""
    return [one["id"] for one in told.get("documents", ())]


def _figure(told: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the figure that a place gives, nothing where there is none: a tick confirms what was held then."""
    return told.get("text"), told.get("held") if told.get("confirmed") else None


def _told(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return *_figure(one), *(one[name] for name in READ), papers_of(one)


def changed(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[Changed]:
    """Return every place that reads otherwise in the later one of two contents, in its order; dropped ones last."""
    old = {Place(one["key"], one["year"]): one for one in before}
    found = []
    for one in after:
        place = Place(one["key"], one["year"])
        earlier = old.pop(place, None)
        if earlier is None or _told(earlier) != _told(one):
            found.append(Changed(place, one["section"], earlier or {}, one))
    return found + [Changed(place, one["section"], one, {}) for place, one in old.items()]
