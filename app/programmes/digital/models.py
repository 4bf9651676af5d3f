"""Assessed levels of digital transformation; the newest one counts, older ones stay readable."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, ExactDecimal, Key
from app.core.db import Base
from app.core.text import N_


class DigitalLevel(Choice):
    """Levels of the 中小企业数字化水平评测指标 (2022 and 2024 editions)."""

    BELOW = "0", N_("未达一级")
    ONE = "1", N_("一级")
    TWO = "2", N_("二级")
    THREE = "3", N_("三级")
    FOUR = "4", N_("四级")


class DigitalSource(Choice):
    """Who says so."""

    PLATFORM = "platform", N_("评测平台结果")
    DIAGNOSIS = "diagnosis", N_("服务商诊断报告")
    ACCEPTANCE = "acceptance", N_("改造项目验收")
    SELF = "self", N_("企业自评")


class DigitalAssessment(Base):
    """One assessment of a firm: level, score if given, who assessed, when, which document says so."""

    __tablename__ = "digital_assessment"
    __table_args__ = (Index("ix_digital_assessment_firm_id_assessed_on", "firm_id", "assessed_on"),)

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), info={"merge": "move"})
    level: Mapped[DigitalLevel] = mapped_column(ChoiceText(DigitalLevel), index=True)
    score: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    source_kind: Mapped[DigitalSource] = mapped_column(ChoiceText(DigitalSource))
    source: Mapped[str] = mapped_column(String(300))
    assessed_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text, default="")
    created_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
