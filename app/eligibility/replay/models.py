"""A list judged again from what was known then, and every difference that was found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.core.text import N_


class Difference(Choice):
    """In what a firm of the list and its replay differ; the first that applies is named."""

    EVIDENCE = "evidence", N_("留存的凭据与校验码不符")
    FIGURES = "figures", N_("依据的数据不同")
    OUTCOME = "outcome", N_("判定结果不同")
    WORDING = "wording", N_("结果相同，说明文字不同")
    REFUSED = "refused", N_("一次能判定，另一次不能")
    RANGE = "range", N_("企业范围不同")


class EligibilityReplay(Base):
    """One replay of a list.

    ``reached`` is the last firm that was judged again, so that it goes on where it stopped; ``done`` of ``total`` firms
    are through, ``same`` of them agree to the last sign. ``list_digest`` is the SHA-256 over the digests of all
    verdicts of the list, by firm, and ``digest`` the same of what came out again. A result when ``is_complete``.
    """

    __tablename__ = "eligibility_replay"

    id: Mapped[Key]
    list_id: Mapped[int] = mapped_column(ForeignKey("eligibility_list.id", ondelete="RESTRICT"), index=True)
    reached: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(String(64), default="")
    list_digest: Mapped[str] = mapped_column(String(64), default="")
    is_complete: Mapped[bool] = mapped_column(default=False)
    job_id: Mapped[int | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    created_by_name: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[CreatedAt]
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReplayDifference(Base):
    """A firm that did not come out exactly as on the list.

    ``told`` are rows ``{"what", "then", "again", "why"}``, texts for people; ``verdict_id`` is null for a firm that is
    on one side only.
    """

    __tablename__ = "replay_difference"
    __table_args__ = (Index("ix_replay_difference_replay_id_id", "replay_id", "id"),)

    id: Mapped[Key]
    replay_id: Mapped[int] = mapped_column(ForeignKey("eligibility_replay.id", ondelete="CASCADE"))
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), index=True, info={"merge": "keep"})
    verdict_id: Mapped[int | None] = mapped_column(ForeignKey("verdict.id", ondelete="RESTRICT"))
    kind: Mapped[Difference] = mapped_column(ChoiceText(Difference))
    told: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
