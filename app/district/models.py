"""What a survey of the district found: the way of every firm one clause short by substance, and how soon it leads."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.eligibility.reach.levers import Who
from app.eligibility.reach.plan import Found


class DistrictSurvey(Base):
    """The ways of all firms of a run that are one clause short by substance, worked out in the background.

    ``waiting`` are ``[firm, edition]`` in the order in which they are worked out, ``done`` how many are. ``today`` is
    the day from which lead times count. Ways are shown when ``is_complete``; a survey is never changed after that.
    """

    __tablename__ = "district_survey"

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("eligibility_run.id", ondelete="CASCADE"), index=True)
    today: Mapped[date] = mapped_column(Date)
    waiting: Mapped[list[Any]] = mapped_column(JSON, default=list)
    done: Mapped[int] = mapped_column(default=0)
    is_complete: Mapped[bool] = mapped_column(default=False)
    job_id: Mapped[int | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    created_by_name: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[CreatedAt]
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DistrictGain(Base):
    """One firm under one edition: the least costly way to what it is short of, as it was worked out.

    ``closes_on`` is the end of the next time of intake, null where none is entered; ``in_time`` whether the way leads
    there by then, ``turns_year`` whether only after the turn of the year. ``steps`` are the steps in words, ``why``
    what stands in their way where there is no way.
    """

    __tablename__ = "district_gain"
    __table_args__ = (Index("uq_district_gain", "survey_id", "firm_id", "edition_id", unique=True),)

    id: Mapped[Key]
    survey_id: Mapped[int] = mapped_column(ForeignKey("district_survey.id", ondelete="CASCADE"))
    firm_id: Mapped[int] = mapped_column(
        ForeignKey("firm.id", ondelete="CASCADE"), index=True, info={"merge": "keep", "by_machine": True}
    )
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    clause: Mapped[str] = mapped_column(String(40), default="")
    short: Mapped[str] = mapped_column(String(400), default="")
    found: Mapped[Found] = mapped_column(ChoiceText(Found))
    effort: Mapped[int]
    ready_on: Mapped[date] = mapped_column(Date)
    closes_on: Mapped[date | None] = mapped_column(Date)
    in_time: Mapped[bool]
    is_correction: Mapped[bool]
    turns_year: Mapped[bool]
    who: Mapped[Who] = mapped_column(ChoiceText(Who))
    steps: Mapped[list[Any]] = mapped_column(JSON, default=list)
    why: Mapped[str] = mapped_column(String(400), default="")
