"""What the four lines share: enrolment, stage and every move between stages."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key
from app.core.db import Base
from app.core.text import N_


class Programme(Choice):
    """The four lines of cultivation (培育专项)."""

    DOUBLING = "doubling", N_("倍增计划")
    CULTIVATION = "cultivation", N_("高企培育库")
    RD_INSTITUTIONS = "rd_institutions", N_("研发机构覆盖")
    DIGITAL = "digital", N_("数字化转型")


class Enrolment(Base):
    """A firm takes part in a line, in a stage (codes in ``catalogue.STAGES``); closed when ``left_on`` is set."""

    __tablename__ = "enrolment"
    __table_args__ = (
        Index(
            "uq_enrolment_open",
            "firm_id",
            "programme",
            unique=True,
            sqlite_where=text("left_on IS NULL"),
            postgresql_where=text("left_on IS NULL"),
        ),
        Index("ix_enrolment_programme_stage", "programme", "stage"),
    )

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(
        ForeignKey("firm.id", ondelete="RESTRICT"), index=True, info={"merge": "move", "conflict": "refuse"}
    )
    programme: Mapped[Programme] = mapped_column(ChoiceText(Programme))
    stage: Mapped[str] = mapped_column(String(40))
    caseworker_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    entered_on: Mapped[date] = mapped_column(Date)
    entry_reason: Mapped[str] = mapped_column(Text)
    left_on: Mapped[date | None] = mapped_column(Date)
    exit_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class StageMove(Base):
    """One move of an enrolment from stage to stage, with reason and person."""

    __tablename__ = "stage_move"

    id: Mapped[Key]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"), index=True)
    from_stage: Mapped[str] = mapped_column(String(40))
    to_stage: Mapped[str] = mapped_column(String(40))
    moved_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text, default="")
    moved_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    moved_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
