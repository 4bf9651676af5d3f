"""What the office assumes beside the law: how figures can change, and when applications are taken."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.eligibility.reach.levers import Direction, Means, Who


class LeverSetting(Base):
    """The office's own working assumption about one figure, in the place of the one in levers.toml.

    Days are calendar days, ``correct_days`` null where a year that is over is not worked on; ``effort`` is 1 to 5.
    """

    __tablename__ = "lever_setting"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(60), unique=True)
    means: Mapped[Means] = mapped_column(ChoiceText(Means))
    who: Mapped[Who] = mapped_column(ChoiceText(Who))
    direction: Mapped[Direction] = mapped_column(ChoiceText(Direction))
    lead_days: Mapped[int]
    correct_days: Mapped[int | None]
    effort: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    changed_by_name: Mapped[str] = mapped_column(String(60))
    changed_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Intake(Base):
    """A time in which applications of a programme are taken (申报批次), both days inclusive, as a notice says it.

    Never deleted: one entered by mistake or called off is withdrawn with the reason.
    """

    __tablename__ = "intake"
    __table_args__ = (Index("ix_intake_programme_closes_on", "programme", "closes_on"),)

    id: Mapped[Key]
    programme: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(80))
    opens_on: Mapped[date] = mapped_column(Date)
    closes_on: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(200))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    created_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by_name: Mapped[str] = mapped_column(String(60), default="")
    withdrawn_why: Mapped[str] = mapped_column(String(300), default="")
