"""Receipts of submissions: what is printed, its file, how the printing stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key, SealedJson, UtcDateTime
from app.core.db import Base
from app.core.text import N_
from app.files.models import StoredFile


class Occasion(Choice):
    """What a receipt was made at: each tells of the round as it stood then."""

    SUBMITTED = "submitted", N_("提交回执")
    DECIDED = "decided", N_("办理结果")
    ANSWERED = "answered", N_("退回与答复")


class ReceiptState(Choice):
    """Where the printing of a receipt stands."""

    WAITING = "waiting", N_("正在生成")
    MADE = "made", N_("已生成")
    FAILED = "failed", N_("生成失败")


class Receipt(Base):
    """One round on paper. ``context`` is what is printed, ``context_digest`` its hash; same context, same bytes.

    One for each occasion of a submission; it is never changed once it is made. ``sha256`` is that of the file.
    """

    __tablename__ = "assessment_receipt"
    __table_args__ = (
        UniqueConstraint("submission_id", "occasion"),
        Index("ix_assessment_receipt_state_id", "state", "id"),
    )

    id: Mapped[Key]
    submission_id: Mapped[int] = mapped_column(ForeignKey("assessment_submission.id", ondelete="RESTRICT"))
    occasion: Mapped[Occasion] = mapped_column(ChoiceText(Occasion))
    number: Mapped[str] = mapped_column(String(40), unique=True)
    verification_code: Mapped[str] = mapped_column(String(40), unique=True)
    context: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    context_digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[ReceiptState] = mapped_column(ChoiceText(ReceiptState), default=ReceiptState.WAITING)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"))
    sha256: Mapped[str] = mapped_column(String(64), default="")
    pages: Mapped[int | None]
    error: Mapped[str] = mapped_column(Text, default="")
    job_id: Mapped[int | None]
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    requested_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    file: Mapped[StoredFile | None] = relationship(lazy="raise")
