"""Nomination lists: a decision and a reason for every firm, a rank, and a frozen content."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, ExactDecimal, Key, UtcDateTime
from app.core.db import Base
from app.core.text import N_


class ListState(Choice):
    """A nomination list is drafted by one person and frozen by another."""

    DRAFT = "draft", N_("拟定中")
    SUBMITTED = "submitted", N_("待锁定")
    FROZEN = "frozen", N_("已锁定")


class Decision(Choice):
    """What is decided on a firm."""

    UNDECIDED = "undecided", N_("未定")
    NOMINATE = "nominate", N_("推荐")
    DEFER = "defer", N_("暂缓")
    DECLINE = "decline", N_("不予推荐")


class NominationList(Base):
    """Drawn up from an eligibility list. ``content`` and ``digest`` are set once, on freezing.

    ``quota`` is a ceiling on the firms nominated, null while nobody has stated one. ``worked_by`` holds the ids of all
    who had a hand in it (drew up, added, decided, ranked, submitted): none of them may freeze it.
    """

    __tablename__ = "nomination_list"
    __table_args__ = (
        CheckConstraint("frozen_by IS NULL OR frozen_by <> created_by", name="frozen_by_somebody_else"),
        CheckConstraint("quota IS NULL OR quota > 0", name="quota_is_positive"),
    )

    id: Mapped[Key]
    eligibility_list_id: Mapped[int] = mapped_column(ForeignKey("eligibility_list.id", ondelete="RESTRICT"), index=True)
    title: Mapped[str] = mapped_column(String(160))
    state: Mapped[ListState] = mapped_column(ChoiceText(ListState), default=ListState.DRAFT)
    quota: Mapped[int | None]
    worked_by: Mapped[list[int]] = mapped_column(JSON, default=list)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    created_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    submitted_by_name: Mapped[str] = mapped_column(String(60), default="")
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_note: Mapped[str] = mapped_column(Text, default="")
    frozen_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    frozen_by_name: Mapped[str] = mapped_column(String(60), default="")
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column(default=1)

    nominations: Mapped[list[Nomination]] = relationship(lazy="raise", order_by="Nomination.id")

    __mapper_args__ = {"version_id_col": version}


class Nomination(Base):
    """One firm's place on a list: decision, reason, rank, amount in 万元 (null where the policy states none).

    Only nominated firms have a ``rank``: 1, 2, 3 … without gaps. ``added_reason`` says why a person put a firm on the
    list that was not among the eligible ones; ``amount_source`` names where the amount comes from.
    """

    __tablename__ = "nomination"
    __table_args__ = (
        UniqueConstraint("list_id", "firm_id"),
        UniqueConstraint("list_id", "rank"),
        CheckConstraint("(decision = 'nominate') = (rank IS NOT NULL)", name="nominated_firms_have_a_rank"),
        CheckConstraint("amount IS NULL OR amount_source <> ''", name="amount_has_a_source"),
    )

    id: Mapped[Key]
    list_id: Mapped[int] = mapped_column(ForeignKey("nomination_list.id", ondelete="CASCADE"), index=True)
    firm_id: Mapped[int] = mapped_column(
        ForeignKey("firm.id", ondelete="RESTRICT"), index=True, info={"merge": "keep", "decided": ("decided_at", "")}
    )
    verdict_id: Mapped[int] = mapped_column(ForeignKey("verdict.id", ondelete="RESTRICT"))
    decision: Mapped[Decision] = mapped_column(ChoiceText(Decision), default=Decision.UNDECIDED)
    reason: Mapped[str] = mapped_column(Text, default="")
    rank: Mapped[int | None]
    amount: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    amount_source: Mapped[str] = mapped_column(String(200), default="")
    added_by_name: Mapped[str] = mapped_column(String(60), default="")
    added_reason: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    decided_by_name: Mapped[str] = mapped_column(String(60), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
