"""Verdicts with their findings, and the eligibility lists drawn from them. Rows are never changed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, ExactDecimal, Key, SealedJson, UtcDateTime
from app.core.db import Base
from app.core.text import N_


class VerdictState(Choice):
    """What the judge says of a firm under an edition."""

    ELIGIBLE = "eligible", N_("符合条件")
    INELIGIBLE = "ineligible", N_("不符合条件")
    UNDETERMINED = "undetermined", N_("资料不足，无法判定")
    NEEDS_REVIEW = "needs_review", N_("待专家评定")


class Shortfall(Choice):
    """How far from eligible: exactly one demand short, and whether data or substance is missing.

    Demands that only experts can settle are not the firm's shortfall: they count only when nothing else is short.
    """

    NONE = "none", N_("无差距")
    ONE_DATA = "one_data", N_("只差一项（缺数据）")
    ONE_SUBSTANCE = "one_substance", N_("只差一项（未达标）")
    ONE_EXPERT = "one_expert", N_("只差专家评定")
    MORE = "more", N_("差两项以上")


DECIDED = "(list_id IS NOT NULL OR id IN (SELECT verdict_id FROM publication))"
"""What of the verdicts others lean on: those of lists, and those that firms were told."""


class Verdict(Base):
    """One judgement: immutable evidence of what was decided on which facts under which edition.

    ``judgement`` is the engine's Judgement as JSON (all findings), ``digest`` the SHA-256 of its text; ``sheet`` the
    canonical fact sheet used, ``sheet_digest`` its hash. ``reason`` is the one sentence that can be read out on the
    phone. ``short_clause`` names the only clause missing; ``obstacles`` holds all clauses in the way as "|ID|ID|".
    ``judged_at`` is the moment at which the facts were read.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        Index("ix_verdict_edition_firm", "edition_id", "firm_id", "id"),
        Index("uq_verdict_list_firm", "list_id", "firm_id", unique=True),
    )

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(
        ForeignKey("firm.id", ondelete="RESTRICT"),
        index=True,
        info={"merge": "keep", "decided": ("judged_at", DECIDED)},
    )
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    list_id: Mapped[int | None] = mapped_column(ForeignKey("eligibility_list.id", ondelete="RESTRICT"))
    as_of: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(20), default="new")
    state: Mapped[VerdictState] = mapped_column(ChoiceText(VerdictState))
    shortfall: Mapped[Shortfall] = mapped_column(ChoiceText(Shortfall))
    short_clause: Mapped[str] = mapped_column(String(40), default="")
    obstacles: Mapped[str] = mapped_column(Text, default="")
    score_low: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    score_high: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    reason: Mapped[str] = mapped_column(String(400))
    judgement: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    digest: Mapped[str] = mapped_column(String(64))
    sheet: Mapped[list[Any]] = mapped_column(SealedJson)
    sheet_digest: Mapped[str] = mapped_column(String(64))
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    judged_at: Mapped[CreatedAt]


class EligibilityList(Base):
    """All firms in reach judged under one edition on one date: who is in, out, undecided, and why.

    ``scope`` says which firms were meant: ``{"towns": [codes], "firms": [ids], "excluded": […]}``, the last being the
    firms left out for their registry status as it was then; and after the judging ``"refused"``: firms whose figures
    cannot be judged, each with the reason. ``counts`` is ``{"eligible": n, …}``; the rows are the verdicts with this
    ``list_id``. Nothing of a list is shown before ``is_complete``.
    """

    __tablename__ = "eligibility_list"

    id: Mapped[Key]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"), index=True)
    as_of: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(20), default="new")
    title: Mapped[str] = mapped_column(String(160))
    scope: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_complete: Mapped[bool] = mapped_column(default=False)
    job_id: Mapped[int | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    created_by_name: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[CreatedAt]
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
