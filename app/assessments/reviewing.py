"""What the bureau does with a submission: name what is to be mended, or accept it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.assessments.models import (
    Answer,
    AnswerText,
    Assessment,
    AssessmentState,
    Part,
    ReturnItem,
    Submission,
    SubmissionState,
)
from app.assessments.places import Place
from app.assessments.subject import subject_of
from app.assessments.submitting import claims_of
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.facts import keeping
from app.facts import service as facts
from app.facts.models import Claim
from app.facts.service import AcceptReport

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Draft:
    """One thing to mend as the reviewer writes it: the place, why, the clause, an example of what is acceptable."""

    place: Place
    reason: str
    clause: str = ""
    example: str = ""


def return_for_correction(
    session: Session, form: Assessment, number: int, drafts: Sequence[Draft], due_on: date, *, by: Actor, note: str = ""
) -> Submission:
    """Return a submission with named things to mend. Raises Invalid (``items``, ``due_on``), Conflict."""
    if not drafts:
        raise Invalid("items", tr("请至少选择一项需要修改的内容。"))
    if due_on < clock.today():
        raise Invalid("due_on", tr("修改期限不能早于今天。"))
    made = _decide(session, form, number, SubmissionState.RETURNED, by, note)
    asked = {Place(one["key"], one["year"]) for one in made.content}
    for draft in drafts:
        _add(session, made, draft, asked)
    made.due_on = due_on
    _move(session, form, AssessmentState.RETURNED)
    _reject_claims(session, form, drafts, by)
    _clear_replies(session, form, [draft.place for draft in drafts], by)
    told: dict[str, Sequence[Any]] = {keeping.name_of(*draft.place): [None, draft.reason.strip()] for draft in drafts}
    record(session, by, Action.ASSESSMENT_RETURN, subject_of(form), changes=told, note=note.strip())
    session.flush()
    return made


def accept(session: Session, form: Assessment, number: int, *, by: Actor, reason: str = "") -> AcceptReport:
    """Accept a submission: its claims become facts; what other sources say otherwise stays in the review queue.

    Raises Conflict when it is decided already, or by somebody who wrote a part of the form for the firm.
    """
    if _wrote_in(session, form.id, by):
        raise Conflict(tr("您代企业填写过这份自评，须由另一位审核人核定。"))
    made = _decide(session, form, number, SubmissionState.ACCEPTED, by, reason)
    _move(session, form, AssessmentState.ACCEPTED)
    ids = [claim.id for claim in claims_of(session, form.firm_id, form.id).values()]
    why = reason.strip() or f"采信企业自评第 {number} 次提交（{made.signed_by_name}签署）"
    report = facts.accept_many(session, ids, by=by, reason=why)
    held, left = len(report.accepted) + len(report.confirmed), len(report.refused)
    changes: dict[str, Sequence[Any]] = {
        "state": [SubmissionState.WAITING, SubmissionState.ACCEPTED],
        "counts": [None, f"{held} / {held + left}"],
    }
    record(session, by, Action.ASSESSMENT_ACCEPT, subject_of(form), changes=changes, note=reason.strip())
    session.flush()
    return report


def _wrote_in(session: Session, assessment_id: int, by: Actor) -> bool:
    """Tell whether somebody wrote in a form for the firm, also where it was written over since."""
    written = select(AnswerText.id).where(
        AnswerText.assessment_id == assessment_id,
        AnswerText.consent_id.is_not(None),
        AnswerText.version.is_not(None),
        AnswerText.saved_by == by.id,
    )
    return session.scalar(written.limit(1)) is not None


def _decide(
    session: Session, form: Assessment, number: int, state: SubmissionState, by: Actor, note: str
) -> Submission:
    """Note the decision about a submission that waits; only one person can be the first."""
    taken = session.execute(
        update(Submission)
        .where(
            Submission.assessment_id == form.id,
            Submission.number == number,
            Submission.state == SubmissionState.WAITING,
        )
        .values(state=state, decided_by=by.id, decided_by_name=by.name, decided_at=clock.now(), note=note.strip())
        .execution_options(synchronize_session=False)
    )
    if getattr(taken, "rowcount", 0) != 1:
        raise Conflict(tr("这次提交已经办理，或已有新的提交，请刷新后查看。"))
    return session.scalars(
        select(Submission)
        .where(Submission.assessment_id == form.id, Submission.number == number)
        .execution_options(populate_existing=True)
    ).one()


def _move(session: Session, form: Assessment, state: AssessmentState) -> None:
    session.execute(
        update(Assessment)
        .where(Assessment.id == form.id)
        .values(state=state, revision=Assessment.revision + 1)
        .execution_options(synchronize_session=False)
    )
    session.refresh(form)


def _add(session: Session, made: Submission, draft: Draft, asked: set[Place]) -> None:
    reason, example = draft.reason.strip(), draft.example.strip()
    if draft.place not in asked:
        raise Invalid("items", tr("表中没有这一项，请刷新后重选。"))
    if not reason:
        raise Invalid("items", tr("『%(name)s』请写明需要怎样修改。", name=keeping.name_of(*draft.place)))
    if max(len(reason), len(example)) > LONGEST:
        raise Invalid("items", tr("意见和示例各不超过 %(n)s 字。", n=LONGEST))
    item = ReturnItem(submission_id=made.id, key=draft.place.key, year=draft.place.year, reason=reason,
                      clause=draft.clause[:60], example=example)  # fmt: skip
    session.add(item)


def _reject_claims(session: Session, form: Assessment, drafts: Sequence[Draft], by: Actor) -> None:
    waiting: dict[Place, Claim] = claims_of(session, form.firm_id, form.id)
    for draft in drafts:
        claim = waiting.get(draft.place)
        if claim is not None:
            facts.reject(session, claim, by=by, note=draft.reason)


def _clear_replies(session: Session, form: Assessment, places: Sequence[Place], by: Actor) -> None:
    """A new round begins without the replies of the last: they stand in its submission and in the history."""
    rows = session.scalars(
        select(Answer).where(Answer.assessment_id == form.id, Answer.part == Part.REPLY, Answer.text != "")
    )
    now = clock.now()
    for one in rows:
        if Place(one.key, one.year) in places:
            one.text, one.version, one.revision = "", one.version + 1, form.revision
            one.saved_by, one.saved_by_name, one.saved_at, one.consent_id = by.id, by.name, now, None
            session.add(
                AnswerText(
                    assessment_id=form.id, key=one.key, year=one.year, part=Part.REPLY, text="", version=one.version,
                    saved_by=by.id, saved_by_name=by.name, saved_at=now,
                )
            )  # fmt: skip
