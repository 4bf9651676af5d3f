"""Looks through all verdicts for those that were overtaken, and what judging them anew changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.eligibility.models import VerdictState
from app.eligibility.overtaken import Overtaken


class EligibilityRenewal(Base):
    """One look through the newest verdict of every firm, edition and kind of application, as of a day.

    ``reached`` is the last firm looked at, ``done`` of ``total`` firms are through; verdicts with a larger id than
    ``upper`` came later and are left. ``counts`` is
    ``{reason: verdicts overtaken}`` with ``"changed"`` for those that came out otherwise and ``"refused"`` for firms
    whose figures cannot be judged. Decided lists, nominations and dossiers keep the verdicts they rest on.
    """

    __tablename__ = "eligibility_renewal"

    id: Mapped[Key]
    as_of: Mapped[date] = mapped_column(Date)
    upper: Mapped[int] = mapped_column(default=0)
    reached: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_complete: Mapped[bool] = mapped_column(default=False)
    job_id: Mapped[int | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    created_by_name: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[CreatedAt]
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RenewedVerdict(Base):
    """A verdict that was overtaken, by what, and the one that now stands (null: the figures cannot be judged).

    ``told`` are the figures, the edition or the day that did it: ``{"what", "old", "new", "source"}``, for people.
    """

    __tablename__ = "renewed_verdict"
    __table_args__ = (Index("ix_renewed_verdict_renewal_id_id", "renewal_id", "id"),)

    id: Mapped[Key]
    renewal_id: Mapped[int] = mapped_column(ForeignKey("eligibility_renewal.id", ondelete="CASCADE"))
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), index=True, info={"merge": "keep"})
    old_id: Mapped[int] = mapped_column(ForeignKey("verdict.id", ondelete="RESTRICT"))
    new_id: Mapped[int | None] = mapped_column(ForeignKey("verdict.id", ondelete="RESTRICT"), index=True)
    why: Mapped[Overtaken] = mapped_column(ChoiceText(Overtaken))
    before: Mapped[VerdictState] = mapped_column(ChoiceText(VerdictState))
    after: Mapped[VerdictState | None] = mapped_column(ChoiceText(VerdictState))
    refused: Mapped[str] = mapped_column(String(400), default="")
    told: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
