"""A firm's self-assessment: one form for an edition and a fiscal year, its answers, every text that was ever saved."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, ExactDecimal, Key, SealedJson, UtcDateTime
from app.core.db import Base
from app.core.text import N_
from app.files.models import StoredFile


class AssessmentState(Choice):
    """Where a form stands."""

    DRAFT = "draft", N_("填写中")
    SUBMITTED = "submitted", N_("已提交")
    RETURNED = "returned", N_("退回修改")
    ACCEPTED = "accepted", N_("已核定")


OPEN_STATES = (AssessmentState.DRAFT, AssessmentState.RETURNED)
"""States in which the firm writes."""


class Part(Choice):
    """What is written at a place of the form: the figure, why it is so, that what is held is right, what is replied."""

    VALUE = "value", N_("数值")
    REASON = "reason", N_("说明")
    CONFIRM = "confirm", N_("确认")
    REPLY = "reply", N_("对退回意见的答复")


class Owner(Choice):
    """Which department of the firm fills in a section."""

    FINANCE = "finance", N_("财务")
    RESEARCH = "research", N_("研发")
    ADMINISTRATION = "administration", N_("行政")
    PRODUCTION = "production", N_("生产与信息化")


class ConsentKind(Choice):
    """How a firm said that staff may write in its form."""

    PORTAL = "portal", N_("在门户同意")
    PAPER = "paper", N_("纸质委托书")


class Assessment(Base):
    """A form: firm, edition (and intake where there is one), kind of application, fiscal year. One for each of these.

    The edition of a draft may be exchanged for its successor; what was submitted keeps the edition it was submitted
    under. ``revision`` counts every saved change, so that who looks on knows what is new.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        Index(
            "uq_assessment_form", "firm_id", "programme", "kind", "year", text("coalesce(intake_id, 0)"), unique=True
        ),
        Index("ix_assessment_state_id", "state", "id"),
    )

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(
        ForeignKey("firm.id", ondelete="RESTRICT"), info={"merge": "move", "conflict": "refuse"}
    )
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"), index=True)
    intake_id: Mapped[int | None] = mapped_column(ForeignKey("intake.id", ondelete="RESTRICT"))
    programme: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    year: Mapped[int]
    state: Mapped[AssessmentState] = mapped_column(ChoiceText(AssessmentState), default=AssessmentState.DRAFT)
    revision: Mapped[int] = mapped_column(default=0)
    started_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    started_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]


class Consent(Base):
    """That a firm lets staff write in this form for it, until a day, and who said so.

    ``person`` is who agreed; ``recorded_by`` who entered it: the head of the firm, or for a paper, whose file is kept,
    a member of staff. ``until`` counts; ended earlier, it says by whom and why. Rows are never taken away.
    """

    __tablename__ = "assessment_consent"
    __table_args__ = (Index("ix_assessment_consent_assessment_id", "assessment_id"),)

    id: Mapped[Key]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    kind: Mapped[ConsentKind] = mapped_column(ChoiceText(ConsentKind))
    statement: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(String(60))
    signed_on: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"))
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    recorded_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_name: Mapped[str] = mapped_column(String(60), default="")
    end_reason: Mapped[str] = mapped_column(Text, default="")

    file: Mapped[StoredFile | None] = relationship()


def name_for(name: str, consent_id: int | None) -> str:
    """Return how somebody is called beside what he wrote: 李经办（代填）."""
    return name if consent_id is None else f"{name}（代填）"


class Answer(Base):
    """What now stands at a place of the form, ``text`` exactly as typed.

    ``number``/``value`` are what it means, as in a claim; both null while it is blank or cannot be read. ``version``
    counts its own changes; who saves says which version was looked at. ``revision`` is the form's at its last change.
    ``consent_id`` is the consent by which a member of staff wrote it for the firm; null where the firm wrote it itself.
    """

    __tablename__ = "assessment_answer"
    __table_args__ = (
        Index("uq_assessment_answer_place", "assessment_id", "key", text("coalesce(year, 0)"), "part", unique=True),
        Index("ix_assessment_answer_assessment_id_revision", "assessment_id", "revision"),
    )

    id: Mapped[Key]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(String(60))
    year: Mapped[int | None]
    part: Mapped[Part] = mapped_column(ChoiceText(Part))
    text: Mapped[str] = mapped_column(Text)
    number: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    value: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int]
    revision: Mapped[int]
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    saved_by_name: Mapped[str] = mapped_column(String(60))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("assessment_consent.id", ondelete="RESTRICT"))

    @property
    def by(self) -> str:
        """Who wrote it, saying so where it was written for the firm."""
        return name_for(self.saved_by_name, self.consent_id)


class AnswerText(Base):
    """Every text that reached the bureau, also one that was not taken because somebody else had been faster.

    Rows are only ever added. ``version`` is the answer's from then on; null where the text was not taken.
    """

    __tablename__ = "assessment_text"
    __table_args__ = (Index("ix_assessment_text_assessment_id_key", "assessment_id", "key"),)

    id: Mapped[Key]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(String(60))
    year: Mapped[int | None]
    part: Mapped[Part] = mapped_column(ChoiceText(Part))
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int | None]
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    saved_by_name: Mapped[str] = mapped_column(String(60))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("assessment_consent.id", ondelete="RESTRICT"))

    @property
    def by(self) -> str:
        """Who wrote it, saying so where it was written for the firm."""
        return name_for(self.saved_by_name, self.consent_id)


class AnswerDocument(Base):
    """A document of the firm's locker beside an answer.

    ``submitted`` says that a submission holds it: then taking it off leaves the row, with ``detached_at``, and the
    document cannot leave the locker.
    """

    __tablename__ = "assessment_document"
    __table_args__ = (
        Index(
            "uq_assessment_document_place", "assessment_id", "key", text("coalesce(year, 0)"), "document_id",
            unique=True,
        ),
    )  # fmt: skip

    id: Mapped[Key]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(String(60))
    year: Mapped[int | None]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="RESTRICT"), index=True)
    submitted: Mapped[bool] = mapped_column(default=False)
    attached_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    attached_by_name: Mapped[str] = mapped_column(String(60))
    attached_at: Mapped[CreatedAt]
    detached_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SectionOwner(Base):
    """Who fills in a section, where the firm has said so; ``person`` as they call them."""

    __tablename__ = "assessment_section"
    __table_args__ = (UniqueConstraint("assessment_id", "section"),)

    id: Mapped[Key]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    section: Mapped[str] = mapped_column(String(40))
    owner: Mapped[Owner] = mapped_column(ChoiceText(Owner))
    person: Mapped[str] = mapped_column(String(60), default="")


class Handover(Base):
    """That the firm's filler asked its head to sign: for which round, by when. Once for each round."""

    __tablename__ = "assessment_handover"
    __table_args__ = (UniqueConstraint("assessment_id", "round"),)

    id: Mapped[Key]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    round: Mapped[int]
    until: Mapped[date] = mapped_column(Date)
    handed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    handed_by_name: Mapped[str] = mapped_column(String(60))
    handed_at: Mapped[CreatedAt]


class SubmissionState(Choice):
    """What became of a submission."""

    WAITING = "waiting", N_("待审核")
    RETURNED = "returned", N_("已退回")
    ACCEPTED = "accepted", N_("已核定")


class Submission(Base):
    """A round: what the firm submitted, signed by its head, and what the bureau decided about it.

    ``content`` is the whole form as it stood (a list of places), with its digest; it is never changed. ``due_on`` is
    the day until which a returned one is to be submitted again.
    """

    __tablename__ = "assessment_submission"
    __table_args__ = (
        UniqueConstraint("assessment_id", "number"),
        Index("ix_assessment_submission_state_id", "state", "id"),
    )

    id: Mapped[Key]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    number: Mapped[int]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    content: Mapped[list[dict[str, Any]]] = mapped_column(SealedJson)
    digest: Mapped[str] = mapped_column(String(64))
    statement: Mapped[str] = mapped_column(Text)
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    signed_by_name: Mapped[str] = mapped_column(String(60))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[SubmissionState] = mapped_column(ChoiceText(SubmissionState), default=SubmissionState.WAITING)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    decided_by_name: Mapped[str] = mapped_column(String(60), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    due_on: Mapped[date | None] = mapped_column(Date)


class ReturnItem(Base):
    """One thing to mend in a returned submission: the place, the reviewer's words, the clause, an example."""

    __tablename__ = "assessment_return"
    __table_args__ = (
        Index("uq_assessment_return_place", "submission_id", "key", text("coalesce(year, 0)"), unique=True),
    )

    id: Mapped[Key]
    submission_id: Mapped[int] = mapped_column(ForeignKey("assessment_submission.id", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(String(60))
    year: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    clause: Mapped[str] = mapped_column(String(60), default="")
    example: Mapped[str] = mapped_column(Text, default="")
