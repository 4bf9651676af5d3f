"""Reading forms: whose they are, what was answered, how they stand; a firm reaches its own only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.accounts.models import User
from app.assessments import attached
from app.assessments.filled import Answers, Filled, Written, fill
from app.assessments.models import (
    OPEN_STATES,
    Answer,
    AnswerText,
    Assessment,
    Owner,
    SectionOwner,
    Submission,
    SubmissionState,
)
from app.assessments.places import FieldPlace
from app.assessments.questions import judged_on
from app.assessments.sections import PARTS_OF_WHOLE, WHOLE
from app.core import clock
from app.core.errors import NotFound
from app.eligibility.gap.models import Intake
from app.facts import queries as facts
from app.firms import queries as firms
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition


@dataclass(frozen=True)
class Form:
    """A form with its edition, its time of intake and the firm's name."""

    row: Assessment
    edition: Edition
    intake: Intake | None
    firm_name: str

    @property
    def title(self) -> str:
        """What a person calls it: 高新技术企业认定自评（2025 年度）."""
        return f"{self.edition.title}自评（{self.row.year} 年度）"

    @property
    def closed_on(self) -> date | None:
        """The day on which its time of intake ended, None while it has not."""
        if self.intake is None or self.intake.closes_on >= clock.today():
            return None
        return self.intake.closes_on


def _of_actor(actor: Actor) -> ColumnElement[bool]:
    return Assessment.firm_id == (actor.firm_id or 0) if actor.is_firm else firms.visible_to(actor)


def form(session: Session, assessment_id: int, *, for_: Actor) -> Form:
    """Return one form. Raises NotFound when it is out of reach."""
    found = session.execute(
        select(Assessment, Edition, Intake, Firm.name)
        .join(Edition, Edition.id == Assessment.edition_id)
        .join(Firm, Firm.id == Assessment.firm_id)
        .outerjoin(Intake, Intake.id == Assessment.intake_id)
        .where(Assessment.id == assessment_id, _of_actor(for_))
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    return Form(*found)


def forms_of(session: Session, firm_id: int) -> list[Form]:
    """Return the forms of a firm, the latest first; the caller has checked whose they are."""
    rows = session.execute(
        select(Assessment, Edition, Intake, Firm.name)
        .join(Edition, Edition.id == Assessment.edition_id)
        .join(Firm, Firm.id == Assessment.firm_id)
        .outerjoin(Intake, Intake.id == Assessment.intake_id)
        .where(Assessment.firm_id == firm_id)
        .order_by(Assessment.year.desc(), Assessment.id.desc())
    )
    return [Form(*row) for row in rows]


def answers(session: Session, assessment_id: int, *, since: int = -1) -> Answers:
    """Return what stands in the fields; with ``since`` only what changed after that revision of the form."""
    rows = session.scalars(select(Answer).where(Answer.assessment_id == assessment_id, Answer.revision > since))
    return {FieldPlace(one.key, one.year, one.part): _written(one) for one in rows}


def _written(one: Answer) -> Written:
    staff = one.saved_by_name if one.consent_id is not None else ""
    return Written(one.text, one.version, one.by, one.saved_at, staff, one.revision)


def answers_of(session: Session, assessment_ids: Sequence[int]) -> dict[int, Answers]:
    """Return ``{form: answers}`` of many forms."""
    found: dict[int, dict[FieldPlace, Written]] = {}
    for part in facts.portions(assessment_ids):
        for one in session.scalars(select(Answer).where(Answer.assessment_id.in_(part))):
            found.setdefault(one.assessment_id, {})[FieldPlace(one.key, one.year, one.part)] = _written(one)
    return {**found}


def filled(session: Session, found: Form) -> Filled:
    """Return the form as it stands now. Raises Invalid where a figure that is held is impossible."""
    rulebook = rulebooks.rulebook_of(found.edition)
    as_of = judged_on(rulebook, found.row.year, clock.today())
    held = facts.current_facts(session, found.row.firm_id)
    written, papers = answers(session, found.row.id), attached.of_form(session, found.row)
    return fill(rulebook, as_of, found.row.kind, held, written, papers)


def owners(session: Session, assessment_id: int) -> Mapping[str, tuple[Owner, str]]:
    """Return ``{section: (department, person)}`` where the firm has said something else than what is usual."""
    rows = session.scalars(select(SectionOwner).where(SectionOwner.assessment_id == assessment_id))
    found = {one.section: (one.owner, one.person) for one in rows}
    if (whole := found.get(WHOLE)) is not None:  # said before the section was divided
        return {**{part: whole for part in PARTS_OF_WHOLE}, **found}
    return found


def sections_of(session: Session, assessment_ids: Sequence[int], person: str) -> list[tuple[int, str]]:
    """Return ``[(form, section)]`` that were given to a person by name."""
    if not person:
        return []
    rows = session.execute(
        select(SectionOwner.assessment_id, SectionOwner.section)
        .where(SectionOwner.assessment_id.in_(assessment_ids), SectionOwner.person == person)
        .order_by(SectionOwner.id)
    )
    return [(form_id, section) for form_id, section in rows]


def contact(session: Session, firm_id: int) -> str:
    """Return the name of the member of staff who looks after a firm; empty where nobody does."""
    return session.scalar(select(User.name).join(Firm, Firm.caseworker_id == User.id).where(Firm.id == firm_id)) or ""


def all_texts(session: Session, assessment_id: int, *, most: int = 500) -> Sequence[AnswerText]:
    """Return every text that was saved in a form, the newest first."""
    return session.scalars(
        select(AnswerText).where(AnswerText.assessment_id == assessment_id).order_by(AnswerText.id.desc()).limit(most)
    ).all()


@dataclass(frozen=True)
class Waiting:
    """A submission in the office's list, with its form."""

    submission: Submission
    form: Form


def submissions(session: Session, assessment_id: int) -> Sequence[Submission]:
    """Return the submissions of a form, the first one first; the caller has checked whose it is."""
    return session.scalars(
        select(Submission).where(Submission.assessment_id == assessment_id).order_by(Submission.number)
    ).all()


def submission(session: Session, assessment_id: int, number: int) -> Submission:
    """Return one submission of a form that the caller reached. Raises NotFound."""
    found = session.scalars(
        select(Submission).where(Submission.assessment_id == assessment_id, Submission.number == number)
    ).first()
    if found is None:
        raise NotFound
    return found


def queue(session: Session, *, for_: Actor, state: SubmissionState, most: int = 200) -> list[Waiting]:
    """Return the submissions in a state within reach, those that wait longest first."""
    rows = session.execute(
        select(Submission, Assessment, Edition, Intake, Firm.name)
        .join(Assessment, Assessment.id == Submission.assessment_id)
        .join(Edition, Edition.id == Submission.edition_id)
        .join(Firm, Firm.id == Assessment.firm_id)
        .outerjoin(Intake, Intake.id == Assessment.intake_id)
        .where(Submission.state == state, firms.visible_to(for_))
        .order_by(Submission.submitted_at, Submission.id)
        .limit(most)
    )
    return [Waiting(row[0], Form(row[1], row[2], row[3], row[4])) for row in rows]


def waiting(session: Session, *, for_: Actor) -> int:
    """Return how many submissions within reach wait for review."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Submission)
            .join(Assessment, Assessment.id == Submission.assessment_id)
            .join(Firm, Firm.id == Assessment.firm_id)
            .where(Submission.state == SubmissionState.WAITING, firms.visible_to(for_))
        )
        or 0
    )


def drafts(session: Session, *, for_: Actor) -> int:
    """Return how many forms within reach are being written."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Assessment)
            .join(Firm, Firm.id == Assessment.firm_id)
            .where(Assessment.state.in_(OPEN_STATES), firms.visible_to(for_))
        )
        or 0
    )
