"""Reminders, the digests that carry them, and how they arrived."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.core.text import N_


class DueKind(Choice):
    """What falls due."""

    RECOGNITION = "recognition", N_("资质到期")
    TASK = "task", N_("任务到期")
    RETURNED = "returned", N_("自评退回待改")
    INTAKE = "intake", N_("申报截止")
    SIGN = "sign", N_("自评待签署")
    CONSENT = "consent", N_("代填委托到期")
    INFECTED = "infected", N_("查出病毒")
    QUARANTINE = "quarantine", N_("隔离超过一天")


AT_ONCE = frozenset({DueKind.INFECTED, DueKind.QUARANTINE})
"""What has happened already: told once, without counting days."""


class DigestState(Choice):
    """How a digest arrived. ``SHOWN``: there is no channel outside, it stands on the person's page."""

    WAITING = "waiting", N_("待发送")
    SENT = "sent", N_("已送达")
    FAILED = "failed", N_("未送达")
    SHOWN = "shown", N_("仅站内")


class Digest(Base):
    """All that a person is reminded of on one day, sent once; ``outcome`` says why it did not arrive."""

    __tablename__ = "reminder_digest"
    __table_args__ = (UniqueConstraint("user_id", "made_on"), Index("ix_reminder_digest_state_id", "state", "id"))

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    made_on: Mapped[date] = mapped_column(Date)
    address: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[DigestState] = mapped_column(ChoiceText(DigestState))
    outcome: Mapped[str] = mapped_column(String(300), default="")
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[CreatedAt]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    reminders: Mapped[list[Reminder]] = relationship(back_populates="digest", order_by="Reminder.due_on, Reminder.id")


class Reminder(Base):
    """One thing told to one person at one step before it falls due.

    ``subject_id`` is a row of the table that ``kind`` means (a submission that was returned, a form that is not handed
    in, one that waits for a signature, a file); ``step`` is 90, 60, 30 or 7 working days. ``title`` is what was said on
    that day. Nothing is told twice at the same or a later step, and nothing goes out twice: ``sent_at`` is when it did.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "step", "user_id"),
        Index("ix_reminder_firm_id_id", "firm_id", "id"),
    )

    id: Mapped[Key]
    digest_id: Mapped[int] = mapped_column(ForeignKey("reminder_digest.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    firm_id: Mapped[int] = mapped_column(
        ForeignKey("firm.id", ondelete="CASCADE"), info={"merge": "move", "by_machine": True}
    )
    kind: Mapped[DueKind] = mapped_column(ChoiceText(DueKind))
    subject_id: Mapped[int]
    step: Mapped[int]
    due_on: Mapped[date] = mapped_column(Date)
    title: Mapped[str] = mapped_column(String(300))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    digest: Mapped[Digest] = relationship(back_populates="reminders")

    @property
    def counts_days(self) -> bool:
        """Whether there is a day until which something can be done."""
        return self.kind not in AT_ONCE
