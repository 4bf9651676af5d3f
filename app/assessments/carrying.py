"""When a policy gets a new edition: drafts move to it, with a look beforehand at what that does; nothing else moves.

An answer that the new edition does not ask for stays in the form's table and history; it is only no longer shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.assessments import queries, service
from app.assessments.filled import Answers, asked_of
from app.assessments.models import Assessment, AssessmentState, Part
from app.assessments.places import Place
from app.assessments.questions import judged_on
from app.assessments.subject import subject_of
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict, NotFound
from app.core.text import tr
from app.facts import queries as facts
from app.facts.sheet import FactSheet
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition


@dataclass(frozen=True, slots=True)
class Move:
    """Drafts that would go from one edition to another. ``gained`` and ``dropped`` are the questions that some draft
    gains or loses, ``losing`` how many drafts hold an answer that would no longer be asked."""

    before: Edition
    after: Edition
    forms: Sequence[Assessment]
    gaining: int
    gained: Sequence[Place]
    dropped: Sequence[Place]
    losing: int


def moves(session: Session) -> list[Move]:
    """Return every move that is due: drafts whose programme has another edition for their kind and year by now."""
    drafts = session.scalars(
        select(Assessment).where(Assessment.state == AssessmentState.DRAFT).order_by(Assessment.id)
    ).all()
    newest = {key: _newest(session, *key) for key in {(one.programme, one.kind, one.year) for one in drafts}}
    due: dict[tuple[int, int, str, int], list[Assessment]] = {}
    for one in drafts:
        to = newest[one.programme, one.kind, one.year]
        if to is not None and to != one.edition_id:
            due.setdefault((one.edition_id, to, one.kind, one.year), []).append(one)
    editions = rulebooks.codes(session, [number for key in due for number in key[:2]])
    written = queries.answers_of(session, [one.id for forms in due.values() for one in forms])
    return [_move(session, editions[key[0]], editions[key[1]], forms, written) for key, forms in due.items()]


def carry(session: Session, before: int, after: int, *, by: Actor) -> int:
    """Move the drafts of an edition to another; return how many. Raises Conflict when nothing is due any more."""
    ids = [one.id for move in moves(session) if (move.before.id, move.after.id) == (before, after)
           for one in move.forms]  # fmt: skip
    if not ids:
        raise Conflict(tr("没有需要转到这一版的草稿，可能已由他人办理。"))
    codes = {number: edition.code for number, edition in rulebooks.codes(session, [before, after]).items()}
    moved = session.scalars(
        update(Assessment)
        .where(Assessment.id.in_(ids), Assessment.state == AssessmentState.DRAFT, Assessment.edition_id == before)
        .values(edition_id=after, revision=Assessment.revision + 1)
        .returning(Assessment)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).all()
    for one in moved:
        changes = {"edition": [codes[before], codes[after]]}
        record(session, by, Action.ASSESSMENT_CARRY, subject_of(one), changes=changes)
    session.flush()
    return len(moved)


def _newest(session: Session, programme: str, kind: str, year: int) -> int | None:
    try:
        return service.edition_for(session, programme, kind, year).id
    except NotFound:
        return None


def _move(
    session: Session, before: Edition, after: Edition, forms: Sequence[Assessment], written: Mapping[int, Answers]
) -> Move:
    day = judged_on(rulebooks.rulebook_of(after), forms[0].year, clock.today())
    sheets = facts.fact_sheets(session, [one.firm_id for one in forms], day)
    gained: dict[Place, int] = {}
    dropped: dict[Place, int] = {}
    gaining = losing = 0
    for one in forms:
        answers = written.get(one.id, {})
        old = _places(before, one, sheets[one.firm_id], answers)
        new = _places(after, one, sheets[one.firm_id], answers)
        typed = {field.place for field, said in answers.items() if field.part is Part.VALUE and said.text.strip()}
        gaining += bool(new - old)
        losing += bool(typed & (old - new))
        gained.update(dict.fromkeys(new - old, 1))
        dropped.update(dict.fromkeys(old - new, 1))
    return Move(before, after, forms, gaining, _sorted(gained), _sorted(dropped), losing)


def _places(edition: Edition, form: Assessment, sheet: FactSheet, answers: Answers) -> set[Place]:
    rulebook = rulebooks.rulebook_of(edition)
    day = judged_on(rulebook, form.year, clock.today())
    return {question.place for question in asked_of(rulebook, day, form.kind, sheet, answers)}


def _sorted(places: Mapping[Place, int]) -> list[Place]:
    return sorted(places, key=lambda place: (place.key, place.year or 0))
