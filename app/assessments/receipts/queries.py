"""Reading receipts: whose form the caller reached, and the one that a verification code means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.assessments import queries as assessments
from app.assessments.models import Submission, SubmissionState
from app.assessments.receipts.models import Occasion, Receipt, ReceiptState
from app.core.errors import NotFound
from app.core.text import N_
from app.jobs.models import FINISHED, Job


@dataclass(frozen=True)
class Offered:
    """An occasion of a round with its receipt, or none yet, and the job that prints it."""

    occasion: Occasion
    receipt: Receipt | None
    job: Job | None

    @property
    def is_waiting(self) -> bool:
        """Whether somebody prints it now, or will."""
        return (
            self.receipt is not None
            and self.receipt.state is ReceiptState.WAITING
            and (self.job is None or self.job.state not in FINISHED)
        )

    @property
    def error(self) -> str:
        """Why it could not be printed; empty while nothing went wrong."""
        if self.receipt is None or self.receipt.state is ReceiptState.MADE or self.is_waiting:
            return ""
        return self.receipt.error or (self.job.error if self.job else "") or N_("已停止")


@dataclass(frozen=True)
class Verification:
    """What anybody may know of a receipt: form, firm, day, digest; ``sha256`` only to compare a file with it."""

    number: str
    title: str
    firm: str
    submitted_at: datetime
    digest: str
    sha256: str
    is_demo: bool


def occasions(session: Session, made: Submission) -> list[Occasion]:
    """Return the occasions that a round has had."""
    found = [Occasion.SUBMITTED]
    if made.state is not SubmissionState.WAITING:
        found.append(Occasion.DECIDED)
    later = select(Submission.id).where(
        Submission.assessment_id == made.assessment_id, Submission.number == made.number + 1
    )
    if session.scalar(later) is not None:
        found.append(Occasion.ANSWERED)
    return found


def offered(session: Session, made: Submission) -> list[Offered]:
    """Return the receipts of a round and the one that may be asked for: what was not frozen when it happened cannot
    be told any more. The caller has checked whose it is."""
    rows = session.execute(
        select(Receipt, Job).outerjoin(Job, Job.id == Receipt.job_id).where(Receipt.submission_id == made.id)
    )
    there = {receipt.occasion: (receipt, job) for receipt, job in rows}
    had = occasions(session, made)
    return [Offered(one, *there.get(one, (None, None))) for one in had if one in there or one is had[-1]]


def chosen(session: Session, assessment_id: int, number: int, occasion: str) -> Receipt:
    """Return a receipt with its file, of a form that the caller reached. Raises NotFound."""
    made = assessments.submission(session, assessment_id, number)
    found = None
    if occasion in set(Occasion):
        found = session.scalars(
            select(Receipt)
            .where(Receipt.submission_id == made.id, Receipt.occasion == Occasion(occasion))
            .options(joinedload(Receipt.file))
            .execution_options(populate_existing=True)
        ).first()
    if found is None:
        raise NotFound
    return found


def by_code(session: Session, code: str) -> Receipt | None:
    """Return the receipt with a verification code, whoever asks."""
    return session.scalars(select(Receipt).where(Receipt.verification_code == code)).first()


def verification(found: Receipt) -> Verification:
    """Return what the verification page says of a receipt: the words of its own head."""
    form, signed = found.context["form"], found.context["round"]
    return Verification(
        number=found.number, title=f"{form['title']}　{found.context['title']}", firm=form["firm"],
        submitted_at=datetime.fromisoformat(signed["submitted_at"]), digest=signed["digest"], sha256=found.sha256,
        is_demo=form["is_demo"],
    )  # fmt: skip
