"""Saving what is typed: field by field, nothing overwritten that was not looked at, every text kept.

The form's row is changed first, so that everybody who saves in one form stands in line: on PostgreSQL behind its lock,
on SQLite behind the one writer there is. What was read after that is what stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.assessments import consents
from app.assessments.filled import reading
from app.assessments.models import OPEN_STATES, Answer, AnswerText, Assessment, Part
from app.assessments.places import FieldPlace, Place
from app.assessments.questions import declarations
from app.assessments.subject import subject_of
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import Message, tr
from app.facts import keeping
from app.facts.catalogue import load_catalogue
from app.firms import queries as firms
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition

LONGEST = 5000


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed in a field, and which version of it they were looking at (0: it was empty)."""

    field: FieldPlace
    text: str
    seen: int


@dataclass(frozen=True, slots=True)
class Stands:
    """What stands in a field now. ``is_mine`` is False where somebody else was faster: then ``text`` is theirs.

    ``problem`` says why the text cannot be read as a figure; it is kept all the same.
    """

    field: FieldPlace
    text: str
    version: int
    by: str
    at: datetime
    is_mine: bool
    problem: Message | None = None


def save(session: Session, assessment_id: int, typed: Sequence[Typed], *, by: Actor) -> tuple[int, list[Stands]]:
    """Keep what was typed; return the form's revision and what now stands in each field, in the order given.

    A member of staff writes by the firm's consent, which is kept with every answer. Raises NotFound (not within reach,
    or not a question of it), Conflict (the form is not open for writing), Refused (no consent), Invalid (a text too
    long, a declaration that staff would make).
    """
    for one in typed:
        if len(one.text) > LONGEST:
            raise Invalid(one.field.name, tr("内容超过 %(n)s 个字符，请缩短；原文仍保留在本机。", n=LONGEST))
    revision, form = _first_in_line(session, assessment_id, _within_reach(by))
    consent_id = None if by.is_firm else consents.needed(session, assessment_id, by).id
    _must_be_asked(session, form, typed, is_for_firm=consent_id is not None)
    turn = _Turn(session, form, revision, by, clock.now(), _standing(session, assessment_id, typed), consent_id)
    result = [turn.take(one) for one in typed]
    turn.finish()
    return revision, result


def affirm(session: Session, assessment_id: int, place: FieldPlace, seen: int, *, by: Actor) -> None:
    """Say anew what stands in a field: it was looked at and stays. Raises NotFound, Conflict (changed meanwhile)."""
    one = Typed(place, "", seen)
    revision, form = in_line(session, assessment_id, by)
    _must_be_asked(session, form, [one], is_for_firm=False)
    turn = _Turn(session, form, revision, by, clock.now(), _standing(session, assessment_id, [one]), None)
    turn.affirm(place, seen)
    turn.finish()


@dataclass(slots=True)
class _Turn:
    """One turn at a form: what it changes, and what is told of it in the history and in the log."""

    session: Session
    form: Assessment
    revision: int
    by: Actor
    now: datetime
    standing: dict[FieldPlace, Answer]
    consent_id: int | None
    history: list[dict[str, Any]] = field(default_factory=list)
    changes: dict[str, Sequence[Any]] = field(default_factory=dict)

    def take(self, one: Typed) -> Stands:
        """Keep a text, or tell what stands there when somebody else was faster."""
        there = self.standing.get(one.field)
        again = one.field.part is Part.CONFIRM and there is not None and there.version == one.seen
        if there is not None and there.text == one.text and not again:  # a tick may be of a newer figure
            return _stands(one.field, there, is_mine=True)
        if (there.version if there is not None else 0) != one.seen:
            untouched = _is_untouched(self.session, self.form.id, one)
            if not untouched:
                self._note(one, None)
            return _stands(one.field, there, is_mine=untouched)
        made = self._write(one, there)
        self._note(one, made.version)
        self.standing[one.field] = made
        return _stands(one.field, made, is_mine=True)

    def affirm(self, place: FieldPlace, seen: int) -> None:
        """Keep anew what stands in a field as it was looked at. Raises Conflict."""
        there = self.standing.get(place)
        if there is None or there.version != seen:
            raise Conflict(tr("这一项刚有改动，请刷新后再选。"))
        same = Typed(place, there.text, seen)
        self._note(same, self._write(same, there).version)

    def finish(self) -> None:
        """Write the answers, all at once, the history and the log."""
        self.session.flush()
        if self.history:
            self.session.execute(insert(AnswerText), self.history)
        if self.changes:
            action = Action.OWN_FILL if self.consent_id is None else Action.ASSESSMENT_FILL
            record(self.session, self.by, action, subject_of(self.form), changes=self.changes)

    def _write(self, one: Typed, there: Answer | None) -> Answer:
        place = one.field
        value, _problem = reading(place.place, one.text) if place.part is Part.VALUE else (None, None)
        self.changes[_label(place)] = (there.text if there is not None else None, one.text)
        if there is None:
            there = Answer(assessment_id=self.form.id, key=place.key, year=place.year, part=place.part, version=0)
            self.session.add(there)
        there.number, there.value = keeping.kept(value) if value is not None else (None, None)
        there.text, there.version, there.revision = one.text, there.version + 1, self.revision
        there.saved_by, there.saved_by_name, there.saved_at = self.by.id, self.by.name, self.now
        there.consent_id = self.consent_id
        return there

    def _note(self, one: Typed, version: int | None) -> None:
        self.history.append(
            {
                "assessment_id": self.form.id, "key": one.field.key, "year": one.field.year, "part": one.field.part,
                "text": one.text, "version": version, "saved_by": self.by.id, "saved_by_name": self.by.name,
                "saved_at": self.now, "consent_id": self.consent_id,
            }
        )  # fmt: skip


def in_line(session: Session, assessment_id: int, by: Actor) -> tuple[int, Assessment]:
    """Take the turn at a form of the firm, and return its new revision. Raises NotFound, Conflict."""
    return _first_in_line(session, assessment_id, Assessment.firm_id == (by.firm_id or 0))


def _first_in_line(session: Session, assessment_id: int, whose: ColumnElement[bool]) -> tuple[int, Assessment]:
    """Take the form's turn, and return its new revision. Raises NotFound, Conflict."""
    revision = session.scalar(
        update(Assessment)
        .where(
            Assessment.id == assessment_id,
            whose,
            Assessment.state.in_(OPEN_STATES),
        )
        .values(revision=Assessment.revision + 1)
        .returning(Assessment.revision)
        .execution_options(synchronize_session=False)
    )
    form = session.scalars(
        select(Assessment).where(Assessment.id == assessment_id, whose).execution_options(populate_existing=True)
    ).first()
    if form is None:
        raise NotFound
    if revision is None:
        raise Conflict(
            tr("这份自评%(state)s，现在不能修改；您填写的内容仍保留在本机。", state=Message(form.state.label))
        )
    return revision, form


def _within_reach(by: Actor) -> ColumnElement[bool]:
    """The forms that somebody may write in: the firm's own, or of the firms that a member of staff sees."""
    if by.is_firm:
        return Assessment.firm_id == (by.firm_id or 0)
    return Assessment.firm_id.in_(select(Firm.id).where(firms.visible_to(by)))


def _must_be_asked(session: Session, form: Assessment, typed: Sequence[Typed], *, is_for_firm: bool) -> None:
    """Refuse what no question of the edition can be, and a declaration that another would make for the firm."""
    edition = session.get_one(Edition, form.edition_id)
    is_of = asks(edition, form.year)
    if not all(is_of(one.field) for one in typed):
        raise NotFound
    if is_for_firm:
        declared = declarations(rulebooks.rulebook_of(edition))
        for one in typed:
            if one.field.key in declared:
                raise Invalid(one.field.name, tr("企业申明须由企业自己填写，不能代填。"))


def asks(edition: Edition, year: int) -> Callable[[FieldPlace], bool]:
    """Return what tells whether a field can be one of a form of this edition and fiscal year."""
    keys, known = rulebooks.keys_of(rulebooks.rulebook_of(edition)), load_catalogue()

    def is_of(field: FieldPlace) -> bool:
        if field.key not in keys or field.key not in known:
            return False
        return field.year is None or (known.get(field.key).may_have_year and year - 10 <= field.year <= year + 1)

    return is_of


def _standing(session: Session, assessment_id: int, typed: Sequence[Typed]) -> dict[FieldPlace, Answer]:
    keys = {one.field.key for one in typed}
    rows = session.scalars(
        select(Answer)
        .where(Answer.assessment_id == assessment_id, Answer.key.in_(keys))
        .execution_options(populate_existing=True)
    )
    return {FieldPlace(one.key, one.year, one.part): one for one in rows}


def _is_untouched(session: Session, assessment_id: int, one: Typed) -> bool:
    """Tell whether a text is the very one of the version that was looked at: nobody typed it, a page sent it along."""
    same_year = AnswerText.year.is_(None) if one.field.year is None else AnswerText.year == one.field.year
    before = session.scalar(
        select(AnswerText.text).where(
            AnswerText.assessment_id == assessment_id,
            AnswerText.key == one.field.key,
            same_year,
            AnswerText.part == one.field.part,
            AnswerText.version == one.seen,
        )
    )
    return one.text == (before or "") if one.seen == 0 else before == one.text


def _stands(field: FieldPlace, there: Answer | None, *, is_mine: bool) -> Stands:
    if there is None:  # looked at a version of something that was never saved
        return Stands(field, "", 0, "", clock.now(), is_mine)
    problem = reading(Place(field.key, field.year), there.text)[1] if field.part is Part.VALUE else None
    return Stands(field, there.text, there.version, there.by, there.saved_at, is_mine, problem)


def _label(field: FieldPlace) -> str:
    name = keeping.name_of(field.key, field.year)
    return name if field.part is Part.VALUE else f"{name}（{field.part.label}）"
